import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";

/** The p-norm along a block into [outer, inner]; p = ±Infinity are the largest and smallest size, 0 counts non-zeros. */
export function norm(x: Block, p: number, out: TypedArray): void {
  const { outer, n, inner, offset } = x;
  const reduce =
    p === 2 ? euclidean : p === 1 ? absolute : p === Infinity ? largest : p === -Infinity ? smallest : power;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) out[o * inner + i] = reduce(x.values, offset + o * n * inner + i, n, inner, p);
  }
}

function euclidean(x: TypedArray, start: number, n: number, step: number): number {
  let total = 0;
  for (let k = 0, at = start; k < n; k++, at += step) total += x[at] * x[at];
  return Math.sqrt(total);
}

function absolute(x: TypedArray, start: number, n: number, step: number): number {
  let total = 0;
  for (let k = 0, at = start; k < n; k++, at += step) total += Math.abs(x[at]);
  return total;
}

function largest(x: TypedArray, start: number, n: number, step: number): number {
  let best = 0;
  for (let k = 0, at = start; k < n; k++, at += step) best = Math.max(best, Math.abs(x[at])); // NaN wins, as it should
  return best;
}

function smallest(x: TypedArray, start: number, n: number, step: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0, at = start; k < n; k++, at += step) best = Math.min(best, Math.abs(x[at]));
  return best;
}

function power(x: TypedArray, start: number, n: number, step: number, p: number): number {
  let total = 0;
  if (p === 0) {
    for (let k = 0, at = start; k < n; k++, at += step) if (x[at] !== 0) total++;
    return total;
  }
  for (let k = 0, at = start; k < n; k++, at += step) total += Math.abs(x[at]) ** p;
  return total ** (1 / p);
}
