import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";

// Every kernel runs along a block and writes a block of the same layout, from 0 on, accumulating in float64.

export function cumsum(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = 0;
      for (let k = 0, at = o * n * inner + i; k < n; k++, at += inner) {
        total += values[offset + at];
        out[at] = total;
      }
    }
  }
}

export function cumprod(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let product = 1;
      for (let k = 0, at = o * n * inner + i; k < n; k++, at += inner) {
        product *= values[offset + at];
        out[at] = product;
      }
    }
  }
}

/** Largest element so far and where it last occurred; from the first NaN on, NaN. */
export function cummax(x: Block, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let best = Number.NEGATIVE_INFINITY;
      let where = 0;
      for (let k = 0, at = o * n * inner + i; k < n; k++, at += inner) {
        const value = values[offset + at];
        if (value >= best || Number.isNaN(value)) {
          best = value;
          where = k;
        }
        out[at] = best;
        indices[at] = where;
      }
    }
  }
}

/** Smallest element so far and where it last occurred; from the first NaN on, NaN. */
export function cummin(x: Block, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let best = Number.POSITIVE_INFINITY;
      let where = 0;
      for (let k = 0, at = o * n * inner + i; k < n; k++, at += inner) {
        const value = values[offset + at];
        if (value <= best || Number.isNaN(value)) {
          best = value;
          where = k;
        }
        out[at] = best;
        indices[at] = where;
      }
    }
  }
}

/** log Σ exp of the elements so far. */
export function logcumsumexp(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = Number.NEGATIVE_INFINITY;
      for (let k = 0, at = o * n * inner + i; k < n; k++, at += inner) {
        total = logAddExp(total, values[offset + at]);
        out[at] = total;
      }
    }
  }
}

function logAddExp(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  const high = Math.max(a, b);
  return Math.abs(high) === Number.POSITIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/**
 * out_i = Σ_{j ≥ i} w_j exp(x_i − r_j), where r is the running log Σ exp of x. The factor from one place to the next,
 * exp(r_i − r_{i+1}), is at most 1, so that nothing overflows.
 */
export function spreadBack(w: Block, x: TypedArray, xo: number, r: TypedArray, ro: number, out: TypedArray): void {
  const { values, offset, outer, n, inner } = w;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = 0;
      let after = 0;
      for (let k = n - 1, at = (o * n + n - 1) * inner + i; k >= 0; k--, at -= inner) {
        const here = r[ro + at];
        total = values[offset + at] + (k === n - 1 ? 0 : total * ratio(here, after));
        out[at] = total * ratio(x[xo + at], here);
        after = here;
      }
    }
  }
}

/** out_j = Σ_{i ≤ j} w_i exp(x_i − r_j): the transpose of `spreadBack`. */
export function spreadForward(w: Block, x: TypedArray, xo: number, r: TypedArray, ro: number, out: TypedArray): void {
  const { values, offset, outer, n, inner } = w;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = 0;
      let before = 0;
      for (let k = 0, at = o * n * inner + i; k < n; k++, at += inner) {
        const here = r[ro + at];
        total = values[offset + at] * ratio(x[xo + at], here) + (k === 0 ? 0 : total * ratio(before, here));
        out[at] = total;
        before = here;
      }
    }
  }
}

/** exp(a − b), where nothing relates to nothing by 0. */
const ratio = (a: number, b: number): number => (a === Number.NEGATIVE_INFINITY ? 0 : Math.exp(a - b));
