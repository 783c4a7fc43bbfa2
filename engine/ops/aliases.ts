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

export const absolute: Pointwise = abs;
export const negative: Pointwise = neg;
export const fix: Pointwise = trunc;
export const arccos: Pointwise = acos;
export const arccosh: Pointwise = acosh;
export const arcsin: Pointwise = asin;
export const arcsinh: Pointwise = asinh;
export const arctan: Pointwise = atan;
export const arctanh: Pointwise = atanh;
export const arctan2: Pair = atan2;
export const subtract: typeof sub = sub;
export const multiply: Pair = mul;
export const divide: typeof div = div;
export const notEqual: Pair = ne;
export const less: Pair = lt;
export const lessEqual: Pair = le;
export const greater: Pair = gt;
export const greaterEqual: Pair = ge;
export const clip: typeof clamp = clamp;
