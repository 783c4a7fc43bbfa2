import { trainingSteps } from "../../steps.ts";
import type { History } from "../history.ts";

/** The last losses against the first ones: medians of a quarter of the steps each. NaN when there are too few. */
export function lossRatio(history: History): number {
  const losses = trainingSteps(history.recording)
    .map(({ loss }) => loss)
    .filter(Number.isFinite);
  if (losses.length < 4) return Number.NaN;
  const quarter = Math.max(1, Math.floor(losses.length / 4));
  const first = median(losses.slice(0, quarter));
  const last = median(losses.slice(-quarter));
  // A loss below zero gets better by falling, too.
  return first > 0 ? last / first : last < first ? 0 : 1;
}

/** The last losses (the median of a quarter of the steps) against the very first one. NaN when there are too few. */
export function lossAgainstFirst(history: History): number {
  const losses = trainingSteps(history.recording)
    .map(({ loss }) => loss)
    .filter(Number.isFinite);
  const [first] = losses;
  if (losses.length < 4 || first === undefined || first <= 0) return Number.NaN;
  return median(losses.slice(-Math.max(1, Math.floor(losses.length / 4)))) / first;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
