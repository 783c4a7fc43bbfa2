/** What of linear algebra is also a method of Tensor and a plain function, by PyTorch's older names. */
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { svd as decompose, qr as factor, pinv, type RankOptions } from "./factorizations.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { inv } from "./solving.ts";

export { det, logdet, slogdet } from "./determinants.ts";
export { cholesky } from "./factorizations.ts";
export { geqrf, orgqr, ormqr } from "./householder.ts";
export { choleskyInverse, choleskySolve, triangularSolve } from "./solving.ts";

/** Inverses of square matrices; the same as `linalg.inv`. */
export const inverse: (self: Tensor) => Tensor = inv;

/** Pseudoinverses; the same as `linalg.pinv`. */
export const pinverse: (self: Tensor, options?: RankOptions) => Tensor = pinv;

/** Q and R with A = Q R; `some: false` for a square Q. */
export const qr: (
  self: Tensor,
  ...args: [options?: { readonly some?: boolean }] | [some: boolean]
) => NamedResult<readonly ["Q", "R"]> = (self, ...args) => {
  const { some = true } = readArguments<{ some?: boolean }>("qr", args, ["some"]);
  return factor(self, some ? "reduced" : "complete");
};

/** U, S and V with A = U diag(S) Vᵀ; `linalg.svd` gives Vᵀ. */
export const svd: (
  self: Tensor,
  ...args: [options?: { readonly some?: boolean }] | [some: boolean]
) => NamedResult<readonly ["U", "S", "V"]> = (self, ...args) => {
  const { some = true } = readArguments<{ some?: boolean }>("svd", args, ["some"]);
  const [u, s, vh] = decompose(self, !some);
  return namedResult(["U", "S", "V"], [u, s, vh.transpose(-2, -1)]);
};
