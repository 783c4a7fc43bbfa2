import assert from "node:assert/strict";
import { nn, optim, tensor } from "../../../engine/index.ts";

function withGradient(...values: number[]) {
  const p = tensor(
    values.map(() => 0),
    { requiresGrad: true },
  );
  p.grad = tensor(values);
  return p;
}

const rounded = (values: unknown): number[] => (values as number[]).map((value) => Number(value.toFixed(5)));

describe("optimizers and clipping", () => {
  it("[78] an optimizer refuses an empty list, a non-leaf and what is no tensor, and says so", () => {
    for (const Optimizer of [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad, optim.LBFGS]) {
      assert.throws(() => new Optimizer([], { lr: 0.1 }), /optimizer got an empty parameter list/);
      const nonLeaf = tensor([1], { requiresGrad: true }).mul(2);
      assert.throws(() => new Optimizer([nonLeaf], { lr: 0.1 }), /can't optimize a non-leaf Tensor/);
    }
    assert.throws(() => new optim.SGD([1 as never], { lr: 0.1 }), /optimizer can only optimize Tensors/);
  });

  it("[79] clipGradNorm_ gives the norm before clipping and scales all gradients together", () => {
    const [a, b] = [withGradient(3), withGradient(4)];
    assert.ok(Math.abs(nn.utils.clipGradNorm_([a, b], 1).item() - 5) < 1e-6);
    assert.deepEqual([rounded(a.grad?.tolist()), rounded(b.grad?.tolist())], [[0.6], [0.8]]);
  });

  it("[79] gradients below the bound stay as they are", () => {
    const p = withGradient(0.3, 0.4);
    const before = p.grad?.tolist();
    nn.utils.clipGradNorm_(p, 1);
    assert.deepEqual(p.grad?.tolist(), before);
  });

  it("[79] a non-finite norm spreads NaN to all gradients, or throws when asked to and changes nothing", () => {
    const [a, b] = [withGradient(Number.NaN), withGradient(4)];
    assert.throws(
      () => nn.utils.clipGradNorm_([a, b], 1, { errorIfNonfinite: true }),
      /The total norm of order 2.* for gradients from `parameters` is non-finite.*errorIfNonfinite: false/,
    );
    assert.equal(b.grad?.item(), 4);
    nn.utils.clipGradNorm_([a, b], 1);
    assert.equal(b.grad?.item(), Number.NaN);
  });
});
