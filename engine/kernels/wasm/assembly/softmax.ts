import { expOfNegative } from "./math";
import { both, loadFirst, lower, multiplyAdd, storeFirst, upper, VECTOR } from "./vector";

// Softmax and its kind along `rows` rows of `n` float32 numbers, in place; sums in float64.

@inline
function largest(x: usize, n: i32): f32 {
  let best = f32x4.splat(load<f32>(x));
  let i = n;
  for (; i >= 4; i -= 4, x += VECTOR) best = f32x4.pmax(best, v128.load(x));
  best = f32x4.pmax(best, loadFirst(x, i, f32x4.extract_lane(best, 0)));
  best = f32x4.pmax(best, i64x2.shuffle(best, best, 1, 1));
  const a = f32x4.extract_lane(best, 0);
  const b = f32x4.extract_lane(best, 1);
  return a < b ? b : a;
}

/** Σ exp(x − shift); the exponentials are written to `x` when asked for. */
@inline
function sumOfExponentials(x: usize, n: i32, shift: f32, write: bool): f64 {
  const minus = f32x4.splat(shift);
  let low = f64x2.splat(0);
  let high = low;
  let i = n;
  for (; i >= 4; i -= 4, x += VECTOR) {
    const e = expOfNegative(f32x4.sub(v128.load(x), minus));
    if (write) v128.store(x, e);
    low = f64x2.add(low, lower(e));
    high = f64x2.add(high, upper(e));
  }
  if (i > 0) {
    const e = expOfNegative(f32x4.sub(loadFirst(x, i, -Infinity), minus));
    if (write) storeFirst(x, i, e);
    low = f64x2.add(low, lower(e));
    high = f64x2.add(high, upper(e));
  }
  return both(f64x2.add(low, high));
}

export function softmaxRows(x: usize, rows: i32, n: i32): void {
  const row = (<usize>n) * 4;
  for (; rows > 0; rows--) {
    const total = f32x4.splat(<f32>sumOfExponentials(x, n, largest(x, n), true));
    const end = x + row;
    for (; x + VECTOR <= end; x += VECTOR) v128.store(x, f32x4.div(v128.load(x), total));
    for (; x < end; x += 4) store<f32>(x, load<f32>(x) / f32x4.extract_lane(total, 0));
  }
}

/** `log` of the C library is not here, so the caller makes it: writes the row's largest number and Σ exp to `to`. */
export function exponentialSums(x: usize, rows: i32, n: i32, to: usize): void {
  for (; rows > 0; rows--, x += (<usize>n) * 4, to += 16) {
    const shift = largest(x, n);
    store<f64>(to, shift);
    store<f64>(to, sumOfExponentials(x, n, shift, false), 8);
  }
}

/** x − shift − log with the pairs of float64 at `shifts`. */
export function subtractFromRows(x: usize, rows: i32, n: i32, shifts: usize): void {
  const row = (<usize>n) * 4;
  for (; rows > 0; rows--, shifts += 16) {
    const shift = <f32>load<f64>(shifts);
    const log = <f32>load<f64>(shifts, 8);
    const end = x + row;
    for (; x + VECTOR <= end; x += VECTOR) {
      v128.store(x, f32x4.sub(f32x4.sub(v128.load(x), f32x4.splat(shift)), f32x4.splat(log)));
    }
    for (; x < end; x += 4) store<f32>(x, load<f32>(x) - shift - log);
  }
}

/** y (g − Σ g y), over g. */
export function softmaxBackwardRows(g: usize, y: usize, rows: i32, n: i32): void {
  for (; rows > 0; rows--) {
    const total = f32x4.splat(<f32>dot(g, y, n));
    let i = n;
    for (; i >= 4; i -= 4, g += VECTOR, y += VECTOR) {
      v128.store(g, f32x4.mul(f32x4.sub(v128.load(g), total), v128.load(y)));
    }
    for (; i > 0; i--, g += 4, y += 4) store<f32>(g, (load<f32>(g) - f32x4.extract_lane(total, 0)) * load<f32>(y));
  }
}

/** Σ a b in float64. */
@inline
function dot(a: usize, b: usize, n: i32): f64 {
  let low = f64x2.splat(0);
  let high = low;
  for (; n >= 4; n -= 4, a += VECTOR, b += VECTOR) {
    const x = v128.load(a);
    const y = v128.load(b);
    low = multiplyAdd<f64>(lower(x), lower(y), low);
    high = multiplyAdd<f64>(upper(x), upper(y), high);
  }
  let total = both(f64x2.add(low, high));
  for (; n > 0; n--, a += 4, b += 4) total += <f64>load<f32>(a) * <f64>load<f32>(b);
  return total;
}

/** g − exp(y) Σ g, over g. */
export function logSoftmaxBackwardRows(g: usize, y: usize, rows: i32, n: i32): void {
  const row = (<usize>n) * 4;
  for (; rows > 0; rows--) {
    let sum = f64x2.splat(0);
    let at = g;
    let i = n;
    for (; i >= 4; i -= 4, at += VECTOR) {
      const four = v128.load(at);
      sum = f64x2.add(sum, f64x2.add(lower(four), upper(four)));
    }
    const rest = loadFirst(at, i, 0);
    const total = f32x4.splat(<f32>both(f64x2.add(sum, f64x2.add(lower(rest), upper(rest)))));
    const end = g + row;
    for (; g + VECTOR <= end; g += VECTOR, y += VECTOR) v128.store(g, spread(v128.load(g), v128.load(y), total));
    const left = <i32>((end - g) >>> 2);
    storeFirst(g, left, spread(loadFirst(g, left, 0), loadFirst(y, left, 0), total));
    g += (<usize>left) * 4;
    y += (<usize>left) * 4;
  }
}

@inline
function spread(g: v128, y: v128, total: v128): v128 {
  return f32x4.sub(g, f32x4.mul(expOfNegative(y), total));
}
