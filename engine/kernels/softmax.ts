import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";

/** exp(x) / Σ exp(x) along a block; `out` is laid out like `x`, from 0 on. */
export function softmax(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const exps = new Float64Array(n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      const shift = largest(values, offset + start, n, inner);
      let total = 0;
      for (let k = 0, at = offset + start; k < n; k++, at += inner) {
        exps[k] = Math.exp(values[at] - shift);
        total += exps[k];
      }
      for (let k = 0, at = start; k < n; k++, at += inner) out[at] = exps[k] / total;
    }
  }
}

/** x − log Σ exp(x) along a block. */
export function logSoftmax(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      const shift = largest(values, offset + start, n, inner);
      let total = 0;
      for (let k = 0, at = offset + start; k < n; k++, at += inner) total += Math.exp(values[at] - shift);
      const log = Math.log(total);
      for (let k = 0, at = start; k < n; k++, at += inner) out[at] = values[offset + at] - shift - log;
    }
  }
}

function largest(x: TypedArray, start: number, n: number, step: number): number {
  let best = x[start];
  for (let k = 1, at = start + step; k < n; k++, at += step) if (x[at] > best) best = x[at];
  return best;
}

/** y (g − Σ g y): the gradient of softmax, given its result y. */
export function softmaxBackward(grad: Block, y: TypedArray, yo: number, out: TypedArray): void {
  const { values: g, offset, outer, n, inner } = grad;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      let total = 0;
      for (let k = 0, at = start; k < n; k++, at += inner) total += g[offset + at] * y[yo + at];
      for (let k = 0, at = start; k < n; k++, at += inner) out[at] = (g[offset + at] - total) * y[yo + at];
    }
  }
}

/** g − exp(y) Σ g: the gradient of logSoftmax, given its result y. */
export function logSoftmaxBackward(grad: Block, y: TypedArray, yo: number, out: TypedArray): void {
  const { values: g, offset, outer, n, inner } = grad;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      let total = 0;
      for (let k = 0, at = start; k < n; k++, at += inner) total += g[offset + at];
      for (let k = 0, at = start; k < n; k++, at += inner) out[at] = g[offset + at] - Math.exp(y[yo + at]) * total;
    }
  }
}
