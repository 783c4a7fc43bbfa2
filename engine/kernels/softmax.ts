import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";
import { limits } from "./switch.ts";
import { logSoftmaxInWasm, softmaxBackwardInWasm, softmaxInWasm } from "./wasm/softmax.ts";

/** exp(x) / Σ exp(x) along a block; `out` is laid out like `x`, from 0 on. */
export function softmax(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  if (outer * n * inner >= limits.curve && softmaxInWasm(x, out)) return;
  if (inner > 1) {
    softmaxOfColumns(x, out);
    return;
  }
  const exps = new Float64Array(n);
  for (let o = 0; o < outer; o++) {
    const from = offset + o * n;
    const shift = largest(values, from, n);
    let total = 0;
    for (let k = 0; k < n; k++) {
      exps[k] = Math.exp(values[from + k] - shift);
      total += exps[k];
    }
    for (let k = 0; k < n; k++) out[o * n + k] = exps[k] / total;
  }
}

/** x − log Σ exp(x) along a block. */
export function logSoftmax(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  if (outer * n * inner >= limits.curve && logSoftmaxInWasm(x, out)) return;
  if (inner > 1) {
    logSoftmaxOfColumns(x, out);
    return;
  }
  for (let o = 0; o < outer; o++) {
    const from = offset + o * n;
    const shift = largest(values, from, n);
    let total = 0;
    for (let k = 0; k < n; k++) total += Math.exp(values[from + k] - shift);
    const log = Math.log(total);
    for (let k = 0; k < n; k++) out[o * n + k] = values[from + k] - shift - log;
  }
}

function largest(x: TypedArray, from: number, n: number): number {
  let best = x[from];
  for (let at = from + 1; at < from + n; at++) if (x[at] > best) best = x[at];
  return best;
}

// All columns side by side: memory is read in the order in which it lies.

function softmaxOfColumns({ values, offset, outer, n, inner }: Block, out: TypedArray): void {
  const shift = new Float64Array(inner);
  const total = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    const start = o * n * inner;
    largestOfColumns(values, offset + start, n, shift);
    total.fill(0);
    for (let k = 0, at = start; k < n; k++) {
      for (let i = 0; i < inner; i++, at++) {
        const exp = Math.exp(values[offset + at] - shift[i]);
        out[at] = exp;
        total[i] += exp;
      }
    }
    for (let k = 0, at = start; k < n; k++) for (let i = 0; i < inner; i++, at++) out[at] /= total[i];
  }
}

function logSoftmaxOfColumns({ values, offset, outer, n, inner }: Block, out: TypedArray): void {
  const shift = new Float64Array(inner);
  const total = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    const start = o * n * inner;
    largestOfColumns(values, offset + start, n, shift);
    total.fill(0);
    for (let k = 0, at = offset + start; k < n; k++) {
      for (let i = 0; i < inner; i++, at++) total[i] += Math.exp(values[at] - shift[i]);
    }
    for (let i = 0; i < inner; i++) total[i] = Math.log(total[i]);
    for (let k = 0, at = start; k < n; k++) {
      for (let i = 0; i < inner; i++, at++) out[at] = values[offset + at] - shift[i] - total[i];
    }
  }
}

function largestOfColumns(x: TypedArray, start: number, n: number, best: Float64Array): void {
  best.fill(Number.NEGATIVE_INFINITY);
  for (let k = 0, at = start; k < n; k++) {
    for (let i = 0; i < best.length; i++, at++) if (x[at] > best[i]) best[i] = x[at];
  }
}

/** y (g − Σ g y): the gradient of softmax, given its result y. */
export function softmaxBackward(grad: Block, y: TypedArray, yo: number, out: TypedArray): void {
  const { values: g, offset, outer, n, inner } = grad;
  if (outer * n * inner >= limits.plain && softmaxBackwardInWasm("softmaxBackwardRows", grad, y, yo, out)) return;
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
  if (outer * n * inner >= limits.curve && softmaxBackwardInWasm("logSoftmaxBackwardRows", grad, y, yo, out)) return;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      let total = 0;
      for (let k = 0, at = start; k < n; k++, at += inner) total += g[offset + at];
      for (let k = 0, at = start; k < n; k++, at += inner) out[at] = g[offset + at] - Math.exp(y[yo + at]) * total;
    }
  }
}
