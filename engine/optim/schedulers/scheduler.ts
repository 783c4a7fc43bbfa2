import { warn } from "../../autograd/warnings.ts";
import { ArgumentError } from "../../base/errors.ts";
import type { Optimizer } from "../optimizer.ts";

/** What schedulers read and write of a group. */
export interface ScheduledGroup {
  lr: number;
  initialLr?: number;
  momentum?: number;
  betas?: readonly [number, number];
  /** Where `SWALR` goes. */
  swaLr?: number;
}

/** Any optimizer whose groups have a learning rate. */
export type ScheduledOptimizer = Optimizer<object>;

/** The groups of an optimizer as schedulers see them. */
export const groupsOf = (optimizer: ScheduledOptimizer): readonly ScheduledGroup[] =>
  optimizer.paramGroups as readonly object[] as readonly ScheduledGroup[];

/** What a scheduler remembers. */
export type SchedulerStateDict = { readonly [name: string]: unknown };

/**
 * Sets the learning rates of an optimizer at each `step()`. Own schedulers extend it, implement `getLr`, which reads
 * `this.lastEpoch`, and end their constructor with `this.step()`, which sets the rates of epoch 0.
 */
export abstract class LRScheduler {
  /** The optimizer whose rates it sets. */
  readonly optimizer: ScheduledOptimizer;
  /** Rates before any scheduler changed them, per group. */
  readonly baseLrs: number[];
  /** How many steps have been taken. */
  lastEpoch = -1;
  protected lastLr: number[] = [];
  private warned = false;

  constructor(optimizer: ScheduledOptimizer) {
    if (typeof optimizer !== "object" || !("paramGroups" in optimizer)) {
      throw new ArgumentError(new.target.name, `expected an optimizer, but got ${typeof optimizer}`);
    }
    this.optimizer = optimizer;
    for (const group of this.groups) group.initialLr ??= group.lr;
    this.baseLrs = this.groups.map((group) => group.initialLr ?? group.lr);
  }

  /** The rates per group at `lastEpoch`, made from those of the step before. */
  abstract getLr(): number[];

  /** Sets the rates of the next step; `epoch` jumps there. */
  step(epoch?: number): void {
    if (epoch === undefined) {
      if (this.lastEpoch >= 0) this.warnIfTooEarly();
      this.lastEpoch++;
      this.apply(this.getLr());
    } else {
      this.lastEpoch = epoch;
      this.apply(this.closedForm() ?? this.getLr());
    }
  }

  /** The rates that the last step set. */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** What it takes to go on from here: everything but the optimizer and functions. */
  stateDict(): SchedulerStateDict {
    const own = Object.entries(this).filter(([key, value]) => key !== "optimizer" && typeof value !== "function");
    return copied(Object.fromEntries(own.filter(([, value]) => !holdsFunctions(value))));
  }

  /** Goes on from where `stateDict` was called. */
  loadStateDict(dict: SchedulerStateDict): void {
    Object.assign(this, copied(dict));
  }

  /** The rates at `lastEpoch` from the base rates alone, or null where only the way there tells. */
  protected closedForm(): number[] | null {
    return null;
  }

  /** Sets rates. */
  protected apply(rates: readonly number[]): void {
    this.groups.forEach((group, i) => {
      group.lr = rates[i];
    });
    this.lastLr = this.groups.map((group) => group.lr);
  }

  protected get groups(): readonly ScheduledGroup[] {
    return groupsOf(this.optimizer);
  }

  /** Every group's present rate through a function. */
  protected eachRate(next: (lr: number, base: number, i: number) => number): number[] {
    return this.groups.map((group, i) => next(group.lr, this.baseLrs[i], i));
  }

  private warnIfTooEarly(): void {
    if (this.warned || this.optimizer.stepCount > 0) return;
    this.warned = true;
    warn(
      "lrScheduler.step() was called before optimizer.step(): the first value of the schedule is skipped. Call optimizer.step() first.",
    );
  }
}

/** The entries with lists copied. */
export function copied(dict: SchedulerStateDict): SchedulerStateDict {
  return Object.fromEntries(
    Object.entries(dict).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]),
  );
}

const holdsFunctions = (value: unknown): boolean =>
  Array.isArray(value) && value.some((item) => typeof item === "function" || item instanceof LRScheduler);

/** A value for every group, or a list with one per group. */
export function perGroup<T>(op: string, name: string, value: T | readonly T[], groups: readonly unknown[]): T[] {
  if (!Array.isArray(value)) return groups.map(() => value as T);
  if (value.length !== groups.length) {
    throw new ArgumentError(
      op,
      `expected ${groups.length} values for ${name}, one per parameter group, but got ${value.length}`,
    );
  }
  return [...value];
}

/** An argument that has no default. */
export function required<T>(op: string, name: string, value: T | undefined): T {
  if (value === undefined) throw new ArgumentError(op, `the argument '${name}' is missing`);
  return value;
}
