import { AccumulateGrad } from "./accumulate.ts";
import type { Node } from "./node.ts";

/** Nodes whose consumers have all run. The youngest leaves first; leaves' accumulators before everything. A binary heap. */
export class ReadyQueue {
  // A list that shrinks gives its room back, to ask for it again at the next push: so this one only grows.
  private readonly heap: Node[] = [];
  private size = 0;

  get isEmpty(): boolean {
    return this.size === 0;
  }

  push(node: Node): void {
    const { heap } = this;
    const rank = rankOf(node);
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (rankOf(heap[parent]) >= rank) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = node;
  }

  pop(): Node {
    const { heap } = this;
    const first = heap[0];
    const n = --this.size;
    const last = heap[n];
    const rank = rankOf(last);
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= n) break;
      if (child + 1 < n && rankOf(heap[child + 1]) > rankOf(heap[child])) child++;
      if (rankOf(heap[child]) <= rank) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const rankOf = (node: Node): number => (node instanceof AccumulateGrad ? Number.POSITIVE_INFINITY : node.sequence);
