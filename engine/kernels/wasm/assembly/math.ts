import { horner, multiplyAdd, select } from "./vector";

// Functions of four float32 numbers at once. Errors, in units in the last place of a float32 (tests hold them to this): exp,
// expm1, log, log1p 1; tanh 2; sigmoid 2. Where a result is below the smallest normal number, or is the small difference of
// large ones in Φ's tail, the error is relative to those. NaN, infinities and overflow come out as in C.

const LN2_HIGH: f32 = 0.693145751953125; // few bits, so that its product with a small integer is exact
const LN2_LOW: f32 = 1.42860676533018704e-6;
const LOG2_E: f32 = 1.44269504088896341;
/** 1.5 · 2²³: added to a small number, its last bits are the nearest integer. */
const ROUNDER: f32 = 12582912;

/** 2ⁿ for the integers in `rounded − ROUNDER`, n in −126 … 127. */
@inline
function powerOfTwo(rounded: v128): v128 {
  return i32x4.shl(i32x4.add(rounded, i32x4.splat(127 - 0x4b400000)), 23);
}

/** n and r with x = n ln 2 + r and |r| ≤ ln 2 / 2; n as `rounded − ROUNDER`. Gives r. */
@inline
function reduce(x: v128, n: v128): v128 {
  const high = multiplyAdd<f32>(n, f32x4.splat(-LN2_HIGH), x);
  return multiplyAdd<f32>(n, f32x4.splat(-LN2_LOW), high);
}

/** eʳ − 1 − r for |r| ≤ ln 2 / 2, over r². */
@inline
function expTail(r: v128): v128 {
  let q = f32x4.splat(0.000198527617612853646);
  q = horner(q, r, 0.00139304355252534151);
  q = horner(q, r, 0.00833336077630519867);
  q = horner(q, r, 0.0416664853692054749);
  q = horner(q, r, 0.166666671633720398);
  return horner(q, r, 0.5);
}

/** eˣ */
@inline
export function exp(x: v128): v128 {
  // Beyond these it is 0 or infinite. The order of the operands lets NaN through.
  const inside = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  const rounded = multiplyAdd<f32>(inside, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  const r = reduce(inside, n);
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  const value = f32x4.add(part, f32x4.splat(1));
  // In two steps, because 2ⁿ alone may be outside of the normal numbers where eˣ is inside, or eˣ itself may be below them.
  const half = i32x4.shr_s(i32x4.sub(rounded, i32x4.splat(0x4b400000)), 1);
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const rest = i32x4.sub(i32x4.sub(rounded, i32x4.splat(0x4b400000)), half);
  const second = i32x4.shl(i32x4.add(rest, i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(value, first), second);
}

/** eˣ for x ≤ 0, with 0 for results below the normal numbers. */
@inline
export function expOfNegative(x: v128): v128 {
  const inside = f32x4.pmax(x, f32x4.splat(-87.3));
  const rounded = multiplyAdd<f32>(inside, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const r = reduce(inside, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  const scale = powerOfTwo(rounded);
  const value = multiplyAdd<f32>(part, scale, scale);
  return v128.andnot(value, f32x4.lt(x, f32x4.splat(-87.3)));
}

/** eˣ − 1 */
@inline
export function expm1(x: v128): v128 {
  const inside = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.8)), f32x4.splat(-18));
  const rounded = multiplyAdd<f32>(inside, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  const r = reduce(inside, n);
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  // 2ⁿ (e^r − 1) + 2ⁿ − 1; 2¹²⁸ is not a float32, so half of everything.
  const half = powerOfTwo(i32x4.sub(rounded, i32x4.splat(1)));
  const sum = multiplyAdd<f32>(part, half, f32x4.sub(half, f32x4.splat(0.5)));
  return f32x4.add(sum, sum);
}

/** tanh x = (e²ˣ − 1) / (e²ˣ − 1 + 2), with the sign of x. */
@inline
export function tanh(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(<i32>0x80000000));
  const size = f32x4.pmin(f32x4.abs(x), f32x4.splat(9.1)); // from there on it is 1
  const doubled = f32x4.add(size, size);
  const rounded = multiplyAdd<f32>(doubled, f32x4.splat(LOG2_E), f32x4.splat(ROUNDER));
  const r = reduce(doubled, f32x4.sub(rounded, f32x4.splat(ROUNDER)));
  const part = multiplyAdd<f32>(expTail(r), f32x4.mul(r, r), r);
  const scale = powerOfTwo(rounded);
  const grown = multiplyAdd<f32>(part, scale, f32x4.sub(scale, f32x4.splat(1)));
  return v128.or(f32x4.div(grown, f32x4.add(grown, f32x4.splat(2))), sign);
}

/** 1 / (1 + e⁻ˣ), without losing digits where it is small. */
@inline
export function sigmoid(x: v128): v128 {
  const e = expOfNegative(f32x4.neg(f32x4.abs(x)));
  const negative = f32x4.lt(x, f32x4.splat(0));
  return f32x4.div(select(negative, e, f32x4.splat(1)), f32x4.add(e, f32x4.splat(1)));
}

/** ln x */
@inline
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = select(tiny, f32x4.mul(x, f32x4.splat(33554432)), x); // 2²⁵
  // x = 2ᵏ m with m in √½ … √2.
  const shifted = i32x4.sub(scaled, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(scaled, i32x4.shl(exponent, 23));
  const k = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(tiny, f32x4.splat(25)));
  const f = f32x4.sub(m, f32x4.splat(1));
  const value = logOfNearOne(f, k);
  const usual = v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.lt(x, f32x4.splat(Infinity)));
  return select(usual, value, logOfOthers(x));
}

/** ln(1 + f) + k ln 2, with f in √½ − 1 … √2 − 1, as in FreeBSD's msun. */
@inline
function logOfNearOne(f: v128, k: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  let series = f32x4.splat(0.24279078841);
  series = horner(series, z, 0.28498786688);
  series = horner(series, z, 0.40000972152);
  series = horner(series, z, 0.66666662693);
  const half = f32x4.mul(f32x4.mul(f, f), f32x4.splat(0.5));
  const small = multiplyAdd<f32>(s, f32x4.add(half, f32x4.mul(series, z)), f32x4.mul(k, f32x4.splat(LN2_LOW)));
  return f32x4.add(f32x4.add(f32x4.sub(small, half), f), f32x4.mul(k, f32x4.splat(LN2_HIGH)));
}

/** Of 0 −∞, of ∞ itself, of negative numbers and NaN NaN. */
@inline
function logOfOthers(x: v128): v128 {
  const finite = f32x4.eq(x, f32x4.splat(0));
  const large = f32x4.eq(x, f32x4.splat(Infinity));
  const unknown = select(large, x, f32x4.splat(NaN));
  return select(finite, f32x4.splat(-Infinity), unknown);
}

/** ln(1 + u) for 0 ≤ u ≤ 1. */
@inline
export function log1pOfPositive(u: v128): v128 {
  const one = f32x4.splat(1);
  const w = f32x4.add(u, one);
  // What 1 + u lost in rounding counts 1/w times as much in the logarithm.
  const lost = f32x4.sub(u, f32x4.sub(w, one));
  const shifted = i32x4.sub(w, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(w, i32x4.shl(exponent, 23));
  const value = logOfNearOne(f32x4.sub(m, one), f32x4.convert_i32x4_s(exponent));
  return f32x4.add(value, f32x4.div(lost, w));
}

/**
 * Φ(−z) e^(z²/2) of the normal distribution for z ≥ 0, by the Chebyshev interpolant of degree 9 of its product with z + 4
 * in (z − 4)/(z + 4) for z up to 15; relative error 1.4e-8 before rounding.
 */
@inline
export function scaledTail(z: v128): v128 {
  const wide = f32x4.add(z, f32x4.splat(4));
  const t = f32x4.div(f32x4.sub(z, f32x4.splat(4)), wide);
  let sum = f32x4.splat(-0.000125558377);
  sum = horner(sum, t, 0.000188996521);
  sum = horner(sum, t, 0.00156688166);
  sum = horner(sum, t, -0.00352097279);
  sum = horner(sum, t, -0.00752540259);
  sum = horner(sum, t, 0.0604061857);
  sum = horner(sum, t, -0.186523303);
  sum = horner(sum, t, 0.387136698);
  sum = horner(sum, t, -0.607896566);
  sum = horner(sum, t, 0.755285144);
  return f32x4.div(sum, wide);
}

/** Φ(x), given e^(−x²/2). */
@inline
export function normalDistribution(x: v128, gauss: v128): v128 {
  const tail = f32x4.mul(gauss, scaledTail(f32x4.pmin(f32x4.abs(x), f32x4.splat(15)))); // the rest gauss has made 0
  return select(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(f32x4.splat(1), tail));
}
