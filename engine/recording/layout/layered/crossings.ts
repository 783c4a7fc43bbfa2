import type { Order, ProperGraph } from "./flatTypes.ts";

/** Counts, for the layers of a graph, how often segments cross. Keeps its scratch memory between calls. */
export class CrossingCounter {
  readonly #graph: ProperGraph;
  readonly #tree: Int32Array;
  readonly #targets: Float64Array;

  constructor(graph: ProperGraph, widestLayer: number) {
    this.#graph = graph;
    this.#tree = new Int32Array(widestLayer + 2);
    this.#targets = new Float64Array(largestDegree(graph));
  }

  /** Crossings between all neighbouring layers; stops counting once they exceed `limit`. */
  total(order: Order, limit: number): number {
    let sum = 0;
    for (let layer = 0; layer + 2 < order.start.length && sum <= limit; layer++) sum += this.#below(order, layer);
    return sum;
  }

  /** Walks one layer from left to right and asks a binary indexed tree how many earlier segments end further right. */
  #below(order: Order, layer: number): number {
    const size = order.start[layer + 2] - order.start[layer + 1];
    this.#tree.fill(0, 0, size + 1);
    let crossings = 0;
    let seen = 0;
    for (let i = order.start[layer]; i < order.start[layer + 1]; i++) {
      const ends = this.#sortedEnds(order, order.item[i]);
      for (let k = 0; k < ends; k++) crossings += seen - this.#countUpTo(this.#targets[k]);
      for (let k = 0; k < ends; k++) this.#add(this.#targets[k], size);
      seen += ends;
    }
    return crossings;
  }

  #sortedEnds(order: Order, vertex: number): number {
    const { down, segmentTo } = this.#graph;
    const count = down.start[vertex + 1] - down.start[vertex];
    for (let k = 0; k < count; k++) {
      this.#targets[k] = order.position[segmentTo[down.item[down.start[vertex] + k]]];
    }
    if (count > 1) this.#targets.subarray(0, count).sort();
    return count;
  }

  #countUpTo(position: number): number {
    let sum = 0;
    for (let i = position + 1; i > 0; i -= i & -i) sum += this.#tree[i];
    return sum;
  }

  #add(position: number, size: number): void {
    for (let i = position + 1; i <= size; i += i & -i) this.#tree[i]++;
  }
}

function largestDegree({ vertexCount, down }: ProperGraph): number {
  let largest = 0;
  for (let v = 0; v < vertexCount; v++) largest = Math.max(largest, down.start[v + 1] - down.start[v]);
  return largest;
}
