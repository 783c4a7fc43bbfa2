import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";
import { limits } from "./switch.ts";
import { sumInWasm } from "./wasm/sums.ts";

/** Sums along a block into [outer, inner], pairwise and in float64, so that the error does not grow with n. */
export function sum(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  if (outer * n * inner >= limits.plain && sumInWasm(x, out)) return;
  if (inner === 1) {
    for (let o = 0; o < outer; o++) out[o] = pairwise(values, offset + o * n, n);
    return;
  }
  const row = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    row.fill(0);
    addRows(values, offset + o * n * inner, n, row);
    for (let i = 0; i < inner; i++) out[o * inner + i] = row[i];
  }
}

/** Adds `n` rows, one after another from `at` on, to `row`. Four at a time: a load and a store of the row then serve four. */
function addRows(x: TypedArray, at: number, n: number, row: Float64Array): void {
  const inner = row.length;
  let k = 0;
  for (; k + 3 < n; k += 4) {
    const a = at + k * inner;
    const b = a + inner;
    const c = b + inner;
    const d = c + inner;
    for (let i = 0; i < inner; i++) row[i] += x[a + i] + x[b + i] + (x[c + i] + x[d + i]);
  }
  for (; k < n; k++) {
    const a = at + k * inner;
    for (let i = 0; i < inner; i++) row[i] += x[a + i];
  }
}

/** Sum of `n` neighbours from `at` on. */
function pairwise(x: TypedArray, at: number, n: number): number {
  if (n > 1024) {
    const half = (n >> 1) & ~3;
    return pairwise(x, at, half) + pairwise(x, at + half, n - half);
  }
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = at;
  // Four sums side by side: each addition otherwise waits for the one before.
  for (const end = at + n - 3; i < end; i += 4) {
    a += x[i];
    b += x[i + 1];
    c += x[i + 2];
    d += x[i + 3];
  }
  for (const end = at + n; i < end; i++) a += x[i];
  return a + b + (c + d);
}

/** As `sum`, NaN counting as 0. */
export function nansum(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = 0;
      for (let k = 0, at = offset + o * n * inner + i; k < n; k++, at += inner) {
        const value = values[at];
        if (!Number.isNaN(value)) total += value;
      }
      out[o * inner + i] = total;
    }
  }
}
