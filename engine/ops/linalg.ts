/** Linear algebra, as `linalg`: decompositions, solvers and norms by PyTorch's `torch.linalg` names. */
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { elementCount, showShape } from "../base/shape.ts";
import { cat } from "./joining.ts";
import { cross as crossProduct } from "./matrixFunctions.ts";
import { inv, solve } from "./solving.ts";
import { type DiagonalOptions, diagonal as diagonalOf } from "./windows.ts";

export { multiDot, vecdot } from "./chains.ts";
export { det, slogdet } from "./determinants.ts";
export { cholesky, eigh, eigvalsh, pinv, qr, svd, svdvals } from "./factorizations.ts";
export { householderProduct } from "./householder.ts";
export { lstsq, matrixRank } from "./leastSquares.ts";
export { lu, luFactor, luSolve } from "./luFactors.ts";
export { matmul } from "./matrices.ts";
export { matrixExp, matrixPower } from "./matrixFunctions.ts";
export { cond, matrixNorm, norm } from "./matrixNorms.ts";
export { inv, invEx, solve, solveTriangular } from "./solving.ts";
export { vectorNorm } from "./vectorNorm.ts";

/** Cross product along a dimension, by default the last. */
export const cross = (self: Tensor, other: Tensor, options?: { readonly dim?: number }): Tensor =>
  crossProduct(self, other, { dim: -1, ...options });

/** A diagonal of the matrices in the last two dimensions. */
export const diagonal = (self: Tensor, options?: DiagonalOptions): Tensor =>
  diagonalOf(self, { dim1: -2, dim2: -1, ...options });

/** What undoes a product over the last dimensions: `ind` of the first ones of the result are those of `self` behind `ind`. */
export const tensorinv = (self: Tensor, ...args: [ind?: number] | [options?: { readonly ind?: number }]): Tensor => {
  const { ind = 2 } = readArguments<{ ind?: number }>("tensorinv", args, ["ind"]);
  if (!Number.isInteger(ind) || ind < 1)
    throw new ArgumentError("tensorinv", `ind must be a whole number greater than 0, but got ${ind}`);
  if (ind > self.ndim) {
    throw new ArgumentError(
      "tensorinv",
      `ind (${ind}) must not exceed the number of dimensions of self, ${showShape(self.shape)}`,
    );
  }
  const [first, rest] = [self.shape.slice(0, ind), self.shape.slice(ind)];
  const n = elementCount(rest);
  if (elementCount(first) !== n) {
    throw new ShapeError(
      "tensorinv",
      `expected self to satisfy the requirement prod(shape[ind:]) == prod(shape[:ind]), but got ${showShape(self.shape)} and ind ${ind}`,
    );
  }
  return inv(self.reshape(n, n)).reshape([...rest, ...first]);
};

/** X with the product of `self` and X over all dimensions of X equal to `other`. */
export const tensorsolve = (self: Tensor, other: Tensor): Tensor => {
  const rest = self.shape.slice(other.ndim);
  const n = elementCount(rest);
  if (other.ndim > self.ndim || n !== other.elements) {
    throw new ShapeError(
      "tensorsolve",
      `expected self to have as many elements behind the dimensions of other as other has, but got ${showShape(self.shape)} and ${showShape(other.shape)}`,
    );
  }
  return solve(self.reshape(other.elements, n), other.reshape(-1)).reshape(rest);
};

/** Powers 0 to N − 1 of each element, one row per element: [..., n, N]. N is as many as elements when left out. */
export const vander = (self: Tensor, options: { readonly N?: number } = {}): Tensor => {
  const x = self.ndim === 0 ? self.reshape(1) : self;
  const { N = x.shape[x.ndim - 1] } = options;
  if (!Number.isInteger(N) || N < 2) throw new ArgumentError("vander", `N must be greater than 1, but got ${N}`);
  const powers = x
    .unsqueeze(-1)
    .expand([...x.shape, N - 1])
    .cumprod(-1);
  return cat([x.onesLike().unsqueeze(-1), powers], -1);
};
