import type { TypedArray } from "../base/dtype.ts";
import type { Generator } from "../base/random.ts";

/**
 * Uniform in [from, to). The same numbers as PyTorch's; in float64 the last bit may differ when the range is not [0, 1),
 * because a fused multiply-add rounds once and JavaScript twice.
 */
export function uniform(out: TypedArray, from: number, to: number, single: boolean, random: Generator): void {
  if (single) {
    const start = Math.fround(from);
    const width = Math.fround(Math.fround(to) - start);
    // Product and sum are rounded once, together: a fused multiply-add.
    for (let i = 0; i < out.length; i++) out[i] = random.uniformFloat() * width + start;
    return;
  }
  for (let i = 0; i < out.length; i++) out[i] = random.uniformDouble() * (to - from) + from;
}

/**
 * Normal numbers by PyTorch's two ways. Fewer than 16: one by one. Else: uniform numbers everywhere first, then blocks of
 * 16 are turned into normal ones, element j with element j + 8; when a rest is left over, the last 16 are drawn anew.
 * PyTorch's float32 numbers differ in the last bit or two, because its vector units have a log and a sine of their own.
 */
export function normal(out: TypedArray, mean: number, std: number, single: boolean, random: Generator): void {
  const n = out.length;
  if (n < 16) {
    normalEach(out, mean, std, random);
    return;
  }
  const block = single ? singleBlock : doubleBlock;
  uniform(out, 0, 1, single, random);
  for (let at = 0; at + 16 <= n; at += 16) block(out, at, mean, std);
  if (n % 16 === 0) return;
  uniform(out.subarray(n - 16), 0, 1, single, random);
  block(out, n - 16, mean, std);
}

/** Normal numbers one by one, as PyTorch draws few, and those of tensors that do not lie row by row. */
export function normalEach(out: TypedArray, mean: number, std: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = random.normal() * std + mean;
}

function doubleBlock(out: TypedArray, at: number, mean: number, std: number): void {
  for (let j = at; j < at + 8; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - out[j]));
    const angle = 2 * Math.PI * out[j + 8];
    out[j] = radius * Math.cos(angle) * std + mean;
    out[j + 8] = radius * Math.sin(angle) * std + mean;
  }
}

/** The same with every step rounded to float32. */
function singleBlock(out: TypedArray, at: number, mean: number, std: number): void {
  const turn = Math.fround(2 * Math.PI);
  for (let j = at; j < at + 8; j++) {
    const radius = Math.fround(Math.sqrt(-2 * Math.fround(Math.log(1 - out[j]))));
    const angle = Math.fround(turn * out[j + 8]);
    out[j] = Math.fround(radius * Math.fround(Math.cos(angle))) * std + mean;
    out[j + 8] = Math.fround(radius * Math.fround(Math.sin(angle))) * std + mean;
  }
}

/** Integers in [from, from + range). The same numbers as PyTorch's. */
export function integers(out: TypedArray, from: number, range: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = random.below(range) + from;
}

/** The numbers below n in random order. The same order as PyTorch's. */
export function permutation(out: TypedArray, random: Generator): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const j = i + (random.random() % (n - i));
    const swapped = out[i];
    out[i] = out[j];
    out[j] = swapped;
  }
}

/** 1 with probability `p`, else 0. The same numbers as PyTorch's where that was built without MKL. */
export function bernoulli(out: TypedArray, p: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = random.uniformDouble() < p ? 1 : 0;
}

/** 1 with the probability that stands at the same place, else 0; `double` probabilities take 53 bits each, others 24. */
export function bernoulliEach(
  probabilities: TypedArray,
  offset: number,
  out: TypedArray,
  double: boolean,
  random: Generator,
): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = (double ? random.uniformDouble() : random.uniformFloat()) < probabilities[offset + i] ? 1 : 0;
  }
}

/** Exponential with rate `lambda`. */
export function exponential(out: TypedArray, lambda: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = -Math.log1p(-random.uniformDouble()) / lambda;
}

/** How many trials with success probability `p` until the first success. */
export function geometric(out: TypedArray, p: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = Math.ceil(Math.log(random.uniformDouble()) / Math.log1p(-p));
}

/** Cauchy numbers around `median`. */
export function cauchy(out: TypedArray, median: number, sigma: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = median + sigma * Math.tan(Math.PI * (random.uniformDouble() - 0.5));
}

/** Numbers whose logarithm is normal. */
export function logNormal(out: TypedArray, mean: number, std: number, random: Generator): void {
  for (let i = 0; i < out.length; i++) out[i] = Math.exp(random.normal() * std + mean);
}

/** `samples` categories of one row of weights, drawn with replacement. The same numbers as PyTorch's. */
export function categories(
  weights: TypedArray,
  at: number,
  n: number,
  out: TypedArray,
  to: number,
  samples: number,
  random: Generator,
): void {
  const cumulative = new (weights.constructor as new (n: number) => TypedArray)(n);
  for (let i = 0; i < n; i++) cumulative[i] = weights[at + i] + (i === 0 ? 0 : cumulative[i - 1]);
  const total = cumulative[n - 1];
  for (let i = 0; i < n; i++) cumulative[i] /= total;
  cumulative[n - 1] = 1;
  for (let k = 0; k < samples; k++) {
    const u = random.uniformDouble();
    let left = 0;
    let right = n;
    while (left < right) {
      const middle = (left + right) >> 1;
      if (cumulative[middle] < u) left = middle + 1;
      else right = middle;
    }
    out[to + k] = left;
  }
}

/**
 * `samples` different categories per row: every weight is divided by an exponential number, and the largest quotients
 * win. The numbers of all rows are drawn first.
 */
export function distinctCategories(
  weights: TypedArray,
  at: number,
  rows: number,
  n: number,
  out: TypedArray,
  samples: number,
  random: Generator,
): void {
  const race = new (weights.constructor as new (n: number) => TypedArray)(rows * n);
  exponential(race, 1, random);
  for (let i = 0; i < rows * n; i++) race[i] = weights[at + i] / race[i];
  for (let row = 0; row < rows; row++) {
    const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => race[row * n + b] - race[row * n + a]);
    for (let k = 0; k < samples; k++) out[row * samples + k] = order[k];
  }
}
