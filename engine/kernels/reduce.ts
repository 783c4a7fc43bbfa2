import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";

// Every kernel reduces along a block into [outer, inner] and accumulates in float64. One loop per function, spelled out:
// a loop over a function parameter would be called through a pointer per element.

export function prod(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let product = 1;
      for (let k = 0, at = offset + o * n * inner + i; k < n; k++, at += inner) product *= values[at];
      out[o * inner + i] = product;
    }
  }
}

/** Largest elements and where they first occur; a NaN counts as largest. */
export function max(x: Block, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let at = offset + o * n * inner + i;
      let best = values[at];
      let where = 0;
      for (let k = 1; k < n && !Number.isNaN(best); k++) {
        at += inner;
        const value = values[at];
        if (value <= best) continue;
        best = value;
        where = k;
      }
      out[o * inner + i] = best;
      indices[o * inner + i] = where;
    }
  }
}

/** Smallest elements and where they first occur; a NaN counts as smallest. */
export function min(x: Block, out: TypedArray, indices: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let at = offset + o * n * inner + i;
      let best = values[at];
      let where = 0;
      for (let k = 1; k < n && !Number.isNaN(best); k++) {
        at += inner;
        const value = values[at];
        if (value >= best) continue;
        best = value;
        where = k;
      }
      out[o * inner + i] = best;
      indices[o * inner + i] = where;
    }
  }
}

/** 1 where any element is not zero (NaN is not), else 0. */
export function any(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let found = 0;
      for (let k = 0, at = offset + o * n * inner + i; k < n && found === 0; k++, at += inner) {
        if (values[at] !== 0) found = 1;
      }
      out[o * inner + i] = found;
    }
  }
}

/** 1 where no element is zero, else 0. */
export function all(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let holds = 1;
      for (let k = 0, at = offset + o * n * inner + i; k < n && holds === 1; k++, at += inner) {
        if (values[at] === 0) holds = 0;
      }
      out[o * inner + i] = holds;
    }
  }
}

export function countNonzero(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let count = 0;
      for (let k = 0, at = offset + o * n * inner + i; k < n; k++, at += inner) if (values[at] !== 0) count++;
      out[o * inner + i] = count;
    }
  }
}

/**
 * Means, and sums of squared distances from them divided by `divisor`. Two passes, so that large means cost no digits; and
 * sums of distances from the first element, so that equal ones have a variance of exactly 0.
 */
export function variance(x: Block, divisor: number, variances: TypedArray, means: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  if (inner > 1) {
    varianceOfColumns(x, divisor, variances, means);
    return;
  }
  for (let o = 0; o < outer; o++) {
    const start = offset + o * n;
    const first = originOf(values[start]);
    let total = 0;
    for (let at = start; at < start + n; at++) total += values[at] - first;
    const mean = first + total / n;
    let squares = 0;
    for (let at = start; at < start + n; at++) squares += (values[at] - mean) * (values[at] - mean);
    variances[o] = squares / divisor;
    means[o] = mean;
  }
}

/** Where distances are measured from: infinities would leave nothing of them. */
const originOf = (value: number): number => (Number.isFinite(value) ? value : 0);

/** The same with all columns side by side: memory is read in the order in which it lies. */
function varianceOfColumns(
  { values, offset, outer, n, inner }: Block,
  divisor: number,
  variances: TypedArray,
  means: TypedArray,
): void {
  const first = new Float64Array(inner);
  const mean = new Float64Array(inner);
  const squares = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    const start = offset + o * n * inner;
    for (let i = 0; i < inner; i++) first[i] = originOf(values[start + i]);
    mean.fill(0);
    squares.fill(0);
    for (let k = 0, at = start; k < n; k++) for (let i = 0; i < inner; i++) mean[i] += values[at++] - first[i];
    for (let i = 0; i < inner; i++) mean[i] = first[i] + mean[i] / n;
    for (let k = 0, at = start; k < n; k++) {
      for (let i = 0; i < inner; i++, at++) squares[i] += (values[at] - mean[i]) * (values[at] - mean[i]);
    }
    for (let i = 0; i < inner; i++) {
      variances[o * inner + i] = squares[i] / divisor;
      means[o * inner + i] = mean[i];
    }
  }
}

/** log Σ exp. The largest element is taken out first, so that nothing overflows. */
export function logsumexp(x: Block, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = offset + o * n * inner + i;
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0, at = start; k < n; k++, at += inner) if (values[at] > largest) largest = values[at];
      const shift = Math.abs(largest) === Number.POSITIVE_INFINITY ? 0 : largest;
      let total = 0;
      for (let k = 0, at = start; k < n; k++, at += inner) total += Math.exp(values[at] - shift);
      out[o * inner + i] = Math.log(total) + shift;
    }
  }
}
