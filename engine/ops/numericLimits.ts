import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { DTypeError } from "../base/errors.ts";

/** What a floating-point dtype can hold. */
export interface FloatLimits {
  readonly dtype: DType;
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly min: number;
  readonly max: number;
  /** The smallest positive number of full precision. */
  readonly tiny: number;
  /** The same as `tiny`. */
  readonly smallestNormal: number;
  /** The decimal digits that are always right, as a power of ten. */
  readonly resolution: number;
}

/** What an integer dtype can hold. */
export interface IntegerLimits {
  readonly dtype: DType;
  readonly bits: number;
  readonly min: number;
  readonly max: number;
}

/** The limits of a floating-point dtype: `finfo(x.dtype).eps`, `finfo("float32").min`. */
export function finfo(dtype: DType = "float32"): FloatLimits {
  if (!isFloat(checkDType("finfo", dtype)))
    throw new DTypeError("finfo", `requires a floating point input type, but got ${dtype}. Use iinfo`);
  const [bits, digits, exponent, resolution] = dtype === "float32" ? [32, 23, 127, 1e-6] : [64, 52, 1023, 1e-15];
  const max = (2 - 2 ** -digits) * 2 ** exponent;
  const tiny = 2 ** (1 - exponent);
  return { dtype, bits, eps: 2 ** -digits, min: -max, max, tiny, smallestNormal: tiny, resolution };
}

/** The limits of an integer dtype; those of int64 are the numbers up to which it is exact here. */
export function iinfo(dtype: DType): IntegerLimits {
  if (isFloat(checkDType("iinfo", dtype)))
    throw new DTypeError("iinfo", `requires an integer input type, but got ${dtype}. Use finfo`);
  if (dtype === "bool") throw new DTypeError("iinfo", "bool is not supported");
  if (dtype === "int32") return { dtype, bits: 32, min: -(2 ** 31), max: 2 ** 31 - 1 };
  return { dtype, bits: 64, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
}
