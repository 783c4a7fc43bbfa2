import type { Place } from "../../engine/recording/queries/rows.ts";

/** Says of a place that it is one of the last run, which failed, while an earlier run is on screen. */
export const lastRun = "lastRun";

/** A place that was given to a command, or null: an argument can be anything. */
export function givenPlace(value: unknown): Place | null {
  if (typeof value !== "object" || value === null) return null;
  const { file, line, column } = value as Partial<Record<keyof Place, unknown>>;
  const isWhole = (n: unknown): n is number => Number.isInteger(n) && Number(n) > 0;
  return typeof file === "string" && isWhole(line) && isWhole(column) ? { file, line, column } : null;
}
