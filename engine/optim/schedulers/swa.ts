import { readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { type PositionalArgs, withDefaults } from "../../base/options.ts";
import { LRScheduler, perGroup, required, type ScheduledOptimizer } from "./scheduler.ts";

interface SwaOptions {
  swaLr: number | readonly number[];
  /** Steps to get there. */
  annealEpochs: number;
  annealStrategy: "cos" | "linear";
}

const DEFAULTS: Omit<SwaOptions, "swaLr"> = { annealEpochs: 10, annealStrategy: "cos" };

/** Goes from the present rate to `swaLr` over `annealEpochs` steps and stays there, while weights are averaged. */
export class SWALR extends LRScheduler {
  /** Steps to get to the last rate. */
  readonly annealEpochs: number;
  private readonly annealStrategy: "cos" | "linear";

  constructor(optimizer: ScheduledOptimizer, ...args: PositionalArgs<[swaLr: SwaOptions["swaLr"]], SwaOptions>) {
    super(optimizer);
    const { swaLr, ...rest } = readArguments<Partial<SwaOptions>>("SWALR", args, [
      "swaLr",
      "annealEpochs",
      "annealStrategy",
    ]);
    const { annealEpochs, annealStrategy } = withDefaults("SWALR", rest, DEFAULTS);
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      const got = String(annealStrategy);
      throw new ArgumentError("SWALR", `annealStrategy must be one of 'cos' or 'linear', instead got ${got}`);
    }
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0)
      throw new ArgumentError("SWALR", `annealEpochs must be equal or greater than 0, got ${annealEpochs}`);
    this.annealEpochs = annealEpochs;
    this.annealStrategy = annealStrategy;
    const targets = perGroup("SWALR", "swaLr", required("SWALR", "swaLr", swaLr), this.groups);
    this.groups.forEach((group, i) => {
      group.swaLr = targets[i];
    });
    this.step();
  }

  /** The rate that it started from follows from the present one, which others may have changed. */
  override getLr(): number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.lastEpoch) : this.lastEpoch;
    const before = this.wayAt(step - 1);
    const now = this.wayAt(step);
    return this.groups.map(({ lr, swaLr = lr }) => {
      const start = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
      return swaLr * now + start * (1 - now);
    });
  }

  /** How far it is from the first rate to the last one, from 0 to 1. */
  private wayAt(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === "cos" ? (1 - Math.cos(Math.PI * t)) / 2 : t;
  }
}
