import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "../kernels/block.ts";
import * as kernels from "../kernels/scan.ts";
import { nextDim } from "./batching.ts";
import { general } from "./define.ts";
import { type DimArgs, readDim } from "./dimArguments.ts";
import { cat } from "./joining.ts";
import { hasZero } from "./products.ts";
import { blockAlong } from "./reduce.ts";
import { normal } from "./samples.ts";

interface ScanAttributes {
  readonly dim: number;
}

function scanWith(kernel: (x: Block, out: TypedArray) => void, x: Tensor, dim: number): Tensor {
  const out = empty(x.shape, x.dtype);
  if (x.elements > 0) kernel(blockAlong(densely(x), dim), out.storage.values);
  return out;
}

/** Sums from each element to the end. */
const sumFromHere = (x: Tensor, dim: number): Tensor => x.flip(dim).cumsum(dim).flip(dim);

const cumsumOp = general<ScanAttributes>()({
  name: "cumsum",
  summary: "Running sum along a dimension.",
  inputs: ["x"],
  forward: ([x], { dim }) => scanWith(kernels.cumsum, x as Tensor, dim),
  onBatch: nextDim,
  backward: { x: ({ grad, attrs }) => sumFromHere(grad, attrs.dim) },
  accepts: [normal([[2, 3]], 1), normal([[2, 3, 2]], -2), normal([[]], 0), normal([[0, 3]], 0)],
  rejects: [normal([[2, 3]], 2), normal([[2, 3]])],
});

/** Running sum along `dim`; integers give int64. */
export const cumsum: (self: Tensor, ...args: DimArgs) => Tensor = (self, ...args) => {
  const { x, dim } = readDim("cumsum", self, args, "int64");
  return apply(cumsumOp, [x], { dim });
};

const cumprodOp = general<ScanAttributes>()({
  name: "cumprod",
  summary: "Running product along a dimension.",
  inputs: ["x"],
  saves: ["x", "out"],
  forward: ([x], { dim }) => scanWith(kernels.cumprod, x as Tensor, dim),
  onBatch: nextDim,
  backward: {
    x: ({ grad, attrs, x, out }) =>
      x.ndim > 0 && hasZero(x)
        ? gradientAcrossZeros(grad, x, attrs.dim)
        : x.ndim === 0
          ? grad
          : sumFromHere(grad.mul(out), attrs.dim).div(x),
  },
  accepts: [normal([[2, 3]], 1), normal([[2, 3, 2]], -2), normal([[]], 0), normal([[0, 3]], 0)],
  rejects: [normal([[2, 3]], 2), normal([[2, 3]])],
});

/** Running product along `dim`; integers give int64. */
export const cumprod: (self: Tensor, ...args: DimArgs) => Tensor = (self, ...args) => {
  const { x, dim } = readDim("cumprod", self, args, "int64");
  return apply(cumprodOp, [x], { dim });
};

/**
 * ∂(x₀…x_j)/∂x_k for j ≥ k is the product of the factors before k times that of those from k+1 to j. Takes quadratic time,
 * and no division.
 */
function gradientAcrossZeros(grad: Tensor, x: Tensor, dim: number): Tensor {
  const n = x.shape[dim];
  const slices: Tensor[] = [];
  let before = x.narrow(dim, 0, 1).detach().onesLike();
  for (let k = 0; k < n; k++) {
    const after = x.narrow(dim, k + 1, n - k - 1).cumprod(dim);
    const others = cat([before, before.mul(after)], dim);
    slices.push(
      grad
        .narrow(dim, k, n - k)
        .mul(others)
        .sum(dim, true),
    );
    before = before.mul(x.narrow(dim, k, 1));
  }
  return cat(slices, dim);
}
