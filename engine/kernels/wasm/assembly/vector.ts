// What the other files build on: 128-bit vectors of float32 (four lanes) or float64 (two).

/** Bytes of a vector. */
export const VECTOR: usize = 16;

/** a · b + c, rounded once where the machine has the instruction for it. */
@inline
export function multiplyAdd<T>(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.relaxed_madd<T>(a, b, c) : v128.add<T>(c, v128.mul<T>(a, b));
}

/**
 * A constant of four bytes in all lanes. Constants stand in memory, because V8 makes a constant vector anew, in five
 * instructions, wherever one is used; a load is one.
 */
@inline
export function all(constant: usize): v128 {
  return v128.load32_splat(constant);
}

/** Lanes of `a` where the mask is set, else of `b`. */
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** The two lower lanes as float64. */
@inline
export function lower(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The two upper lanes as float64. */
@inline
export function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1));
}

/** The sum of two float64 lanes. */
@inline
export function both(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** A vector of which the first `n` float32 lanes, at most four, are read; the others are `rest`. */
@inline
export function loadFirst(at: usize, n: i32, rest: f32): v128 {
  let x = f32x4.splat(rest);
  if (n > 0) x = v128.load32_lane(at, x, 0);
  if (n > 1) x = v128.load32_lane(at + 4, x, 1);
  if (n > 2) x = v128.load32_lane(at + 8, x, 2);
  return x;
}

/** Writes the first `n` lanes, at most three. */
@inline
export function storeFirst(at: usize, n: i32, x: v128): void {
  if (n > 0) v128.store32_lane(at, x, 0);
  if (n > 1) v128.store32_lane(at + 4, x, 1);
  if (n > 2) v128.store32_lane(at + 8, x, 2);
}
