import assert from "node:assert/strict";
import {
  arange,
  autograd,
  F,
  gradcheck,
  gradgradcheck,
  linalg,
  linspace,
  randint,
  type Tensor,
  tensor,
} from "../../engine/index.ts";
import { near } from "../support/near.ts";

const leaf = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const gradient = (y: Tensor, x: Tensor): Tensor | null | undefined => autograd.grad([y.sum()], [x])[0];

// Numbers are PyTorch's.

describe("gradients of what is seldom asked for", () => {
  it("a comparison in place leaves nothing of what was there, so its gradient is zero", () => {
    for (const compare of ["eq_", "ne_", "lt_", "ge_", "logicalNot_"] as const) {
      const x = leaf([0.25, 0.75]);
      const y = x.clone();
      y[compare](tensor([0.25, 0.5], { dtype: "float64" }));
      near(gradient(y, x), [0, 0]);
    }
  });

  it("quantiles have a derivative in their levels, between two elements a straight line", () => {
    const x = tensor([1, Number.NaN, 4, 8], { dtype: "float64" });
    const q = leaf([0.25, 0.9]);
    near(gradient(x.nanquantile(q), q), [6, 8]);
    near(gradient(leaf([1, 2, 4, 8]).quantile(q), q), [3, 12]);
    const level = (values: Tensor, at: Tensor): Tensor => values.quantile(at, 0);
    assert.ok(gradcheck(level, [leaf([1, 2, 4, 8]), q]) && gradgradcheck(level, [leaf([1, 2, 4, 8]), q]));
  });

  it("a class that multilabelMarginLoss is told twice counts twice", () => {
    const x = leaf([0.1, 0.5, 0.9]);
    const loss = F.multilabelMarginLoss(x, tensor([1, 1, -1], { dtype: "int64" }));
    near(loss, [4 / 3]);
    near(gradient(loss, x), [2 / 3, -4 / 3, 2 / 3]);
  });

  it("scatterReduce takes numbers, and indices of nothing, for vectors", () => {
    const index = (data: number[]): Tensor => tensor(data, { dtype: "int64" });
    const [x, source] = [leaf([1]), leaf(2)];
    const product = (): Tensor => x.scatterReduce(0, index([0]), source, "prod");
    near(gradient(product(), x), [2]);
    near(gradient(product(), source), [1]);
    near(gradient(x.scatterReduce(0, index([]), source, "sum"), x), [1]);
  });

  it("the gradient of a symmetric matrix by its eigenvectors is symmetric", () => {
    const x = leaf([
      [2, 0.5],
      [0.5, 1],
    ]);
    const weights = tensor([
      [1, 2],
      [3, 5],
    ]).double();
    near(gradient(linalg.eigh(x)[1].abs().mul(weights), x), [-0.9075, 0.9075, 0.9075, 0.9075], 1e-4);
  });
});

describe("integers and booleans", () => {
  const whole = (...data: number[]): Tensor => tensor(data, { dtype: "int64" });
  const truth = tensor([true, false]);

  it("add up to booleans where booleans are added up", () => {
    const twice = whole(0, 0);
    assert.deepEqual(truth.indexAdd(0, twice, tensor([true, true])).tolist(), [true, false]);
    assert.deepEqual(truth.scatterAdd(0, twice, tensor([true, true])).tolist(), [true, false]);
    assert.deepEqual(truth.indexPut([twice], tensor([true, true]), true).tolist(), [true, false]);
    assert.deepEqual(truth.put(twice, tensor([true, true]), true).tolist(), [true, false]);
    assert.deepEqual(tensor([0.5, 3]).sum({ dtype: "bool" }).item(), 1);
    assert.deepEqual(truth.indexFill(0, whole(0), tensor(3)).tolist(), [true, false]);
  });

  it("stay whole where factors, means or ranges are not", () => {
    assert.deepEqual(whole(2, 2).addcmul(whole(1, 1), whole(3, 3), { value: 1.5 }).tolist(), [5, 5]);
    assert.deepEqual(
      whole(2, 2).reshape(1, 2).addmm(whole(1).reshape(1, 1), whole(3, 3).reshape(1, 2), { alpha: 1.5 }).tolist(),
      [[5, 5]],
    );
    assert.deepEqual(whole(0, 0).indexAdd(0, whole(0), whole(1), { alpha: 1.5 }).tolist(), [1, 0]);
    assert.deepEqual(whole(0, 0).indexFill(0, whole(0), tensor(0.5)).tolist(), [0, 0]);
    assert.deepEqual(F.avgPool1d(whole(1, 2, 4, 9).reshape(1, 4), 2).tolist(), [[1, 6]]);
    assert.deepEqual(linspace(0, 3, 3, { dtype: "int64" }).tolist(), [0, 1, 3]);
  });

  it("are refused where there is nothing to give of them", () => {
    assert.throws(() => whole(1).lerp(whole(2), 0.5), /not implemented for 'int64'/);
    assert.throws(() => F.glu(whole(1, 2)), /not implemented for 'int64'/);
    assert.throws(() => whole(1, 2).mean({ dtype: "int64" }), /could not infer output dtype/);
    assert.throws(() => F.softmax(whole(1, 2), 0, { dtype: "int64" }), /not implemented for 'int64'/);
    assert.throws(() => truth.cumsum(0, { dtype: "bool" }), /not implemented for 'bool'/);
    assert.throws(() => truth.bitwiseLeftShift(truth), /not implemented for 'bool'/);
    assert.throws(() => truth.addcmul(truth, truth), /not implemented for 'bool'/);
    assert.throws(() => arange(0, 1, 0.5, { dtype: "int64" }), /step must be nonzero/);
    assert.throws(() => arange(3, { dtype: "bool" }), /not implemented for 'bool'/);
    assert.throws(() => randint(3, [2], { dtype: "bool" }), /out of bounds for bool/);
  });
});
