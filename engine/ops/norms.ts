import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import type { Dims } from "./reduce.ts";
import { type NormOptions, type Order, vectorNormOf } from "./vectorNorm.ts";

type NormArgs = [options?: NormOptions] | [p: Order, ...rest: (Dims | boolean | NormOptions | undefined)[]];

/** The p-norm (default 2) of all elements or over dimensions: `norm()`, `norm(1, 0)`, `norm({ p: 1, dim: 0 })`. */
export const norm: (self: Tensor, ...args: NormArgs) => Tensor = (self, ...args) => {
  const { p, ...options } = readArguments<NormOptions>("norm", args, ["p", "dim", "keepdim", "dtype"]);
  return vectorNormOf("norm", self, p ?? 2, options);
};

/** Options of `dist`. */
export interface DistOptions {
  /** Default 2. */
  readonly p?: number | undefined;
}

/** The p-norm of the difference of two tensors, which broadcast. */
export const dist: (self: Tensor, other: Tensor, p?: number | DistOptions) => Tensor = (self, other, p) => {
  const options = readArguments<DistOptions>("dist", [p], ["p"]);
  return vectorNormOf("dist", self.sub(other), options.p ?? 2, {});
};
