import { both, lower, upper, VECTOR } from "./vector";

// Sums of float32 numbers, kept in float64.

/** Sum of `n` numbers at `x`. */
export function sum(x: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; n >= 8; n -= 8, x += 2 * VECTOR) {
    const first = v128.load(x);
    const second = v128.load(x, VECTOR);
    a = f64x2.add(a, lower(first));
    b = f64x2.add(b, upper(first));
    c = f64x2.add(c, lower(second));
    d = f64x2.add(d, upper(second));
  }
  let total = both(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; n > 0; n--, x += 4) total += load<f32>(x);
  return total;
}

/** Sums of `rows` rows of `n` numbers into float64 at `to`. */
export function sumRows(x: usize, rows: i32, n: i32, to: usize): void {
  for (; rows > 0; rows--, x += (<usize>n) * 4, to += 8) store<f64>(to, sum(x, n));
}

/** Adds `rows` rows of `n` numbers to the `n` float64 at `to`. */
export function addRows(x: usize, rows: i32, n: i32, to: usize): void {
  const row = (<usize>n) * 4;
  let i = n;
  for (; i >= 4; i -= 4, x += VECTOR, to += 2 * VECTOR) {
    let low = v128.load(to);
    let high = v128.load(to, VECTOR);
    let at = x;
    for (let r = rows; r > 0; r--, at += row) {
      const four = v128.load(at);
      low = f64x2.add(low, lower(four));
      high = f64x2.add(high, upper(four));
    }
    v128.store(to, low);
    v128.store(to, high, VECTOR);
  }
  for (; i > 0; i--, x += 4, to += 8) {
    let total = load<f64>(to);
    let at = x;
    for (let r = rows; r > 0; r--, at += row) total += load<f32>(at);
    store<f64>(to, total);
  }
}

/** Sum of the squares of `n` numbers at `x`. Four sums, because one would wait for each addition to end. */
export function sumOfSquares(x: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; n >= 8; n -= 8, x += 2 * VECTOR) {
    const first = v128.load(x);
    const second = v128.load(x, VECTOR);
    const p = lower(first);
    const q = upper(first);
    const r = lower(second);
    const s = upper(second);
    a = f64x2.add(a, f64x2.mul(p, p));
    b = f64x2.add(b, f64x2.mul(q, q));
    c = f64x2.add(c, f64x2.mul(r, r));
    d = f64x2.add(d, f64x2.mul(s, s));
  }
  let total = both(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; n > 0; n--, x += 4) total += <f64>load<f32>(x) * <f64>load<f32>(x);
  return total;
}

/** Whether any of `n` numbers at `x` is not finite. */
export function anyNonFinite(x: usize, n: i32): i32 {
  // x − x is 0 for finite x and NaN otherwise; NaNs survive additions.
  let a = f32x4.splat(0);
  let b = a;
  for (; n >= 8; n -= 8, x += 2 * VECTOR) {
    const first = v128.load(x);
    const second = v128.load(x, VECTOR);
    a = f32x4.add(a, f32x4.sub(first, first));
    b = f32x4.add(b, f32x4.sub(second, second));
  }
  const probe = f32x4.add(a, b);
  let found: i32 = v128.any_true(f32x4.ne(probe, probe)) ? 1 : 0;
  for (; n > 0; n--, x += 4) {
    const value = load<f32>(x);
    if (!isFinite(value)) found = 1;
  }
  return found;
}
