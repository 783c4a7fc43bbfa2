import { ArgumentError, checkOptions } from "../../base/errors.ts";

/** What a profiler does in a step: nothing; measure and throw it away; measure; measure and hand it out at the step's end. */
export type ProfilerAction = "none" | "warmup" | "record" | "recordAndSave";

/** Says what to do in each step, counted from 0. */
export type Schedule = (step: number) => ProfilerAction;

/** How many steps of each kind make a cycle. */
export interface ScheduleOptions {
  /** Steps without measuring. */
  readonly wait: number;
  /** Steps that are measured and thrown away, because the first ones are slow. */
  readonly warmup: number;
  /** Steps that count. */
  readonly active: number;
  /** How many cycles; 0 for as long as the program runs. Default 0. */
  readonly repeat?: number;
  /** Steps before the first cycle. Default 0. */
  readonly skipFirst?: number;
}

/** A schedule for `profile`: after `skipFirst` steps, cycles of `wait`, `warmup` and `active` steps. */
export function schedule(options: ScheduleOptions): Schedule {
  checkOptions("schedule", options, ["wait", "warmup", "active", "repeat", "skipFirst"]);
  const { wait, warmup, active, repeat = 0, skipFirst = 0 } = options;
  for (const [name, count] of Object.entries({ wait, warmup, active, repeat, skipFirst })) {
    const least = name === "active" ? 1 : 0;
    if (!Number.isInteger(count) || count < least)
      throw new ArgumentError(
        "schedule",
        `Invalid profiler schedule arguments: '${name}' must be a whole number of steps, at least ${least}, but got ${count}`,
      );
  }
  const cycle = wait + warmup + active;
  return (step) => {
    if (step < skipFirst) return "none";
    const since = step - skipFirst;
    if (repeat > 0 && since >= repeat * cycle) return "none";
    const at = since % cycle;
    if (at < wait) return "none";
    if (at < wait + warmup) return "warmup";
    return at === cycle - 1 ? "recordAndSave" : "record";
  };
}
