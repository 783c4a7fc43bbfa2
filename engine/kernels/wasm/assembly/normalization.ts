import { both, loadFirst, lower, multiplyAdd, storeFirst, upper, VECTOR } from "./vector";

// Means and deviations of `rows` rows of `n` float32 numbers, and what is done with them. Statistics are float64, one per
// row, so that a large mean costs no digits: it is taken off in two parts of float32.

/** Σ (x − mean)² of each row, to float64. */
export function squareDistances(x: usize, rows: i32, n: i32, mean: usize, to: usize): void {
  for (; rows > 0; rows--, mean += 8, to += 8) {
    const center = f64x2.splat(load<f64>(mean));
    let low = f64x2.splat(0);
    let high = low;
    let i = n;
    for (; i >= 4; i -= 4, x += VECTOR) {
      const four = v128.load(x);
      const a = f64x2.sub(lower(four), center);
      const b = f64x2.sub(upper(four), center);
      low = multiplyAdd<f64>(a, a, low);
      high = multiplyAdd<f64>(b, b, high);
    }
    let total = both(f64x2.add(low, high));
    for (; i > 0; i--, x += 4) {
      const d = <f64>load<f32>(x) - load<f64>(mean);
      total += d * d;
    }
    store<f64>(to, total);
  }
}

@inline
function centered(x: v128, high: v128, low: v128): v128 {
  return f32x4.sub(f32x4.sub(x, high), low);
}

/** (x − mean) · scale · weight + bias, over x; weight and bias have one number per column. */
export function standardizeRows(
  x: usize,
  rows: i32,
  n: i32,
  mean: usize,
  scale: usize,
  weight: usize,
  bias: usize,
): void {
  for (; rows > 0; rows--, mean += 8, scale += 8) {
    const high = <f32>load<f64>(mean);
    const low = f32x4.splat(<f32>(load<f64>(mean) - <f64>high));
    const factor = f32x4.splat(<f32>load<f64>(scale));
    let w = weight;
    let b = bias;
    let i = n;
    for (; i >= 4; i -= 4, x += VECTOR, w += VECTOR, b += VECTOR) {
      const hat = f32x4.mul(centered(v128.load(x), f32x4.splat(high), low), factor);
      v128.store(x, multiplyAdd<f32>(hat, v128.load(w), v128.load(b)));
    }
    const hat = f32x4.mul(centered(loadFirst(x, i, 0), f32x4.splat(high), low), factor);
    storeFirst(x, i, multiplyAdd<f32>(hat, loadFirst(w, i, 0), loadFirst(b, i, 0)));
    x += (<usize>i) * 4;
  }
}

/** (x − mean) · factor + shift, over x, with all three per row. */
export function scaleRows(x: usize, rows: i32, n: i32, mean: usize, factor: usize, shift: usize): void {
  for (; rows > 0; rows--, mean += 8, factor += 8, shift += 8) {
    const high = f32x4.splat(<f32>load<f64>(mean));
    const low = f32x4.splat(<f32>(load<f64>(mean) - <f64>(<f32>load<f64>(mean))));
    const f = f32x4.splat(<f32>load<f64>(factor));
    const s = f32x4.splat(<f32>load<f64>(shift));
    let i = n;
    for (; i >= 4; i -= 4, x += VECTOR) v128.store(x, multiplyAdd<f32>(centered(v128.load(x), high, low), f, s));
    storeFirst(x, i, multiplyAdd<f32>(centered(loadFirst(x, i, 0), high, low), f, s));
    x += (<usize>i) * 4;
  }
}

/** The gradient of `standardizeRows` in x where mean and scale come from each row itself, over g. */
export function standardizeInputRows(
  g: usize,
  x: usize,
  rows: i32,
  n: i32,
  mean: usize,
  scale: usize,
  weight: usize,
): void {
  for (; rows > 0; rows--, mean += 8, scale += 8) {
    const center = f32x4.splat(<f32>load<f64>(mean));
    const factor = load<f64>(scale);
    let total = f64x2.splat(0);
    let along = f64x2.splat(0);
    let i = n;
    let at: usize = 0;
    for (; i >= 4; i -= 4, at += VECTOR) {
      const weighted = f32x4.mul(v128.load(g + at), v128.load(weight + at));
      const d = f32x4.sub(v128.load(x + at), center);
      total = f64x2.add(total, f64x2.add(lower(weighted), upper(weighted)));
      along = multiplyAdd<f64>(lower(weighted), lower(d), along);
      along = multiplyAdd<f64>(upper(weighted), upper(d), along);
    }
    const last = f32x4.mul(loadFirst(g + at, i, 0), loadFirst(weight + at, i, 0));
    const away = f32x4.sub(loadFirst(x + at, i, 0), center);
    total = f64x2.add(total, f64x2.add(lower(last), upper(last)));
    along = multiplyAdd<f64>(lower(last), lower(away), along);
    along = multiplyAdd<f64>(upper(last), upper(away), along);
    const shift = f32x4.splat(<f32>(both(total) / <f64>n));
    const slope = f32x4.splat(<f32>((both(along) / <f64>n) * factor * factor));
    const f = f32x4.splat(<f32>factor);
    let w = weight;
    i = n;
    for (; i >= 4; i -= 4, g += VECTOR, x += VECTOR, w += VECTOR) {
      const rest = f32x4.sub(f32x4.mul(v128.load(g), v128.load(w)), shift);
      const part = f32x4.mul(f32x4.sub(v128.load(x), center), slope);
      v128.store(g, f32x4.mul(f, f32x4.sub(rest, part)));
    }
    const rest = f32x4.sub(f32x4.mul(loadFirst(g, i, 0), loadFirst(w, i, 0)), shift);
    const part = f32x4.mul(f32x4.sub(loadFirst(x, i, 0), center), slope);
    storeFirst(g, i, f32x4.mul(f, f32x4.sub(rest, part)));
    g += (<usize>i) * 4;
    x += (<usize>i) * 4;
  }
}

/** Adds g · (x − mean) · scale of each row to the float64 at `to`, one per column. */
export function standardizeWeightRows(
  g: usize,
  x: usize,
  rows: i32,
  n: i32,
  mean: usize,
  scale: usize,
  to: usize,
): void {
  for (; rows > 0; rows--, mean += 8, scale += 8) {
    const center = f32x4.splat(<f32>load<f64>(mean));
    const factor = f32x4.splat(<f32>load<f64>(scale));
    let sum = to;
    let i = n;
    for (; i >= 4; i -= 4, g += VECTOR, x += VECTOR, sum += 2 * VECTOR) {
      const part = f32x4.mul(v128.load(g), f32x4.mul(f32x4.sub(v128.load(x), center), factor));
      v128.store(sum, f64x2.add(v128.load(sum), lower(part)));
      v128.store(sum, f64x2.add(v128.load(sum, VECTOR), upper(part)), VECTOR);
    }
    for (; i > 0; i--, g += 4, x += 4, sum += 8) {
      const d = (load<f32>(x) - <f32>load<f64>(mean)) * <f32>load<f64>(scale);
      store<f64>(sum, load<f64>(sum) + <f64>(load<f32>(g) * d));
    }
  }
}

/** Σ g and Σ g (x − mean) of each row, as pairs of float64. */
export function gradientSums(g: usize, x: usize, rows: i32, n: i32, mean: usize, to: usize): void {
  for (; rows > 0; rows--, mean += 8, to += 16) {
    const center = f32x4.splat(<f32>load<f64>(mean));
    let total = f64x2.splat(0);
    let along = f64x2.splat(0);
    let i = n;
    for (; i >= 4; i -= 4, g += VECTOR, x += VECTOR) {
      const four = v128.load(g);
      const d = f32x4.sub(v128.load(x), center);
      total = f64x2.add(total, f64x2.add(lower(four), upper(four)));
      along = multiplyAdd<f64>(lower(four), lower(d), along);
      along = multiplyAdd<f64>(upper(four), upper(d), along);
    }
    let sum = both(total);
    let product = both(along);
    for (; i > 0; i--, g += 4, x += 4) {
      sum += <f64>load<f32>(g);
      product += <f64>load<f32>(g) * <f64>(load<f32>(x) - <f32>load<f64>(mean));
    }
    store<f64>(to, sum);
    store<f64>(to, product, 8);
  }
}

/** g · a + (x − mean) · b + c, over g, with all four per row. */
export function combineRows(
  g: usize,
  x: usize,
  rows: i32,
  n: i32,
  mean: usize,
  a: usize,
  b: usize,
  c: usize,
): void {
  for (; rows > 0; rows--, mean += 8, a += 8, b += 8, c += 8) {
    const center = f32x4.splat(<f32>load<f64>(mean));
    const forG = f32x4.splat(<f32>load<f64>(a));
    const forX = f32x4.splat(<f32>load<f64>(b));
    const rest = f32x4.splat(<f32>load<f64>(c));
    let i = n;
    for (; i >= 4; i -= 4, g += VECTOR, x += VECTOR) {
      const bent = multiplyAdd<f32>(f32x4.sub(v128.load(x), center), forX, rest);
      v128.store(g, multiplyAdd<f32>(v128.load(g), forG, bent));
    }
    const bent = multiplyAdd<f32>(f32x4.sub(loadFirst(x, i, 0), center), forX, rest);
    storeFirst(g, i, multiplyAdd<f32>(loadFirst(g, i, 0), forG, bent));
    g += (<usize>i) * 4;
    x += (<usize>i) * 4;
  }
}
