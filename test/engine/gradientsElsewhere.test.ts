import assert from "node:assert/strict";
import { autograd, F, gradcheck, gradgradcheck, linalg, type Tensor, tensor } from "../../engine/index.ts";
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
