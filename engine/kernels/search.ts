import type { TypedArray } from "../base/dtype.ts";

/** Where `value` belongs in `n` sorted neighbours from `from` on: before its equals, or after them. NaN belongs last. */
export function insertionPoint(x: TypedArray, from: number, n: number, value: number, right: boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = x[from + middle];
    // NaN is neither smaller nor equal, so negating the comparison puts it after all numbers.
    const goRight = right ? !(here > value) : !(here >= value);
    if (goRight) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The range of a histogram: as given, or that of the elements when both ends are equal. */
export function histogramRange(
  x: TypedArray,
  min: number,
  max: number,
): { readonly low: number; readonly high: number } {
  let [low, high] = [min, max];
  if (low === high && x.length > 0) {
    [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < x.length; i++) {
      if (!(x[i] >= low)) low = x[i];
      if (!(x[i] <= high)) high = x[i];
    }
  }
  return low === high ? { low: low - 1, high: high + 1 } : { low, high };
}

/** Counts elements per bin; the last bin includes its upper end. */
export function histogram(x: TypedArray, low: number, high: number, bins: number, out: TypedArray): void {
  for (let i = 0; i < x.length; i++) {
    if (!(x[i] >= low && x[i] <= high)) continue;
    out[Math.min(bins - 1, Math.floor(((x[i] - low) / (high - low)) * bins))]++;
  }
}
