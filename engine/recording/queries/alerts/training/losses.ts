import { once, type Parts } from "../../parts.ts";
import { stepsInParts } from "../../steps.ts";
import type { History } from "../history.ts";

/** How the loss went: its last values, the median of a quarter of the steps, against its first ones. NaN when there are too few. */
export interface LossTrend {
  /** Against the median of the first quarter. */
  readonly ratio: number;
  /** Against the very first one. */
  readonly againstFirst: number;
}

export const lossTrend = once(function* (history: History): Parts<LossTrend> {
  const steps = yield* stepsInParts(history);
  yield;
  const losses = steps.map(({ loss }) => loss).filter(Number.isFinite);
  const [start] = losses;
  if (losses.length < 4 || start === undefined) return { ratio: Number.NaN, againstFirst: Number.NaN };
  const quarter = Math.floor(losses.length / 4);
  const first = median(losses.slice(0, quarter));
  const last = median(losses.slice(-quarter));
  return {
    // A loss below zero gets better by falling, too.
    ratio: first > 0 ? last / first : last < first ? 0 : 1,
    againstFirst: start > 0 ? last / start : Number.NaN,
  };
});

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
