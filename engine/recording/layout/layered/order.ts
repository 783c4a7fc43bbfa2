import { groupByKey } from "./adjacency.ts";
import { CrossingCounter } from "./crossings.ts";
import type { Order, ProperGraph } from "./flatTypes.ts";
import type { Checkpoint } from "./types.ts";

/** More vertices than this, and swapping neighbours one by one costs more than it gains. */
const largestForSwaps = 4000;

/** Orders every layer so that few segments cross: sweeps down and up, each vertex to the mean place of its neighbours; the best order wins. */
export function orderLayers(graph: ProperGraph, layers: number, checkpoint: Checkpoint): Order {
  const order = firstOrder(graph, layers);
  const counter = new CrossingCounter(graph, widestLayer(order));
  const sweeper = new Sweeper(graph, order);
  let fewest = counter.total(order, Number.POSITIVE_INFINITY);
  let best = order.item.slice();
  let fruitless = 0;

  const sweeps = graph.vertexCount > 20_000 ? 6 : 16;
  for (let sweep = 0; sweep < sweeps && fewest > 0 && fruitless < 4; sweep++) {
    checkpoint(sweep / sweeps);
    if (sweep % 2 === 0) sweeper.down();
    else sweeper.up();
    const crossings = counter.total(order, fewest);
    if (crossings < fewest) {
      fewest = crossings;
      best = order.item.slice();
      fruitless = 0;
    } else {
      fruitless++;
    }
  }
  order.item.set(best);
  renumber(order);
  if (fewest > 0 && graph.vertexCount <= largestForSwaps) swapNeighbours(graph, order, checkpoint);
  return order;
}

/** Depth first from the results up to the inputs, so that what is computed together stands together. */
function firstOrder(graph: ProperGraph, layers: number): Order {
  const { start } = groupByKey(layers, graph.rank);
  const order = { start, item: new Int32Array(graph.vertexCount), position: new Int32Array(graph.vertexCount) };
  const filled = start.slice(0, layers);
  const seen = new Uint8Array(graph.vertexCount);
  const stack: number[] = [];
  for (let sink = 0; sink < graph.vertexCount; sink++) {
    if (graph.down.start[sink + 1] > graph.down.start[sink]) continue;
    stack.push(sink);
    while (stack.length > 0) {
      const v = stack.pop() as number;
      if (seen[v] === 1) continue;
      seen[v] = 1;
      order.item[filled[graph.rank[v]]++] = v;
      for (let k = graph.up.start[v + 1] - 1; k >= graph.up.start[v]; k--) {
        const above = graph.segmentFrom[graph.up.item[k]];
        if (seen[above] === 0) stack.push(above);
      }
    }
  }
  renumber(order);
  return order;
}

function renumber(order: Order): void {
  for (let layer = 0; layer + 1 < order.start.length; layer++) {
    for (let i = order.start[layer]; i < order.start[layer + 1]; i++) {
      order.position[order.item[i]] = i - order.start[layer];
    }
  }
}

function widestLayer(order: Order): number {
  let widest = 0;
  for (let layer = 0; layer + 1 < order.start.length; layer++) {
    widest = Math.max(widest, order.start[layer + 1] - order.start[layer]);
  }
  return widest;
}

class Sweeper {
  readonly #graph: ProperGraph;
  readonly #order: Order;
  readonly #wish: Float64Array;

  constructor(graph: ProperGraph, order: Order) {
    this.#graph = graph;
    this.#order = order;
    this.#wish = new Float64Array(graph.vertexCount);
  }

  down(): void {
    for (let layer = 1; layer + 1 < this.#order.start.length; layer++) this.#sortLayer(layer, true);
  }

  up(): void {
    for (let layer = this.#order.start.length - 3; layer >= 0; layer--) this.#sortLayer(layer, false);
  }

  /** Vertices without neighbours on that side keep their places; the others share out the places that are left. */
  #sortLayer(layer: number, fromAbove: boolean): void {
    const { start, item, position } = this.#order;
    const movable: number[] = [];
    let sorted = true;
    for (let i = start[layer]; i < start[layer + 1]; i++) {
      const v = item[i];
      const wish = this.#meanPlace(v, fromAbove);
      if (Number.isNaN(wish)) continue;
      if (movable.length > 0 && this.#wish[movable[movable.length - 1]] > wish) sorted = false;
      this.#wish[v] = wish;
      movable.push(v);
    }
    if (sorted) return;

    movable.sort((a, b) => this.#wish[a] - this.#wish[b] || position[a] - position[b]);
    let next = 0;
    for (let i = start[layer]; i < start[layer + 1]; i++) {
      if (this.#hasNeighbours(item[i], fromAbove)) item[i] = movable[next++];
    }
    for (let i = start[layer]; i < start[layer + 1]; i++) position[item[i]] = i - start[layer];
  }

  #hasNeighbours(v: number, above: boolean): boolean {
    const { start } = above ? this.#graph.up : this.#graph.down;
    return start[v + 1] > start[v];
  }

  #meanPlace(v: number, fromAbove: boolean): number {
    const graph = this.#graph;
    const { start, item } = fromAbove ? graph.up : graph.down;
    let sum = 0;
    for (let k = start[v]; k < start[v + 1]; k++) {
      const segment = item[k];
      sum += fromAbove
        ? this.#place(graph.segmentFrom[segment], graph.segmentFromOffset[segment])
        : this.#place(graph.segmentTo[segment], graph.segmentToOffset[segment]);
    }
    return sum / (start[v + 1] - start[v]);
  }

  /** A place inside the layer: two edges of one wide box differ by where on it they stand. */
  #place(v: number, offset: number): number {
    if (offset === 0) return this.#order.position[v];
    const width = this.#graph.left[v] + this.#graph.right[v];
    return this.#order.position[v] + (0.9 * offset) / Math.max(1, width);
  }
}

/** Swaps neighbours as long as that removes crossings: finds what the means cannot see. */
function swapNeighbours(graph: ProperGraph, order: Order, checkpoint: Checkpoint): void {
  for (let pass = 0; pass < 4; pass++) {
    checkpoint(1);
    let improved = false;
    for (let layer = 0; layer + 1 < order.start.length; layer++) {
      for (let i = order.start[layer]; i + 1 < order.start[layer + 1]; i++) {
        const a = order.item[i];
        const b = order.item[i + 1];
        const gain = crossingsOf(graph, order, a, b) - crossingsOf(graph, order, b, a);
        if (gain <= 0) continue;
        order.item[i] = b;
        order.item[i + 1] = a;
        order.position[b]--;
        order.position[a]++;
        improved = true;
      }
    }
    if (!improved) return;
  }
}

/** Crossings among the segments of `a` and `b` when `a` stands to the left. */
function crossingsOf(graph: ProperGraph, order: Order, a: number, b: number): number {
  return (
    pairsOutOfOrder(graph.up.start, graph.up.item, graph.segmentFrom, order.position, a, b) +
    pairsOutOfOrder(graph.down.start, graph.down.item, graph.segmentTo, order.position, a, b)
  );
}

function pairsOutOfOrder(
  start: Int32Array,
  item: Int32Array,
  end: Int32Array,
  position: Int32Array,
  a: number,
  b: number,
): number {
  let pairs = 0;
  for (let i = start[a]; i < start[a + 1]; i++) {
    const place = position[end[item[i]]];
    for (let k = start[b]; k < start[b + 1]; k++) {
      if (place > position[end[item[k]]]) pairs++;
    }
  }
  return pairs;
}
