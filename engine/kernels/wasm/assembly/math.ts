import { all, multiplyAdd, select } from "./vector";

// Functions of four float32 numbers at once. Errors, in units in the last place of a float32 (tests hold them to this): exp,
// expm1, log, log1p 1; tanh 2; sigmoid 2. Where a result is below the smallest normal number, or is the small difference of
// large ones in Φ's tail, the error is relative to those. NaN, infinities and overflow come out as in C.

/** `sum · x + coefficient`, the step of Horner's rule. */
@inline
function horner(sum: v128, x: v128, coefficient: usize): v128 {
  return multiplyAdd<f32>(sum, x, all(coefficient));
}

const HALF = memory.data<f32>([0.5]);
const ONE = memory.data<f32>([1]);
const TWO = memory.data<f32>([2]);
const INFINITE = memory.data<f32>([Infinity]);
const SIGN = memory.data<i32>([0x80000000]);
const ONE_BIT = memory.data<i32>([1]);
const BIAS = memory.data<i32>([127]);

/** Few bits, so that its product with a small integer is exact. */
const LN2_HIGH = memory.data<f32>([0.693145751953125]);
const LN2_LOW = memory.data<f32>([1.42860676533018704e-6]);
const MINUS_LN2_HIGH = memory.data<f32>([-0.693145751953125]);
const MINUS_LN2_LOW = memory.data<f32>([-1.42860676533018704e-6]);
const LOG2_E = memory.data<f32>([1.44269504088896341]);
/** 1.5 · 2²³: added to a small number, its last bits are the nearest integer. */
const ROUNDER = memory.data<f32>([12582912]);
/** Its bits less those of 1: taken from the bits of a rounded n and shifted, they give 2ⁿ. */
const ROUNDER_BITS = memory.data<i32>([0x4b400000]);
const ROUNDER_LESS_BIAS = memory.data<i32>([0x4b400000 - 127]);

const EXP_HIGHEST = memory.data<f32>([89]);
const EXP_LOWEST = memory.data<f32>([-104]);
const EXP_LOWEST_NORMAL = memory.data<f32>([-87.3]);
const EXPM1_HIGHEST = memory.data<f32>([88.8]);
const EXPM1_LOWEST = memory.data<f32>([-18]);
/** From here on tanh is 1. */
const TANH_HIGHEST = memory.data<f32>([9.1]);

const EXP_2 = memory.data<f32>([0.5]);
const EXP_3 = memory.data<f32>([0.166666671633720398]);
const EXP_4 = memory.data<f32>([0.0416664853692054749]);
const EXP_5 = memory.data<f32>([0.00833336077630519867]);
const EXP_6 = memory.data<f32>([0.00139304355252534151]);
const EXP_7 = memory.data<f32>([0.000198527617612853646]);

/** 2ⁿ for the integers in `rounded − ROUNDER`, n in −126 … 127. */
@inline
function powerOfTwo(rounded: v128): v128 {
  return i32x4.shl(i32x4.sub(rounded, all(ROUNDER_LESS_BIAS)), 23);
}

/** n and r with x = n ln 2 + r and |r| ≤ ln 2 / 2; n as `rounded − ROUNDER`. Gives r. */
@inline
function reduce(x: v128, n: v128): v128 {
  const high = multiplyAdd<f32>(n, all(MINUS_LN2_HIGH), x);
  return multiplyAdd<f32>(n, all(MINUS_LN2_LOW), high);
}

/** eʳ − 1 − r for |r| ≤ ln 2 / 2, over r². */
@inline
function expTail(r: v128): v128 {
  let q = all(EXP_7);
  q = horner(q, r, EXP_6);
  q = horner(q, r, EXP_5);
  q = horner(q, r, EXP_4);
  q = horner(q, r, EXP_3);
  return horner(q, r, EXP_2);
}

/** eˣ */
@inline
export function exp(x: v128): v128 {
  // Beyond these it is 0 or infinite. The order of the operands lets NaN through.
  const inside = f32x4.pmax(f32x4.pmin(x, all(EXP_HIGHEST)), all(EXP_LOWEST));
  const rounded = multiplyAdd<f32>(inside, all(LOG2_E), all(ROUNDER));
  const n = f32x4.sub(rounded, all(ROUNDER));
  const r = reduce(inside, n);
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  const value = f32x4.add(part, all(ONE));
  // In two steps, because 2ⁿ alone may be outside of the normal numbers where eˣ is inside, or eˣ itself may be below them.
  const half = i32x4.shr_s(i32x4.sub(rounded, all(ROUNDER_BITS)), 1);
  const first = i32x4.shl(i32x4.add(half, all(BIAS)), 23);
  const rest = i32x4.sub(i32x4.sub(rounded, all(ROUNDER_BITS)), half);
  const second = i32x4.shl(i32x4.add(rest, all(BIAS)), 23);
  return f32x4.mul(f32x4.mul(value, first), second);
}

/** eˣ for x ≤ 0, with 0 for results below the normal numbers. */
@inline
export function expOfNegative(x: v128): v128 {
  const inside = f32x4.pmax(x, all(EXP_LOWEST_NORMAL));
  const rounded = multiplyAdd<f32>(inside, all(LOG2_E), all(ROUNDER));
  const r = reduce(inside, f32x4.sub(rounded, all(ROUNDER)));
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  const scale = powerOfTwo(rounded);
  const value = multiplyAdd<f32>(part, scale, scale);
  return v128.andnot(value, f32x4.lt(x, all(EXP_LOWEST_NORMAL)));
}

/** eˣ − 1 */
@inline
export function expm1(x: v128): v128 {
  const inside = f32x4.pmax(f32x4.pmin(x, all(EXPM1_HIGHEST)), all(EXPM1_LOWEST));
  const rounded = multiplyAdd<f32>(inside, all(LOG2_E), all(ROUNDER));
  const n = f32x4.sub(rounded, all(ROUNDER));
  const r = reduce(inside, n);
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  // 2ⁿ (e^r − 1) + 2ⁿ − 1; 2¹²⁸ is not a float32, so half of everything.
  const half = powerOfTwo(i32x4.sub(rounded, all(ONE_BIT)));
  const sum = multiplyAdd<f32>(part, half, f32x4.sub(half, all(HALF)));
  return f32x4.add(sum, sum);
}

/** tanh x = (e²ˣ − 1) / (e²ˣ − 1 + 2), with the sign of x. */
@inline
export function tanh(x: v128): v128 {
  const sign = v128.and(x, all(SIGN));
  const size = f32x4.pmin(f32x4.abs(x), all(TANH_HIGHEST));
  const doubled = f32x4.add(size, size);
  const rounded = multiplyAdd<f32>(doubled, all(LOG2_E), all(ROUNDER));
  const r = reduce(doubled, f32x4.sub(rounded, all(ROUNDER)));
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  const scale = powerOfTwo(rounded);
  const grown = multiplyAdd<f32>(part, scale, f32x4.sub(scale, all(ONE)));
  return v128.or(f32x4.div(grown, f32x4.add(grown, all(TWO))), sign);
}

/** 1 / (1 + e⁻ˣ), without losing digits where it is small. */
@inline
export function sigmoid(x: v128): v128 {
  const e = expOfNegative(f32x4.neg(f32x4.abs(x)));
  const negative = f32x4.lt(x, f32x4.splat(0));
  return f32x4.div(select(negative, e, all(ONE)), f32x4.add(e, all(ONE)));
}

const SMALLEST_NORMAL = memory.data<f32>([1.17549435e-38]);
const TWO_TO_25 = memory.data<f32>([33554432]);
const TWENTY_FIVE = memory.data<f32>([25]);
const SQRT_HALF_BITS = memory.data<i32>([0x3f3504f3]);
const LOG_0 = memory.data<f32>([0.66666662693]);
const LOG_1 = memory.data<f32>([0.40000972152]);
const LOG_2 = memory.data<f32>([0.28498786688]);
const LOG_3 = memory.data<f32>([0.24279078841]);

/** ln x */
@inline
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, all(SMALLEST_NORMAL));
  const scaled = select(tiny, f32x4.mul(x, all(TWO_TO_25)), x);
  // x = 2ᵏ m with m in √½ … √2.
  const shifted = i32x4.sub(scaled, all(SQRT_HALF_BITS));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(scaled, i32x4.shl(exponent, 23));
  const k = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(tiny, all(TWENTY_FIVE)));
  const f = f32x4.sub(m, all(ONE));
  const value = logOfNearOne(f, k);
  const usual = v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.lt(x, all(INFINITE)));
  return select(usual, value, logOfOthers(x));
}

/** ln(1 + f) + k ln 2, with f in √½ − 1 … √2 − 1, as in FreeBSD's msun. */
@inline
function logOfNearOne(f: v128, k: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f, all(TWO)));
  const z = f32x4.mul(s, s);
  let series = all(LOG_3);
  series = horner(series, z, LOG_2);
  series = horner(series, z, LOG_1);
  series = horner(series, z, LOG_0);
  const half = f32x4.mul(f32x4.mul(f, f), all(HALF));
  const small = multiplyAdd<f32>(s, f32x4.add(half, f32x4.mul(series, z)), f32x4.mul(k, all(LN2_LOW)));
  return f32x4.add(f32x4.add(f32x4.sub(small, half), f), f32x4.mul(k, all(LN2_HIGH)));
}

/** Of 0 −∞, of ∞ itself, of negative numbers and NaN NaN. */
@inline
function logOfOthers(x: v128): v128 {
  const finite = f32x4.eq(x, f32x4.splat(0));
  const large = f32x4.eq(x, all(INFINITE));
  const unknown = select(large, x, f32x4.splat(NaN));
  return select(finite, f32x4.splat(-Infinity), unknown);
}

/** ln(1 + u) for 0 ≤ u ≤ 1. */
@inline
export function log1pOfPositive(u: v128): v128 {
  const one = all(ONE);
  const w = f32x4.add(u, one);
  // What 1 + u lost in rounding counts 1/w times as much in the logarithm.
  const lost = f32x4.sub(u, f32x4.sub(w, one));
  const shifted = i32x4.sub(w, all(SQRT_HALF_BITS));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(w, i32x4.shl(exponent, 23));
  const value = logOfNearOne(f32x4.sub(m, one), f32x4.convert_i32x4_s(exponent));
  return f32x4.add(value, f32x4.div(lost, w));
}

const FOUR = memory.data<f32>([4]);
const FIFTEEN = memory.data<f32>([15]);
const TAIL_0 = memory.data<f32>([0.755285144]);
const TAIL_1 = memory.data<f32>([-0.607896566]);
const TAIL_2 = memory.data<f32>([0.387136698]);
const TAIL_3 = memory.data<f32>([-0.186523303]);
const TAIL_4 = memory.data<f32>([0.0604061857]);
const TAIL_5 = memory.data<f32>([-0.00752540259]);
const TAIL_6 = memory.data<f32>([-0.00352097279]);
const TAIL_7 = memory.data<f32>([0.00156688166]);
const TAIL_8 = memory.data<f32>([0.000188996521]);
const TAIL_9 = memory.data<f32>([-0.000125558377]);

/**
 * Φ(−z) e^(z²/2) of the normal distribution for z ≥ 0, by the Chebyshev interpolant of degree 9 of its product with z + 4
 * in (z − 4)/(z + 4) for z up to 15; relative error 1.4e-8 before rounding.
 */
@inline
export function scaledTail(z: v128): v128 {
  const wide = f32x4.add(z, all(FOUR));
  const t = f32x4.div(f32x4.sub(z, all(FOUR)), wide);
  let sum = all(TAIL_9);
  sum = horner(sum, t, TAIL_8);
  sum = horner(sum, t, TAIL_7);
  sum = horner(sum, t, TAIL_6);
  sum = horner(sum, t, TAIL_5);
  sum = horner(sum, t, TAIL_4);
  sum = horner(sum, t, TAIL_3);
  sum = horner(sum, t, TAIL_2);
  sum = horner(sum, t, TAIL_1);
  sum = horner(sum, t, TAIL_0);
  return f32x4.div(sum, wide);
}

/** Φ(x), given e^(−x²/2). */
@inline
export function normalDistribution(x: v128, gauss: v128): v128 {
  const tail = f32x4.mul(gauss, scaledTail(f32x4.pmin(f32x4.abs(x), all(FIFTEEN)))); // the rest gauss has made 0
  return select(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(all(ONE), tail));
}
