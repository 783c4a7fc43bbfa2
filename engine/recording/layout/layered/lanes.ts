import type { FlatGraph, ProperGraph, Ranks } from "./flatTypes.ts";
import { spacing } from "./types.ts";

/** All lanes of one side together are at most this wide. */
const widestLanes = 720;

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
  for (const [pin, lane] of left.laneOf) laneX[pin] = leftmost - spacing.lane - left.distance * lane;
  for (const [pin, lane] of right.laneOf) laneX[pin] = rightmost + spacing.lane + right.distance * lane;
  return {
    x: laneX,
    leftmost: leftmost - roomFor(left),
    rightmost: rightmost + roomFor(right),
    turn: spans.length > 0 ? spacing.layer : 0,
  };
}

function roomFor({ lanes, distance }: Stacked): number {
  return lanes === 0 ? 0 : spacing.lane + distance * lanes;
}

interface Stacked {
  readonly laneOf: Map<number, number>;
  readonly distance: number;
  readonly lanes: number;
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

/** Sweeps from the top; a lane is free again below the span that used it. */
function stackSpans(spans: Span[]): Stacked {
  const byTop = [...spans].sort((a, b) => a.first - b.first || a.last - b.last || a.pin - b.pin);
  const byBottom = [...spans].sort((a, b) => a.last - b.last || a.pin - b.pin);
  const laneOf = new Map<number, number>();
  const free: number[] = [];
  let lanes = 0;
  let ended = 0;
  for (const span of byTop) {
    for (; ended < byBottom.length && byBottom[ended].last < span.first; ended++) {
      const lane = laneOf.get(byBottom[ended].pin);
      if (lane !== undefined) free.push(lane);
    }
    laneOf.set(span.pin, free.pop() ?? lanes++);
  }
  // A thousand lanes at full distance would be wider than the drawing.
  return { laneOf, distance: Math.min(spacing.lane, widestLanes / Math.max(1, lanes)), lanes };
}
