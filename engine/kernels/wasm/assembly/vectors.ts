import { multiplyAdd, VECTOR } from "./vector";

// A vector times a matrix. There is nothing to gain from packing: every element of the matrix is used once.

@inline
function repeat<T>(at: usize): v128 {
  return sizeof<T>() === 4 ? v128.load32_splat(at) : v128.load64_splat(at);
}

/** c += a b: `depth` numbers at `a`, as many rows of `n` numbers at `b`, `n` numbers at `c`. */
@inline
function addRowsTimes<T>(a: usize, b: usize, c: usize, n: i32, depth: i32): void {
  const size = sizeof<T>();
  const row = (<usize>n) * size;
  const lanes = <i32>(VECTOR / size);
  for (; n >= 8 * lanes; n -= 8 * lanes, b += 8 * VECTOR, c += 8 * VECTOR) {
    let s0 = v128.load(c);
    let s1 = v128.load(c, VECTOR);
    let s2 = v128.load(c, 2 * VECTOR);
    let s3 = v128.load(c, 3 * VECTOR);
    let s4 = v128.load(c, 4 * VECTOR);
    let s5 = v128.load(c, 5 * VECTOR);
    let s6 = v128.load(c, 6 * VECTOR);
    let s7 = v128.load(c, 7 * VECTOR);
    let x = a;
    let y = b;
    for (let p = depth; p > 0; p--, x += size, y += row) {
      const factor = repeat<T>(x);
      s0 = multiplyAdd<T>(factor, v128.load(y), s0);
      s1 = multiplyAdd<T>(factor, v128.load(y, VECTOR), s1);
      s2 = multiplyAdd<T>(factor, v128.load(y, 2 * VECTOR), s2);
      s3 = multiplyAdd<T>(factor, v128.load(y, 3 * VECTOR), s3);
      s4 = multiplyAdd<T>(factor, v128.load(y, 4 * VECTOR), s4);
      s5 = multiplyAdd<T>(factor, v128.load(y, 5 * VECTOR), s5);
      s6 = multiplyAdd<T>(factor, v128.load(y, 6 * VECTOR), s6);
      s7 = multiplyAdd<T>(factor, v128.load(y, 7 * VECTOR), s7);
    }
    v128.store(c, s0);
    v128.store(c, s1, VECTOR);
    v128.store(c, s2, 2 * VECTOR);
    v128.store(c, s3, 3 * VECTOR);
    v128.store(c, s4, 4 * VECTOR);
    v128.store(c, s5, 5 * VECTOR);
    v128.store(c, s6, 6 * VECTOR);
    v128.store(c, s7, 7 * VECTOR);
  }
  for (; n >= lanes; n -= lanes, b += VECTOR, c += VECTOR) {
    let sum = v128.load(c);
    let x = a;
    let y = b;
    for (let p = depth; p > 0; p--, x += size, y += row) sum = multiplyAdd<T>(repeat<T>(x), v128.load(y), sum);
    v128.store(c, sum);
  }
  for (; n > 0; n--, b += size, c += size) {
    // In a vector, too, so that a column's sum does not depend on where it stands.
    let sum = repeat<T>(c);
    let x = a;
    let y = b;
    for (let p = depth; p > 0; p--, x += size, y += row) sum = multiplyAdd<T>(repeat<T>(x), repeat<T>(y), sum);
    store<T>(c, v128.extract_lane<T>(sum, 0));
  }
}

/** c += a bᵀ: `depth` numbers at `a`, `n` rows of as many numbers at `b`, `n` numbers at `c`. */
@inline
function addDots<T>(a: usize, b: usize, c: usize, n: i32, depth: i32): void {
  const size = sizeof<T>();
  const lanes = <i32>(VECTOR / size);
  for (; n > 0; n--, c += size) {
    let s0 = v128.splat<T>(<T>0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let x = a;
    let p = depth;
    for (; p >= 4 * lanes; p -= 4 * lanes, x += 4 * VECTOR, b += 4 * VECTOR) {
      s0 = multiplyAdd<T>(v128.load(x), v128.load(b), s0);
      s1 = multiplyAdd<T>(v128.load(x, VECTOR), v128.load(b, VECTOR), s1);
      s2 = multiplyAdd<T>(v128.load(x, 2 * VECTOR), v128.load(b, 2 * VECTOR), s2);
      s3 = multiplyAdd<T>(v128.load(x, 3 * VECTOR), v128.load(b, 3 * VECTOR), s3);
    }
    for (; p >= lanes; p -= lanes, x += VECTOR, b += VECTOR) s0 = multiplyAdd<T>(v128.load(x), v128.load(b), s0);
    const sums = v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3));
    let total = v128.extract_lane<T>(sums, 0) + v128.extract_lane<T>(sums, 1);
    if (size === 4) total += v128.extract_lane<T>(sums, 2) + v128.extract_lane<T>(sums, 3);
    for (; p > 0; p--, x += size, b += size) total += load<T>(x) * load<T>(b);
    store<T>(c, load<T>(c) + total);
  }
}

export function vectorTimesRows(a: usize, b: usize, c: usize, n: i32, depth: i32): void {
  addRowsTimes<f32>(a, b, c, n, depth);
}

export function vectorTimesRowsf64(a: usize, b: usize, c: usize, n: i32, depth: i32): void {
  addRowsTimes<f64>(a, b, c, n, depth);
}

export function vectorDotRows(a: usize, b: usize, c: usize, n: i32, depth: i32): void {
  addDots<f32>(a, b, c, n, depth);
}

export function vectorDotRowsf64(a: usize, b: usize, c: usize, n: i32, depth: i32): void {
  addDots<f64>(a, b, c, n, depth);
}
