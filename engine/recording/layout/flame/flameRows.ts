import type { Timeline } from "../../queries/profile/timeline.ts";

/** What a flame chart draws: the spans of a timeline, or of something that has the shape of one. */
export type FlameSpans = Omit<Timeline, "link" | "event">;

/**
 * The spans of a timeline by rows: one row for each depth of each lane, in which spans lie side by side. Whatever is in sight is found
 * by halving, and how much of a stretch is busy by subtracting two sums.
 */
export interface FlameRows {
  readonly spans: FlameSpans;
  readonly count: number;
  /** Where each row begins in `span`; one more for the end. */
  readonly first: Uint32Array;
  /** Spans by row, then by start. */
  readonly span: Uint32Array;
  /** Milliseconds of the spans before each one in `span`; one more for the end. */
  readonly busy: Float64Array;
  /** The first row of each lane; one more for the end. */
  readonly firstOfLane: Uint32Array;
  readonly laneOfRow: Uint16Array;
}

/** Sorts spans into rows: linear, in place of a tree. */
export function flameRows(spans: FlameSpans): FlameRows {
  const firstOfLane = rowsOfLanes(spans);
  const count = firstOfLane[spans.lanes.length];
  const first = new Uint32Array(count + 1);
  for (let i = 0; i < spans.count; i++) first[rowOf(spans, firstOfLane, i) + 1]++;
  for (let row = 0; row < count; row++) first[row + 1] += first[row];
  const span = new Uint32Array(spans.count);
  const next = first.slice();
  for (let i = 0; i < spans.count; i++) span[next[rowOf(spans, firstOfLane, i)]++] = i;
  const laneOfRow = new Uint16Array(count);
  for (let lane = 0; lane < spans.lanes.length; lane++) laneOfRow.fill(lane, firstOfLane[lane], firstOfLane[lane + 1]);
  return { spans, count, first, span, busy: busySums(spans, span), firstOfLane, laneOfRow };
}

/** The row that a span lies in. */
export function rowOfSpan({ spans, firstOfLane }: FlameRows, span: number): number {
  return rowOf(spans, firstOfLane, span);
}

/** The place in `span` of the first one of a row that ends after a time; the row's end when none does. */
export function firstEndingAfter({ spans, span, first }: FlameRows, row: number, time: number): number {
  return searchEnd(spans.end, span, first[row], first[row + 1], time);
}

/** The span of a row at a time; -1 where there is none. Looks `slack` milliseconds to either side for the nearest. */
export function spanAt(rows: FlameRows, row: number, time: number, slack: number): number {
  const { spans, span, first } = rows;
  const at = firstEndingAfter(rows, row, time);
  let best = -1;
  let distance = slack;
  for (let i = Math.max(first[row], at - 1); i <= Math.min(at, first[row + 1] - 1); i++) {
    const away = Math.max(0, spans.start[span[i]] - time, time - spans.end[span[i]]);
    if (away > distance) continue;
    best = span[i];
    distance = away;
  }
  return best;
}

/** How many spans of a row touch a stretch of time, and how much of it they fill. */
export function stretchOf(rows: FlameRows, row: number, from: number, to: number): { count: number; busy: number } {
  const { first, busy } = rows;
  const begin = firstEndingAfter(rows, row, from);
  const { start } = rows.spans;
  let end = begin;
  let high = first[row + 1];
  while (end < high) {
    const middle = (end + high) >> 1;
    if (start[rows.span[middle]] < to) end = middle + 1;
    else high = middle;
  }
  return { count: end - begin, busy: Math.min(to - from, busy[end] - busy[begin]) };
}

/** Counts, before each place of `span`, the spans that a test accepts; what is searched for is found in a stretch by subtracting. */
export function countSums({ span }: FlameRows, accepts: (span: number) => boolean): Uint32Array {
  const sums = new Uint32Array(span.length + 1);
  for (let i = 0; i < span.length; i++) sums[i + 1] = sums[i] + (accepts(span[i]) ? 1 : 0);
  return sums;
}

/** The span around another in its lane, or the first one inside it; -1 when there is none. */
export function neighbourAcross(rows: FlameRows, span: number, by: 1 | -1): number {
  const row = rowOfSpan(rows, span) + by;
  const lane = rows.spans.lane[span];
  if (row < rows.firstOfLane[lane] || row >= rows.firstOfLane[lane + 1]) return neighbourLane(rows, span, by);
  const { start, end } = rows.spans;
  if (by < 0) return spanAt(rows, row, start[span], 0);
  const at = firstEndingAfter(rows, row, start[span]);
  const inner = at < rows.first[row + 1] ? rows.span[at] : -1;
  return inner >= 0 && start[inner] < end[span] ? inner : neighbourLane(rows, span, by);
}

/** The span before or after another in its row; -1 at the ends. */
export function neighbourInRow(rows: FlameRows, span: number, by: 1 | -1): number {
  const row = rowOfSpan(rows, span);
  const at = placeInRow(rows, row, span) + by;
  return at < rows.first[row] || at >= rows.first[row + 1] ? -1 : rows.span[at];
}

/** What the next lane up or down shows at the same time, or soonest after it. */
function neighbourLane(rows: FlameRows, span: number, by: 1 | -1): number {
  const { spans, firstOfLane, first } = rows;
  const lane = spans.lane[span] + by;
  if (lane < 0 || lane >= spans.lanes.length) return -1;
  const row = by > 0 ? firstOfLane[lane] : firstOfLane[lane + 1] - 1;
  const at = firstEndingAfter(rows, row, spans.start[span]);
  return rows.span[Math.min(at, first[row + 1] - 1)];
}

function placeInRow({ spans, span: order, first }: FlameRows, row: number, span: number): number {
  let low = first[row];
  let high = first[row + 1];
  // Spans that begin together and last no time stand in the order of their numbers.
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = order[middle];
    const isBefore =
      spans.start[other] < spans.start[span] || (spans.start[other] === spans.start[span] && other < span);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowOf({ lane, depth }: FlameSpans, firstOfLane: Uint32Array, span: number): number {
  return firstOfLane[lane[span]] + depth[span];
}

function rowsOfLanes({ count, lane, depth, lanes }: FlameSpans): Uint32Array {
  const firstOfLane = new Uint32Array(lanes.length + 1);
  for (let i = 0; i < count; i++) if (depth[i] >= firstOfLane[lane[i] + 1]) firstOfLane[lane[i] + 1] = depth[i] + 1;
  for (let l = 0; l < lanes.length; l++) firstOfLane[l + 1] += firstOfLane[l];
  return firstOfLane;
}

function busySums({ start, end }: FlameSpans, span: Uint32Array): Float64Array {
  const busy = new Float64Array(span.length + 1);
  for (let i = 0; i < span.length; i++) busy[i + 1] = busy[i] + (end[span[i]] - start[span[i]]);
  return busy;
}

function searchEnd(end: Float64Array, span: Uint32Array, from: number, to: number, time: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end[span[middle]] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
