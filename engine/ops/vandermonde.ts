import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { vander as increasingPowers } from "./linalg.ts";
import { checkTensor } from "./promotion.ts";

/** Options of `vander`. */
export interface VanderOptions {
  /** Number of columns. Default: as many as rows. */
  readonly N?: number | null | undefined;
  /** Powers from 0 on from left to right instead of right to left. Default false. */
  readonly increasing?: boolean | undefined;
}

/** The Vandermonde matrix of a vector: its powers from N − 1 down to 0 as columns. */
export function vander(
  x: Tensor,
  ...args:
    | [options?: VanderOptions]
    | [N: number | null | undefined, options?: VanderOptions]
    | [N: number | null | undefined, increasing?: boolean]
): Tensor {
  checkTensor("vander", "x", x);
  const options = readArguments<VanderOptions>("vander", args, ["N", "increasing"]);
  if (x.ndim !== 1) throw new ShapeError("vander", "x must be a one-dimensional tensor.");
  const columns = options.N ?? x.elements;
  if (!Number.isInteger(columns) || columns < 0)
    throw new ArgumentError("vander", `N must be non-negative, and whole, but got ${columns}`);
  const bases = isFloat(x.dtype) ? x : x.to("int64");
  const powers = increasingPowers(bases, { N: Math.max(2, columns) }).narrow(1, 0, columns); // which refuses fewer than 2
  return options.increasing === true ? powers : powers.flip([1]);
}
