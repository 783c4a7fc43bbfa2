import { assignX } from "./coordinates.ts";
import type { FlatGraph, FlatResult } from "./flatTypes.ts";
import { assignLanes } from "./lanes.ts";
import { orderLayers } from "./order.ts";
import { assignRanks } from "./ranks.ts";
import { routeEdges } from "./routes.ts";
import { placeInRows, stackLayers } from "./rows.ts";
import { cutIntoSegments } from "./trunks.ts";
import type { Checkpoint } from "./types.ts";

/** Lays out one graph without nesting: layers, order, coordinates, routes. */
export function layoutFlat(graph: FlatGraph, checkpoint: Checkpoint): FlatResult {
  if (graph.count === 0) return emptyResult;
  const ranks = assignRanks(graph);
  const proper = cutIntoSegments(graph, ranks);
  const order = orderLayers(proper, ranks.layers, (done) => checkpoint(done * 0.6));
  const x = assignX(proper, order, (done) => checkpoint(0.6 + done * 0.3));

  const lanes = assignLanes(graph, ranks, proper, x);
  for (let v = 0; v < x.length; v++) x[v] -= lanes.leftmost;
  for (let p = 0; p < lanes.x.length; p++) lanes.x[p] -= lanes.leftmost;
  const rows = stackLayers(graph, ranks, proper, x);
  const needsTurn = proper.inLane.some((inLane, e) => inLane === 1 && ranks.rank[graph.to[e]] === 0);
  if (needsTurn) shiftDown(rows, lanes.turn);
  const y = placeInRows(graph, ranks, rows);

  const routes = routeEdges(graph, ranks, proper, lanes, { x, y, rows });
  const turnBelow = proper.inLane.some((inLane, e) => inLane === 1 && ranks.rank[graph.from[e]] === ranks.layers - 1);
  return {
    x: x.slice(0, graph.count),
    y,
    ...routes,
    width: lanes.rightmost - lanes.leftmost,
    height: rows.bottom[ranks.layers - 1] + (turnBelow ? lanes.turn : 0),
  };
}

function shiftDown(rows: { top: Float64Array; bottom: Float64Array }, distance: number): void {
  for (let r = 0; r < rows.top.length; r++) {
    rows.top[r] += distance;
    rows.bottom[r] += distance;
  }
}

const emptyResult: FlatResult = {
  x: new Float64Array(0),
  y: new Float64Array(0),
  pathStart: new Int32Array(1),
  path: new Float64Array(0),
  width: 0,
  height: 0,
};
