import { type FlatGraph, type ProperGraph, type Ranks, vertexKind } from "./flatTypes.ts";
import { spacing } from "./types.ts";

/** The vertical room of every layer: boxes stand between top and bottom, edges bend between a bottom and the next top. */
export interface Rows {
  readonly top: Float64Array;
  readonly bottom: Float64Array;
}

/** Stacks the layers; where edges go far sideways or many bend, there is more room for them. */
export function stackLayers(graph: FlatGraph, ranks: Ranks, proper: ProperGraph, x: Float64Array): Rows {
  const top = new Float64Array(ranks.layers);
  const bottom = new Float64Array(ranks.layers);
  const gaps = gapHeights(ranks.layers, proper, x);
  const tallest = new Float64Array(ranks.layers);
  for (let v = 0; v < graph.count; v++) tallest[ranks.rank[v]] = Math.max(tallest[ranks.rank[v]], graph.height[v]);
  // Entries and exits stand on the frame itself: what is inside need not keep a whole layer's distance from them.
  const atFrame = spacing.frameEntry - spacing.layer;
  if (graph.kind.includes(vertexKind.entry) && ranks.layers > 1) gaps[0] += atFrame;
  if (graph.kind.includes(vertexKind.exit) && ranks.layers > 2) gaps[ranks.layers - 2] += atFrame;

  let y = 0;
  for (let r = 0; r < ranks.layers; r++) {
    top[r] = y;
    bottom[r] = y + tallest[r];
    y = bottom[r] + gaps[r];
  }
  return { top, bottom };
}

function gapHeights(layers: number, proper: ProperGraph, x: Float64Array): Float64Array {
  const bends = new Int32Array(layers);
  const widest = new Float64Array(layers);
  for (let s = 0; s < proper.segmentFrom.length; s++) {
    const from = proper.segmentFrom[s];
    const to = proper.segmentTo[s];
    const sideways = Math.abs(x[to] + proper.segmentToOffset[s] - x[from] - proper.segmentFromOffset[s]);
    if (sideways < 1) continue;
    bends[proper.rank[from]]++;
    widest[proper.rank[from]] = Math.max(widest[proper.rank[from]], sideways);
  }
  return widest.map((sideways, r) => spacing.layer + Math.min(70, 0.07 * sideways) + Math.min(20, 2 * bends[r]));
}

/** The top of every box inside its layer: inputs stand low, near their consumer; results high; everything else in the middle. */
export function placeInRows(graph: FlatGraph, ranks: Ranks, rows: Rows): Float64Array {
  const y = new Float64Array(graph.count);
  for (let v = 0; v < graph.count; v++) {
    const r = ranks.rank[v];
    const spare = rows.bottom[r] - rows.top[r] - graph.height[v];
    const isSource = ranks.incoming.start[v] === ranks.incoming.start[v + 1];
    const isSink = ranks.outgoing.start[v] === ranks.outgoing.start[v + 1];
    y[v] = rows.top[r] + (isSource && !isSink ? spare : isSink && !isSource ? 0 : spare / 2);
  }
  return y;
}
