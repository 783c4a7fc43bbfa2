import { ArgumentError } from "../base/errors.ts";

/** A range in an index: Python's `start:stop:step`. */
export class Slice {
  /** The first index that is taken; null for the beginning. */
  readonly start: number | null;
  /** The first index that is not; null for the end. */
  readonly stop: number | null;
  /** How far from one to the next. */
  readonly step: number;

  constructor(start: number | null, stop: number | null, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** Where it starts in a dimension of `size`, and how many elements it has. Ends beyond the dimension are cut off. */
  within(size: number): { readonly start: number; readonly length: number } {
    const start = clamp(this.start ?? 0, size);
    const stop = Math.max(start, clamp(this.stop ?? size, size));
    return { start, length: Math.ceil((stop - start) / this.step) };
  }
}

const clamp = (index: number, size: number): number => Math.min(Math.max(index < 0 ? index + size : index, 0), size);

type Bound = number | null | undefined;

/**
 * A range for `x.index(…)` and `x.set([…], value)`: `slice()` is Python's `:`, `slice(1)` is `1:`, `slice(1, 3)` is `1:3`,
 * `slice(null, 3)` is `:3` and `slice(null, null, 2)` is `::2`. Negative bounds count from the end.
 */
export function slice(start?: Bound, stop?: Bound, step?: Bound): Slice {
  for (const bound of [start, stop, step]) {
    if (bound === null || bound === undefined || Number.isInteger(bound)) continue;
    throw new ArgumentError("slice", `slice indices must be integers or null, but got ${String(bound)}`);
  }
  if ((step ?? 1) <= 0) {
    throw new ArgumentError("slice", `step must be greater than zero, but got ${step}: use flip() to go backward`);
  }
  return new Slice(start ?? null, stop ?? null, step ?? 1);
}
