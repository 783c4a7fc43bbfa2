import type { TypedArray } from "../base/dtype.ts";

/**
 * Sums over the middle of a dense [outer, n, inner] block into [outer, inner], by pairwise summation in float64, so
 * that the error does not grow with n.
 */
export function sum(x: TypedArray, xo: number, outer: number, n: number, inner: number, out: TypedArray, oo: number): void {
  if (inner === 1) {
    for (let o = 0; o < outer; o++) out[oo + o] = pairwise(x, xo + o * n, n);
    return;
  }
  const row = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    row.fill(0);
    for (let k = 0, at = xo + o * n * inner; k < n; k++) for (let i = 0; i < inner; i++) row[i] += x[at++];
    for (let i = 0; i < inner; i++) out[oo + o * inner + i] = row[i];
  }
}

/** Sum of `n` neighbours from `at` on. */
function pairwise(x: TypedArray, at: number, n: number): number {
  if (n <= 512) {
    let total = 0;
    for (let i = at; i < at + n; i++) total += x[i];
    return total;
  }
  const half = n >> 1;
  return pairwise(x, at, half) + pairwise(x, at + half, n - half);
}
