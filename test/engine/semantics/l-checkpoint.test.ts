import assert from "node:assert/strict";
import { autograd, checkpoint, F, manualSeed, type Tensor, tensor } from "../../../engine/index.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

describe("checkpoint", () => {
  it("gives the gradients of the plain function, runs it twice, and works under autograd.grad", () => {
    let runs = 0;
    const block = (x: Tensor): Tensor => {
      runs++;
      return x.mul(x).exp();
    };
    const a = leaf(0.5, 1);
    const b = leaf(0.5, 1);
    block(a).sum().backward();
    runs = 0;
    checkpoint(block, b).sum().backward();
    assert.equal(runs, 2);
    assert.deepEqual(b.grad?.tolist(), a.grad?.tolist());
    const [g] = autograd.grad(checkpoint(block, b).sum(), b);
    assert.deepEqual(g?.tolist(), a.grad?.tolist());
  });

  it("[76] a different number of saved tensors is an error", () => {
    let first = true;
    const changing = (x: Tensor): Tensor => {
      const y = first ? x.mul(x).mul(x) : x.mul(x);
      first = false;
      return y;
    };
    assert.throws(() => checkpoint(changing, leaf(2)).backward(), /A different number of tensors was saved during the original forward and recomputation/);
  });

  it("[76] other shapes in the second run are an error that lists them", () => {
    let first = true;
    const changing = (x: Tensor): Tensor => {
      const factor = first ? tensor([1, 2, 3]) : tensor([2]);
      first = false;
      return x.mul(factor).sum();
    };
    assert.throws(() => checkpoint(changing, leaf(2)).backward(), /have different metadata than during the forward pass/);
  });

  it("[77] random numbers are replayed, and the generator goes on as if nothing had happened", () => {
    const x = leaf(...new Array(100).fill(1));
    manualSeed(3);
    const y = checkpoint((input: Tensor) => F.dropout(input, { p: 0.5 }).mul(input), x);
    y.sum().backward();
    const dropped = (y.tolist() as number[]).map((v) => v === 0);
    const gradient = x.grad?.tolist() as number[];
    assert.deepEqual(
      gradient.map((g) => g === 0),
      dropped,
    );
  });

  it("[77] stops the second run when everything needed is there, and nests", () => {
    const reached: string[] = [];
    const block = (x: Tensor): Tensor => {
      const y = x.mul(x);
      reached.push("after mul");
      return y.add(1);
    };
    const x = leaf(3);
    checkpoint(block, x).backward();
    assert.deepEqual(reached, ["after mul"]);
    x.grad = null;
    checkpoint((a: Tensor) => checkpoint((b: Tensor) => b.mul(b), a).mul(2), x).backward();
    assert.equal(x.grad?.item(), 12);
  });
});
