import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { wrapDim } from "../base/shape.ts";
import { notImplementedFor } from "./notImplemented.ts";

/** Options of what works along one dimension and may convert first. */
export interface AlongOptions {
  readonly dim?: number | undefined;
  /** Convert first. */
  readonly dtype?: DType | undefined;
}

/** `softmax(x, 1)`, `softmax(x, 1, { dtype })`, `softmax(x, { dim: 1 })`. */
export type DimArgs = [dim: number | AlongOptions, options?: AlongOptions];

/** Reads a required dimension and converts the input; integers become `integersTo`, null keeping them. */
export function readDim(
  op: string,
  self: Tensor,
  args: readonly unknown[],
  integersTo: DType | null,
): { x: Tensor; dim: number } {
  const { dim, dtype } = readArguments<AlongOptions>(op, args, ["dim", "dtype"]);
  if (typeof dim !== "number") {
    throw new ArgumentError(op, `dim is required: the dimension to work along, as in ${op}(x, 1)`);
  }
  const wrapped = wrapDim(op, dim, self.ndim);
  if (dtype === "bool" || (integersTo === "float32" && dtype !== undefined && !isFloat(dtype))) {
    throw notImplementedFor(op, dtype, 'give dtype "float32" or "float64"');
  }
  if (dtype !== undefined) return { x: self.to(checkDType(op, dtype)), dim: wrapped };
  return { x: isFloat(self.dtype) || integersTo === null ? self : self.to(integersTo), dim: wrapped };
}
