import type { Tensor } from "../autograd/tensor.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { atan2 } from "./binaryMath.ts";
import { ge, gt, le, lt, ne } from "./comparison.ts";
import type { Pair } from "./pair.ts";
import { abs, neg } from "./pointwise.ts";
import { trunc } from "./rounding.ts";
import { clamp } from "./selection.ts";
import { acos, acosh, asin, asinh, atan, atanh } from "./trigonometry.ts";

// Second names that PyTorch gives the same functions.

type Pointwise = (self: Tensor) => Tensor;

/** The same as `abs`. */
export const absolute: Pointwise = abs;
/** The same as `neg`. */
export const negative: Pointwise = neg;
/** The same as `trunc`. */
export const fix: Pointwise = trunc;
/** The same as `acos`. */
export const arccos: Pointwise = acos;
/** The same as `acosh`. */
export const arccosh: Pointwise = acosh;
/** The same as `asin`. */
export const arcsin: Pointwise = asin;
/** The same as `asinh`. */
export const arcsinh: Pointwise = asinh;
/** The same as `atan`. */
export const arctan: Pointwise = atan;
/** The same as `atanh`. */
export const arctanh: Pointwise = atanh;
/** The same as `atan2`. */
export const arctan2: Pair = atan2;
/** The same as `sub`. */
export const subtract: typeof sub = sub;
/** The same as `mul`. */
export const multiply: Pair = mul;
/** The same as `div`. */
export const divide: typeof div = div;
/** The same as `ne`. */
export const notEqual: Pair = ne;
/** The same as `lt`. */
export const less: Pair = lt;
/** The same as `le`. */
export const lessEqual: Pair = le;
/** The same as `gt`. */
export const greater: Pair = gt;
/** The same as `ge`. */
export const greaterEqual: Pair = ge;
/** The same as `clamp`. */
export const clip: typeof clamp = clamp;
