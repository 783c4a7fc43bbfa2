import assert from "node:assert/strict";
import fc from "fast-check";
import { accumulatorOf } from "../../engine/autograd/accumulate.ts";
import { type Gradients, Node } from "../../engine/autograd/node.ts";
import { ReadyQueue } from "../../engine/autograd/readyQueue.ts";
import { tensor } from "../../engine/index.ts";

class Step extends Node {
  run(): Gradients {
    return [];
  }
}

describe("the queue of ready nodes", () => {
  it("always gives the youngest of the nodes that are in it, whatever the order they come and go in", () => {
    const nodes = Array.from({ length: 40 }, () => new Step("Step", [], []));
    const moves = fc.array(fc.option(fc.nat(nodes.length - 1)), { maxLength: 80 });
    const property = fc.property(moves, (list) => {
      const queue = new ReadyQueue();
      const inside: Step[] = [];
      const pop = (): void => {
        const youngest = inside.reduce((a, b) => (a.sequence > b.sequence ? a : b));
        inside.splice(inside.indexOf(youngest), 1);
        assert.equal(queue.pop(), youngest);
      };
      for (const move of list) {
        if (move !== null) {
          const node = nodes[move] as Step;
          inside.push(node);
          queue.push(node);
        } else if (inside.length > 0) pop();
        assert.equal(queue.isEmpty, inside.length === 0);
      }
      while (inside.length > 0) pop();
    });
    fc.assert(property, { seed: 7, numRuns: 200 });
  });

  it("gives accumulators of leaves before all other nodes", () => {
    const leaf = accumulatorOf(tensor([1], { requiresGrad: true }));
    const queue = new ReadyQueue();
    for (const node of [new Step("a", [], []), leaf, new Step("b", [], [])]) queue.push(node);
    assert.equal(queue.pop(), leaf);
    assert.equal(queue.pop().name, "b");
  });
});
