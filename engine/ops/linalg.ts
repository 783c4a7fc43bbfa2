/** Linear algebra, as `linalg`: decompositions, solvers and norms by PyTorch's `torch.linalg` names. */
import type { Tensor } from "../autograd/tensor.ts";
import { cross as crossProduct } from "./matrixFunctions.ts";

export { multiDot, vecdot } from "./chains.ts";
export { det, slogdet } from "./determinants.ts";
export { cholesky, eigh, eigvalsh, pinv, qr, svd, svdvals } from "./factorizations.ts";
export { lstsq, matrixRank } from "./leastSquares.ts";
export { matmul } from "./matrices.ts";
export { matrixExp, matrixPower } from "./matrixFunctions.ts";
export { cond, matrixNorm, norm } from "./matrixNorms.ts";
export { inv, solve, solveTriangular } from "./solving.ts";
export { vectorNorm } from "./vectorNorm.ts";

/** Cross product along a dimension, by default the last. */
export const cross = (self: Tensor, other: Tensor, options?: { readonly dim?: number }): Tensor =>
  crossProduct(self, other, { dim: -1, ...options });
