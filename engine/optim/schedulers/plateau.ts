import type { Tensor } from "../../autograd/tensor.ts";
import { readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { type PositionalArgs, withDefaults } from "../../base/options.ts";
import { copied, groupsOf, perGroup, type ScheduledOptimizer, type SchedulerStateDict } from "./scheduler.ts";

interface PlateauOptions {
  mode: "min" | "max";
  factor: number;
  /** How many epochs without improvement are borne. */
  patience: number;
  threshold: number;
  thresholdMode: "rel" | "abs";
  /** Epochs after a reduction in which nothing is counted. */
  cooldown: number;
  minLr: number | readonly number[];
  /** Smaller changes of the rate are not made. */
  eps: number;
}

const DEFAULTS: PlateauOptions = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
};

/** The rate times `factor` when a metric has stopped improving; `step` takes the metric. */
export class ReduceLROnPlateau {
  /** The optimizer whose rates it sets. */
  readonly optimizer: ScheduledOptimizer;
  /** The best value so far. */
  best: number;
  /** Epochs since the best. */
  numBadEpochs = 0;
  /** Epochs for which nothing is counted, after a decay. */
  cooldownCounter = 0;
  /** How many steps were taken. */
  lastEpoch = 0;
  private readonly options: PlateauOptions;
  private readonly minLrs: number[];

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[mode: PlateauOptions["mode"], factor: number, patience: number], PlateauOptions>
  ) {
    const op = "ReduceLROnPlateau";
    this.optimizer = optimizer;
    const names = Object.keys(DEFAULTS) as (keyof PlateauOptions)[];
    this.options = withDefaults(op, readArguments<Partial<PlateauOptions>>(op, args, names), DEFAULTS);
    const { mode, factor, thresholdMode, minLr } = this.options;
    if (!(factor < 1)) throw new ArgumentError(op, `Factor should be < 1.0, but got ${factor}`);
    if (mode !== "min" && mode !== "max")
      throw new ArgumentError(op, `mode ${String(mode)} is unknown: use 'min' or 'max'`);
    if (thresholdMode !== "rel" && thresholdMode !== "abs") {
      throw new ArgumentError(op, `threshold mode ${String(thresholdMode)} is unknown: use 'rel' or 'abs'`);
    }
    this.minLrs = perGroup(op, "minLr", minLr, groupsOf(optimizer));
    this.best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Counts an epoch with this metric. */
  step(metric: Tensor | number): void {
    const value = typeof metric === "number" ? metric : metric?.item?.();
    if (typeof value !== "number")
      throw new ArgumentError("ReduceLROnPlateau", "step() takes the metric that should improve");
    this.lastEpoch++;
    if (this.isBetter(value)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs <= this.options.patience) return;
    this.reduce();
    this.cooldownCounter = this.options.cooldown;
    this.numBadEpochs = 0;
  }

  /** The present rates. */
  getLastLr(): number[] {
    return groupsOf(this.optimizer).map((group) => group.lr);
  }

  /** What `loadStateDict` needs to go on from here. */
  stateDict(): SchedulerStateDict {
    const { optimizer: _optimizer, ...rest } = this;
    return copied(rest);
  }

  /** Goes on from where `stateDict` was called. */
  loadStateDict(dict: SchedulerStateDict): void {
    Object.assign(this, copied(dict));
  }

  private isBetter(value: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    if (thresholdMode === "abs") return mode === "min" ? value < this.best - threshold : value > this.best + threshold;
    return mode === "min" ? value < this.best * (1 - threshold) : value > this.best * (1 + threshold);
  }

  private reduce(): void {
    groupsOf(this.optimizer).forEach((group, i) => {
      const next = Math.max(group.lr * this.options.factor, this.minLrs[i]);
      if (group.lr - next > this.options.eps) group.lr = next;
    });
  }
}
