import type { Tensor } from "../../autograd/tensor.ts";
import { elementsOf } from "./elements.ts";

/** How elements are spread: bins of equal width from the least to the greatest. */
export interface Spread {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;
}

const BINS = 32;
/** Of a large tensor, elements at equal distances are looked at. */
const MOST_ELEMENTS = 4096;

/** The histogram of the finite elements; null when there is none. */
export function histogramOf(x: Tensor): Spread | null {
  const values = elementsOf(x);
  const every = Math.max(1, Math.ceil(values.length / MOST_ELEMENTS));
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += every) {
    const value = values[i];
    if (value - value !== 0) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return null;
  const counts = new Float64Array(BINS);
  const scale = high > low ? BINS / (high - low) : 0;
  for (let i = 0; i < values.length; i += every) {
    const value = values[i];
    if (value - value === 0) counts[Math.min(BINS - 1, Math.floor((value - low) * scale))]++;
  }
  return { low, high, counts };
}
