import { type Order, type ProperGraph, straightness } from "./flatTypes.ts";

/** Vertices that share one vertical line: moving a block keeps its chain straight. */
export interface Blocks {
  readonly count: number;
  /** The block of each vertex. */
  readonly of: Int32Array;
  /** The anchor of a vertex relative to its block's line: edges that leave a box beside its anchor shift what follows. */
  readonly shift: Float64Array;
}

/**
 * Chooses which segments become vertical: the line of the computation first, then trunks, then their ends. Chosen segments
 * never cross, so blocks of neighbouring layers can always be ordered from left to right.
 */
export function buildBlocks(graph: ProperGraph, order: Order): Blocks {
  const { below, segmentBelow } = alignVertices(graph, order);
  const of = new Int32Array(graph.vertexCount).fill(-1);
  const shift = new Float64Array(graph.vertexCount);
  let count = 0;
  // Layer by layer from the top, so that a block is entered at its topmost vertex.
  for (const top of order.item) {
    if (of[top] >= 0) continue;
    of[top] = count;
    for (let v = top; below[v] >= 0; v = below[v]) {
      const segment = segmentBelow[v];
      of[below[v]] = count;
      shift[below[v]] = shift[v] + graph.segmentFromOffset[segment] - graph.segmentToOffset[segment];
    }
    count++;
  }
  return { count, of, shift };
}

interface Alignment {
  readonly below: Int32Array;
  readonly segmentBelow: Int32Array;
  readonly above: Int32Array;
}

function alignVertices(graph: ProperGraph, order: Order): Alignment {
  const alignment = {
    below: new Int32Array(graph.vertexCount).fill(-1),
    segmentBelow: new Int32Array(graph.vertexCount).fill(-1),
    above: new Int32Array(graph.vertexCount).fill(-1),
  };
  const rightBound = new Int32Array(graph.vertexCount);
  for (let layer = 0; layer + 2 < order.start.length; layer++) {
    for (let wish = straightness.spine; wish <= straightness.end; wish++) {
      alignLayer(graph, order, layer, wish, alignment, rightBound);
    }
  }
  return alignment;
}

/**
 * One pass over a layer for one class of segments: accepts what crosses neither a segment of an earlier class nor one accepted
 * further left in this pass.
 */
function alignLayer(
  graph: ProperGraph,
  order: Order,
  layer: number,
  wish: number,
  alignment: Alignment,
  rightBound: Int32Array,
): void {
  const { start, item, position } = order;
  let bound = start[layer + 2] - start[layer + 1];
  for (let i = start[layer + 1] - 1; i >= start[layer]; i--) {
    const v = item[i];
    rightBound[v] = bound;
    if (alignment.below[v] >= 0) bound = position[alignment.below[v]];
  }

  let leftBound = -1;
  for (let i = start[layer]; i < start[layer + 1]; i++) {
    const v = item[i];
    if (alignment.below[v] < 0) acceptBest(graph, v, wish, leftBound, rightBound[v], position, alignment);
    if (alignment.below[v] >= 0) leftBound = position[alignment.below[v]];
  }
}

function acceptBest(
  graph: ProperGraph,
  v: number,
  wish: number,
  leftBound: number,
  rightBound: number,
  position: Int32Array,
  alignment: Alignment,
): void {
  for (let k = graph.down.start[v]; k < graph.down.start[v + 1]; k++) {
    const segment = graph.down.item[k];
    const target = graph.segmentTo[segment];
    if (graph.segmentClass[segment] !== wish || alignment.above[target] >= 0) continue;
    if (position[target] <= leftBound || position[target] >= rightBound) continue;
    alignment.below[v] = target;
    alignment.segmentBelow[v] = segment;
    alignment.above[target] = v;
    return;
  }
}
