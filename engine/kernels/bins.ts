import type { TypedArray } from "../base/dtype.ts";
import { insertionPoint } from "./search.ts";

/** The number of the bin between two of the sorted edges that holds a value, the last one with its upper end; −1 for none. */
export function binOf(edges: TypedArray, value: number): number {
  const last = edges.length - 1;
  if (!(value >= edges[0] && value <= edges[last])) return -1;
  return value === edges[last] ? last - 1 : insertionPoint(edges, 0, edges.length, value, true) - 1;
}

/**
 * Counts points, rows of x, in a grid with these edges per column; `weights` says for how much a point counts. Points outside
 * are left out.
 */
export function histogramOf(
  x: TypedArray,
  edges: readonly TypedArray[],
  weights: TypedArray | null,
  out: TypedArray,
): void {
  const columns = edges.length;
  for (let row = 0; row * columns < x.length; row++) {
    let place = 0;
    for (let d = 0; d < columns && place >= 0; d++) {
      const bin = binOf(edges[d], x[row * columns + d]);
      place = bin < 0 ? -1 : place * (edges[d].length - 1) + bin;
    }
    if (place >= 0) out[place] += weights === null ? 1 : weights[row];
  }
}

/** Divides each count by their sum and by the volume of its bin, so that the integral is 1. */
export function toDensity(counts: TypedArray, edges: readonly TypedArray[]): void {
  let total = 0;
  for (const count of counts) total += count;
  for (let i = 0; i < counts.length; i++) {
    let [rest, volume] = [i, 1];
    for (let d = edges.length - 1; d >= 0; d--) {
      const bins = edges[d].length - 1;
      const bin = rest % bins;
      volume *= edges[d][bin + 1] - edges[d][bin];
      rest = (rest - bin) / bins;
    }
    counts[i] /= total * volume;
  }
}
