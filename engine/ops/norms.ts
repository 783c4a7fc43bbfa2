import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { matrixNorm } from "./matrixNorms.ts";
import type { Dims } from "./reduce.ts";
import { type NormOptions, type Order, vectorNormOf } from "./vectorNorm.ts";

/** Also `norm("nuc")`, the sum of the singular values of matrices. */
type AnyOrder = Order | "nuc";

interface AnyNormOptions extends Omit<NormOptions, "p"> {
  readonly p?: AnyOrder | undefined;
}

type NormArgs = [options?: AnyNormOptions] | [p: AnyOrder, ...rest: (Dims | boolean | AnyNormOptions | undefined)[]];

/** The p-norm (default 2) of all elements or over dimensions: `norm()`, `norm(1, 0)`, `norm({ p: 1, dim: 0 })`. */
export const norm: (self: Tensor, ...args: NormArgs) => Tensor = (self, ...args) => {
  const { p, ...options } = readArguments<AnyNormOptions>("norm", args, ["p", "dim", "keepdim", "dtype"]);
  if (p !== "nuc") return vectorNormOf("norm", self, p ?? 2, options);
  const { dim, keepdim = false } = options;
  return matrixNorm(
    self,
    "nuc",
    dim === undefined || dim === null ? self.shape.map((_, d) => d) : [dim].flat(),
    keepdim,
  );
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
