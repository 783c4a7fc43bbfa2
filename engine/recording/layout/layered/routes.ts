import type { FlatGraph, ProperGraph, Ranks } from "./flatTypes.ts";
import type { Lanes } from "./lanes.ts";
import { PathWriter } from "./pathWriter.ts";
import type { Rows } from "./rows.ts";

/** Where the boxes of a flat graph ended up, with the passing points' x after them. */
export interface Placement {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rows: Rows;
}

/** Writes every edge as few points: vertical through the layers, one S curve per gap where its x changes. */
export function routeEdges(
  graph: FlatGraph,
  ranks: Ranks,
  proper: ProperGraph,
  lanes: Lanes,
  placement: Placement,
): { pathStart: Int32Array; path: Float64Array } {
  const pathStart = new Int32Array(graph.from.length + 1);
  const writer = new PathWriter();
  for (let e = 0; e < graph.from.length; e++) {
    writer.begin();
    startAtBox(writer, graph, e, placement);
    if (proper.inLane[e] === 1) alongLane(writer, ranks, graph, e, lanes, placement);
    else alongTrunk(writer, ranks, graph, e, proper, placement);
    endAtBox(writer, graph, e, placement);
    pathStart[e + 1] = writer.pointCount;
  }
  return { pathStart, path: writer.toArray() };
}

function startAtBox(writer: PathWriter, graph: FlatGraph, e: number, { x, y }: Placement): void {
  const from = graph.from[e];
  writer.lineTo(x[from] + graph.fromOffset[e], y[from] + graph.height[from]);
}

function endAtBox(writer: PathWriter, graph: FlatGraph, e: number, { x, y }: Placement): void {
  const to = graph.to[e];
  writer.lineTo(x[to] + graph.toOffset[e], y[to]);
}

function alongTrunk(
  writer: PathWriter,
  ranks: Ranks,
  graph: FlatGraph,
  e: number,
  proper: ProperGraph,
  { x, rows }: Placement,
): void {
  const first = ranks.rank[graph.from[e]];
  const last = ranks.rank[graph.to[e]];
  const point = proper.trunkFirst[graph.pin[e]] - first - 1;
  let at = x[graph.from[e]] + graph.fromOffset[e];
  for (let r = first + 1; r <= last; r++) {
    const next = r === last ? x[graph.to[e]] + graph.toOffset[e] : x[point + r];
    writer.lineTo(at, rows.bottom[r - 1]);
    writer.lineTo(next, rows.top[r]);
    at = next;
  }
}

function alongLane(
  writer: PathWriter,
  ranks: Ranks,
  graph: FlatGraph,
  e: number,
  lanes: Lanes,
  { x, rows }: Placement,
): void {
  const first = ranks.rank[graph.from[e]];
  const last = ranks.rank[graph.to[e]];
  const lane = lanes.x[graph.pin[e]];
  writer.lineTo(x[graph.from[e]] + graph.fromOffset[e], rows.bottom[first]);
  writer.lineTo(lane, first + 1 < rows.top.length ? rows.top[first + 1] : rows.bottom[first] + lanes.turn);
  writer.lineTo(lane, last > 0 ? rows.bottom[last - 1] : rows.top[0] - lanes.turn);
  writer.lineTo(x[graph.to[e]] + graph.toOffset[e], rows.top[last]);
}
