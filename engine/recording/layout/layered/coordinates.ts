import { type Adjacency, groupByKey } from "./adjacency.ts";
import { type Blocks, buildBlocks } from "./blocks.ts";
import type { Order, ProperGraph } from "./flatTypes.ts";
import { type Checkpoint, spacing } from "./types.ts";

/**
 * The x of every vertex's anchor. Straight chains are rigid blocks; each block starts midway between its leftmost and its
 * rightmost place and then moves, as far as its neighbours let it, to the median of what it is joined to.
 */
export function assignX(graph: ProperGraph, order: Order, checkpoint: Checkpoint): Float64Array {
  const blocks = buildBlocks(graph, order);
  const neighbours = new BlockNeighbours(graph, order, blocks);
  const x = neighbours.middlePlaces();
  const pull = new BlockPull(graph, blocks);
  const rounds = graph.vertexCount > 50_000 ? 3 : 6;
  for (let round = 0; round < rounds; round++) {
    checkpoint(round / rounds);
    // From the right first: what wants to go right makes room for its left neighbour; then the other way round.
    for (let i = blocks.count - 1; i >= 0; i--) neighbours.move(x, neighbours.sequence[i], pull);
    for (let i = 0; i < blocks.count; i++) neighbours.move(x, neighbours.sequence[i], pull);
  }

  const anchors = new Float64Array(graph.vertexCount);
  for (let v = 0; v < graph.vertexCount; v++) anchors[v] = x[blocks.of[v]] + blocks.shift[v];
  return anchors;
}

/** Which block stands right of which, and how far their lines must be apart at least. */
class BlockNeighbours {
  /** Blocks from left to right: each after everything to its left. */
  readonly sequence: Int32Array;
  readonly #count: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #distance: Float64Array;
  readonly #byLeft: Adjacency;
  readonly #byRight: Adjacency;

  constructor(graph: ProperGraph, order: Order, blocks: Blocks) {
    const pairs = graph.vertexCount;
    this.#count = blocks.count;
    this.#left = new Int32Array(pairs).fill(-1);
    this.#right = new Int32Array(pairs).fill(-1);
    this.#distance = new Float64Array(pairs);
    for (let layer = 0; layer + 1 < order.start.length; layer++) {
      for (let i = order.start[layer]; i + 1 < order.start[layer + 1]; i++) {
        const a = order.item[i];
        const b = order.item[i + 1];
        this.#left[i] = blocks.of[a];
        this.#right[i] = blocks.of[b];
        this.#distance[i] = graph.right[a] + spacing.box + graph.left[b] + blocks.shift[a] - blocks.shift[b];
      }
    }
    this.#byLeft = groupByKey(blocks.count, this.#left);
    this.#byRight = groupByKey(blocks.count, this.#right);
    this.sequence = this.#leftToRight();
  }

  middlePlaces(): Float64Array {
    const x = new Float64Array(this.#count);
    for (const b of this.sequence) x[b] = Math.max(0, this.#leftBound(x, b));
    const rightmost = x.reduce((most, at) => Math.max(most, at), 0);
    const last = new Float64Array(this.#count);
    for (let i = this.#count - 1; i >= 0; i--) {
      const b = this.sequence[i];
      last[b] = Math.min(rightmost, this.#rightBound(last, b));
    }
    for (let b = 0; b < this.#count; b++) x[b] = (x[b] + last[b]) / 2;
    return x;
  }

  move(x: Float64Array, block: number, pull: BlockPull): void {
    const wish = pull.wish(x, block);
    if (Number.isNaN(wish)) return;
    x[block] = Math.max(this.#leftBound(x, block), Math.min(this.#rightBound(x, block), wish));
  }

  #leftBound(x: Float64Array, block: number): number {
    let bound = Number.NEGATIVE_INFINITY;
    const { start, item } = this.#byRight;
    for (let k = start[block]; k < start[block + 1]; k++) {
      bound = Math.max(bound, x[this.#left[item[k]]] + this.#distance[item[k]]);
    }
    return bound;
  }

  #rightBound(x: Float64Array, block: number): number {
    let bound = Number.POSITIVE_INFINITY;
    const { start, item } = this.#byLeft;
    for (let k = start[block]; k < start[block + 1]; k++) {
      bound = Math.min(bound, x[this.#right[item[k]]] - this.#distance[item[k]]);
    }
    return bound;
  }

  #leftToRight(): Int32Array {
    const waitingFor = new Int32Array(this.#count);
    for (const b of this.#right) {
      if (b >= 0) waitingFor[b]++;
    }
    const sequence = new Int32Array(this.#count);
    let length = 0;
    for (let b = 0; b < this.#count; b++) {
      if (waitingFor[b] === 0) sequence[length++] = b;
    }
    for (let next = 0; next < length; next++) {
      const { start, item } = this.#byLeft;
      for (let k = start[sequence[next]]; k < start[sequence[next] + 1]; k++) {
        const b = this.#right[item[k]];
        if (--waitingFor[b] === 0) sequence[length++] = b;
      }
    }
    return sequence;
  }
}

/** Where a block would like its line to be: the median of the lines it is joined to by bent segments. */
class BlockPull {
  readonly #graph: ProperGraph;
  readonly #blocks: Blocks;
  /** Segments between two blocks, grouped by the upper and by the lower block. */
  readonly #fromBlock: Adjacency;
  readonly #toBlock: Adjacency;
  #wishes = new Float64Array(64);

  constructor(graph: ProperGraph, blocks: Blocks) {
    this.#graph = graph;
    this.#blocks = blocks;
    const from = new Int32Array(graph.segmentFrom.length);
    const to = new Int32Array(graph.segmentFrom.length);
    for (let s = 0; s < from.length; s++) {
      const upper = blocks.of[graph.segmentFrom[s]];
      const lower = blocks.of[graph.segmentTo[s]];
      from[s] = upper === lower ? -1 : upper;
      to[s] = upper === lower ? -1 : lower;
    }
    this.#fromBlock = groupByKey(blocks.count, from);
    this.#toBlock = groupByKey(blocks.count, to);
  }

  wish(x: Float64Array, block: number): number {
    const { start, item } = this.#fromBlock;
    const { start: upperStart, item: upperItem } = this.#toBlock;
    const below = start[block + 1] - start[block];
    const count = below + upperStart[block + 1] - upperStart[block];
    if (count === 0) return Number.NaN;
    if (count > this.#wishes.length) this.#wishes = new Float64Array(count * 2);

    for (let k = 0; k < below; k++) {
      const s = item[start[block] + k];
      this.#wishes[k] = x[this.#blocks.of[this.#graph.segmentTo[s]]] + this.#lower(s) - this.#upper(s);
    }
    for (let k = below; k < count; k++) {
      const s = upperItem[upperStart[block] + k - below];
      this.#wishes[k] = x[this.#blocks.of[this.#graph.segmentFrom[s]]] + this.#upper(s) - this.#lower(s);
    }
    return median(this.#wishes, count);
  }

  /** Where segment `s` leaves, and where it arrives, relative to the line of the block there. */
  #upper(s: number): number {
    return this.#blocks.shift[this.#graph.segmentFrom[s]] + this.#graph.segmentFromOffset[s];
  }

  #lower(s: number): number {
    return this.#blocks.shift[this.#graph.segmentTo[s]] + this.#graph.segmentToOffset[s];
  }
}

function median(values: Float64Array, count: number): number {
  if (count === 1) return values[0];
  if (count === 2) return (values[0] + values[1]) / 2;
  const sorted = values.subarray(0, count).sort();
  const middle = count >> 1;
  return count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
