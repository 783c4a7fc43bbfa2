import type { Timeline } from "./timeline.ts";

/** Which span contains which over all lanes of a thread, and what of its time each span has to itself. */
export interface Nesting {
  /** The innermost span around each; -1 at the outside. */
  readonly parent: Int32Array;
  /** Milliseconds without what ran inside. */
  readonly self: Float64Array;
  /** All spans, thread by thread, each thread in order of time, what contains before what is contained. */
  readonly order: Uint32Array;
}

/** How spans of several lanes contain each other: a module its ops, `backward` its nodes, an optimizer's step its ops. */
export function nestingOf(timeline: Timeline): Nesting {
  const { count, start, end } = timeline;
  const nesting = {
    parent: new Int32Array(count).fill(-1),
    self: new Float64Array(count),
    order: new Uint32Array(count),
  };
  for (let i = 0; i < count; i++) nesting.self[i] = end[i] - start[i];
  const first = firstOfLanes(timeline);
  const threads = new Map<number, number[]>();
  timeline.lanes.forEach(({ thread }, lane) => {
    threads.set(thread, [...(threads.get(thread) ?? []), lane]);
  });
  let done = 0;
  for (const lanes of threads.values()) done = sweep(timeline, nesting, lanes, first, done);
  return nesting;
}

/** Where each lane's spans begin in the arrays; one more for the end. */
export function firstOfLanes({ count, lane, lanes }: Timeline): Uint32Array {
  const first = new Uint32Array(lanes.length + 1);
  for (let i = 0; i < count; i++) first[lane[i] + 1]++;
  for (let l = 0; l < lanes.length; l++) first[l + 1] += first[l];
  return first;
}

/** Goes through the spans of some lanes in order of time, with a stack of those that are open. Gives how many spans are done. */
function sweep(
  timeline: Timeline,
  { parent, self, order }: Nesting,
  lanes: readonly number[],
  first: Uint32Array,
  before: number,
): number {
  const { start, end } = timeline;
  const next = lanes.map((lane) => first[lane]);
  const last = lanes.map((lane) => first[lane + 1]);
  const open: number[] = [];
  for (let done = before; ; done++) {
    let from = -1;
    for (let i = 0; i < next.length; i++)
      if (next[i] < last[i] && (from === -1 || isBefore(timeline, next[i], next[from]))) from = i;
    if (from === -1) return done;
    const span = next[from]++;
    order[done] = span;
    while (open.length > 0 && end[open[open.length - 1]] <= start[span]) open.pop();
    if (open.length > 0) {
      parent[span] = open[open.length - 1];
      self[parent[span]] -= end[span] - start[span];
    }
    open.push(span);
  }
}

/** What starts first and, of two that start together, lasts longer; else what stands in the earlier lane. */
const isBefore = ({ start, end }: Timeline, a: number, b: number): boolean =>
  start[a] < start[b] || (start[a] === start[b] && end[a] > end[b]);
