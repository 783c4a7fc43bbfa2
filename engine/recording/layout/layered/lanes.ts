import type { FlatGraph, ProperGraph, Ranks } from "./flatTypes.ts";
import { spacing } from "./types.ts";

/** Vertical lines beside the drawing for edges too long to pass between the boxes. */
export interface Lanes {
  /** The x of each pin's lane; NaN for a pin without one. */
  readonly x: Float64Array;
  readonly leftmost: number;
  readonly rightmost: number;
  /** Room above and below the drawing for a turn. */
  readonly turn: number;
}

/** Gives each pin with long edges a lane on its nearer side; pins that do not overlap share one. */
export function assignLanes(graph: FlatGraph, ranks: Ranks, proper: ProperGraph, x: Float64Array): Lanes {
  let leftmost = Number.POSITIVE_INFINITY;
  let rightmost = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < proper.vertexCount; v++) {
    leftmost = Math.min(leftmost, x[v] - Math.max(0, proper.left[v]));
    rightmost = Math.max(rightmost, x[v] + Math.max(0, proper.right[v]));
  }

  const laneX = new Float64Array(graph.pinCount).fill(Number.NaN);
  const middle = (leftmost + rightmost) / 2;
  const spans = pinSpans(graph, ranks, proper);
  const left = stackSpans(spans.filter((span) => x[span.source] < middle));
  const right = stackSpans(spans.filter((span) => x[span.source] >= middle));
  for (const { pin, lane } of left.placed) laneX[pin] = leftmost - spacing.lane * (lane + 1.5);
  for (const { pin, lane } of right.placed) laneX[pin] = rightmost + spacing.lane * (lane + 1.5);
  return {
    x: laneX,
    leftmost: leftmost - roomFor(left.lanes),
    rightmost: rightmost + roomFor(right.lanes),
    turn: spans.length > 0 ? spacing.layer : 0,
  };
}

function roomFor(lanes: number): number {
  return lanes === 0 ? 0 : spacing.lane * (lanes + 1);
}

interface Span {
  readonly pin: number;
  readonly source: number;
  first: number;
  last: number;
}

function pinSpans(graph: FlatGraph, ranks: Ranks, proper: ProperGraph): Span[] {
  const spans = new Map<number, Span>();
  for (let e = 0; e < graph.from.length; e++) {
    if (proper.inLane[e] === 0) continue;
    const from = ranks.rank[graph.from[e]];
    const to = ranks.rank[graph.to[e]];
    const pin = graph.pin[e];
    const span = spans.get(pin) ?? { pin, source: graph.from[e], first: from, last: from };
    span.first = Math.min(span.first, to, from);
    span.last = Math.max(span.last, to, from);
    spans.set(pin, span);
  }
  return [...spans.values()];
}

/** Short spans get the inner lanes; a lane is free again below the span that used it. */
function stackSpans(spans: Span[]): { placed: { pin: number; lane: number }[]; lanes: number } {
  const free: number[] = [];
  const byTop = [...spans].sort((a, b) => a.first - b.first || a.last - b.last || a.pin - b.pin);
  const placed = byTop.map((span) => {
    const reusable = free.findIndex((end) => end < span.first);
    const lane = reusable >= 0 ? reusable : free.length;
    free[lane] = span.last;
    return { pin: span.pin, lane };
  });
  return { placed, lanes: free.length };
}
