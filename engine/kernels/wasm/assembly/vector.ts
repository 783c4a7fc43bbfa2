// What the other files build on: 128-bit vectors of float32 (four lanes) or float64 (two).

/** Bytes of a vector. */
export const VECTOR: usize = 16;

/** a · b + c, rounded once where the machine has the instruction for it. */
@inline
export function multiplyAdd<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_madd<T>(a, b, c) : v128.add<T>(c, v128.mul<T>(a, b));
}

/** `c + a · x` in each float32 lane: the step of Horner's rule. */
@inline
export function horner(sum: v128, x: v128, coefficient: f32): v128 {
  return multiplyAdd<f32>(sum, x, f32x4.splat(coefficient));
}

/** Lanes of `a` where the mask is set, else of `b`. */
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}
