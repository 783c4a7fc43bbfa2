import type { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";

/**
 * Product of several matrices in the order of multiplication that takes the fewest operations. The first and the last
 * may be vectors.
 */
export const multiDot: (tensors: readonly Tensor[]) => Tensor = (tensors) => {
  if (tensors.length < 2) throw new ArgumentError("multiDot", "expected at least 2 tensors");
  const matrices = tensors.map((x, i) => asMatrix(x, i, tensors.length));
  const product = multiply(matrices, cheapestSplits(matrices), 0, matrices.length - 1);
  const first = tensors[0].ndim === 1;
  const last = tensors[tensors.length - 1].ndim === 1;
  return first || last ? product.reshape(product.shape.filter((_, d) => !(d === 0 ? first : last))) : product;
};

function asMatrix(x: Tensor, i: number, n: number): Tensor {
  if (x.ndim === 1 && i === 0) return x.reshape(1, x.elements);
  if (x.ndim === 1 && i === n - 1) return x.reshape(x.elements, 1);
  if (x.ndim === 2) return x;
  throw new ShapeError("multiDot", `tensor ${i} must be 2D but got shape ${showShape(x.shape)}`);
}

/** splits[i][j]: after which matrix the product of matrices i to j is best divided. */
function cheapestSplits(matrices: readonly Tensor[]): number[][] {
  const n = matrices.length;
  const sizes = [matrices[0].shape[0], ...matrices.map((x) => x.shape[1])];
  const costs = matrices.map(() => new Array<number>(n).fill(0));
  const splits = matrices.map(() => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      costs[i][j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const cost = costs[i][k] + costs[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (cost >= costs[i][j]) continue;
        costs[i][j] = cost;
        splits[i][j] = k;
      }
    }
  }
  return splits;
}

function multiply(matrices: readonly Tensor[], splits: readonly number[][], i: number, j: number): Tensor {
  if (i === j) return matrices[i];
  const k = splits[i][j];
  return multiply(matrices, splits, i, k).mm(multiply(matrices, splits, k + 1, j));
}

/** Dot products of vectors along a dimension (default the last); the others broadcast. */
export const vecdot: (self: Tensor, other: Tensor, options?: { readonly dim?: number }) => Tensor = (
  self,
  other,
  options = {},
) => {
  if (self.dtype !== other.dtype || !isFloat(self.dtype)) {
    throw new DTypeError(
      "vecdot",
      `Expected x and y to have the same dtype, a float one, but found x of type ${self.dtype} and y of type ${other.dtype}: convert with .to()`,
    );
  }
  if (self.ndim === 1 && other.ndim === 1 && self.elements !== other.elements) {
    throw new ShapeError(
      "vecdot",
      `inconsistent tensor size, expected two vectors to have the same number of elements, but got ${self.elements} and ${other.elements} elements`,
    );
  }
  return self.mul(other).sum(options.dim ?? -1);
};
