import type { TypedArray } from "../base/dtype.ts";
import { limits } from "./switch.ts";
import {
  momentsInWasm,
  standardizeInputInWasm,
  standardizeInWasm,
  standardizeWeightInWasm,
} from "./wasm/normalization.ts";
import { sumInWasm } from "./wasm/sums.ts";

/**
 * What is normalized together: x[segments, groups, length], row-major, has a mean and a variance per group. The affine
 * weight of the element at flat position i is number (i / inner) modulo `period`.
 */
export interface NormLayout {
  readonly segments: number;
  readonly groups: number;
  readonly length: number;
  readonly inner: number;
  readonly period: number;
}

const isLarge = ({ segments, groups, length }: NormLayout): boolean => segments * groups * length >= limits.plain;

/** Mean and (biased) variance of each group. */
export function moments(
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: Float64Array,
  variance: Float64Array,
): void {
  if (isLarge(layout) && momentsInWasm(x, xo, layout, mean, variance)) return;
  const { segments, groups, length } = layout;
  const n = segments * length;
  for (let g = 0; g < groups; g++) {
    let total = 0;
    for (let s = 0; s < segments; s++) {
      const from = xo + (s * groups + g) * length;
      for (let i = from; i < from + length; i++) total += x[i];
    }
    const center = total / n;
    let squares = 0;
    for (let s = 0; s < segments; s++) {
      const from = xo + (s * groups + g) * length;
      for (let i = from; i < from + length; i++) squares += (x[i] - center) * (x[i] - center);
    }
    mean[g] = center;
    variance[g] = squares / n;
  }
}

/** out = (x − mean) · scale, times weight, plus bias; `scale` is 1 / standard deviation. Weight and bias may be null. */
export function standardize(
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  bias: TypedArray | null,
  out: TypedArray,
): void {
  if (isLarge(layout) && standardizeInWasm(x, xo, layout, mean, scale, weight, bias, out)) return;
  const { segments, groups, length, inner, period } = layout;
  const runs = length / inner;
  for (let s = 0, at = 0; s < segments; s++) {
    for (let g = 0; g < groups; g++) {
      const center = mean[g];
      const factor = scale[g];
      let c = (at / inner) % period;
      for (let r = 0; r < runs; r++, c++) {
        const w = weight === null ? factor : factor * weight[c];
        const b = bias === null ? 0 : bias[c];
        for (const end = at + inner; at < end; at++) out[at] = (x[xo + at] - center) * w + b;
      }
    }
  }
}

/** dx of `standardize` where mean and scale come from x itself. */
export function standardizeInput(
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  weight: TypedArray | null,
  out: TypedArray,
): void {
  if (isLarge(layout) && standardizeInputInWasm(grad, go, x, xo, layout, mean, scale, weight, out)) return;
  const { segments, groups, length } = layout;
  const n = segments * length;
  const weighted = new Float64Array(length);
  for (let g = 0; g < groups; g++) {
    const center = mean[g];
    const factor = scale[g];
    let total = 0;
    let along = 0;
    for (let s = 0; s < segments; s++) {
      const from = (s * groups + g) * length;
      weighGradient(grad, go, from, layout, weight, weighted);
      for (let i = 0; i < length; i++) {
        total += weighted[i];
        along += weighted[i] * (x[xo + from + i] - center) * factor;
      }
    }
    const shift = total / n;
    const slope = (along / n) * factor;
    for (let s = 0; s < segments; s++) {
      const from = (s * groups + g) * length;
      weighGradient(grad, go, from, layout, weight, weighted);
      for (let i = 0; i < length; i++) {
        out[from + i] = factor * (weighted[i] - shift - (x[xo + from + i] - center) * slope);
      }
    }
  }
}

/** Writes the gradient of one segment of one group, times the weight. */
function weighGradient(
  grad: TypedArray,
  go: number,
  from: number,
  { length, inner, period }: NormLayout,
  weight: TypedArray | null,
  out: Float64Array,
): void {
  if (weight === null) {
    for (let i = 0; i < length; i++) out[i] = grad[go + from + i];
    return;
  }
  let c = (from / inner) % period;
  for (let i = 0; i < length; c++) {
    const w = weight[c];
    for (const end = i + inner; i < end; i++) out[i] = grad[go + from + i] * w;
  }
}

/** d weight of `standardize`: sums of grad times the standardized x. */
export function standardizeWeight(
  grad: TypedArray,
  go: number,
  x: TypedArray,
  xo: number,
  layout: NormLayout,
  mean: ArrayLike<number>,
  scale: ArrayLike<number>,
  out: Float64Array,
): void {
  if (isLarge(layout) && standardizeWeightInWasm(grad, go, x, xo, layout, mean, scale, out)) return;
  const { segments, groups, length, inner, period } = layout;
  const runs = length / inner;
  for (let s = 0, at = 0; s < segments; s++) {
    for (let g = 0; g < groups; g++) {
      const center = mean[g];
      const factor = scale[g];
      let c = (at / inner) % period;
      for (let r = 0; r < runs; r++, c++) {
        let total = 0;
        for (const end = at + inner; at < end; at++) total += grad[go + at] * (x[xo + at] - center);
        out[c] += total * factor;
      }
    }
  }
}

/** Sums of grad over all elements that share a weight. */
export function standardizeBias(
  grad: TypedArray,
  go: number,
  n: number,
  { inner, period }: NormLayout,
  out: Float64Array,
): void {
  if (n >= limits.plain) {
    const rows = inner === 1 ? 1 : n / inner;
    const sums = new Float64Array(n / (inner === 1 ? n / period : inner));
    const block = { values: grad, offset: go, outer: rows, n: n / sums.length, inner: inner === 1 ? period : 1 };
    if (sumInWasm(block, sums)) {
      for (let i = 0; i < sums.length; i++) out[i % period] += sums[i];
      return;
    }
  }
  for (let at = 0, c = 0; at < n; c = c + 1 === period ? 0 : c + 1) {
    let total = 0;
    for (const end = at + inner; at < end; at++) total += grad[go + at];
    out[c] += total;
  }
}
