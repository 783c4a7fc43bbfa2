import { readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { type PositionalArgs, withDefaults } from "../../base/options.ts";
import { checkMomentum, setMomentum } from "./momentum.ts";
import { LRScheduler, perGroup, required, type ScheduledOptimizer } from "./scheduler.ts";

interface OneCycleOptions {
  maxLr: number | readonly number[];
  /** Either this, or `epochs` and `stepsPerEpoch`. */
  totalSteps: number | null;
  epochs: number | null;
  stepsPerEpoch: number | null;
  /** The part of the steps that rises. */
  pctStart: number;
  annealStrategy: "cos" | "linear";
  cycleMomentum: boolean;
  baseMomentum: number | readonly number[];
  maxMomentum: number | readonly number[];
  /** The first rate is the largest divided by this. */
  divFactor: number;
  /** The last rate is the first divided by this. */
  finalDivFactor: number;
  threePhase: boolean;
}

const DEFAULTS: Omit<OneCycleOptions, "maxLr"> = {
  totalSteps: null,
  epochs: null,
  stepsPerEpoch: null,
  pctStart: 0.3,
  annealStrategy: "cos",
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
};

/** A stretch of steps over which rate and momentum go from one value to another. */
interface Phase {
  readonly end: number;
  readonly lr: readonly [Level, Level];
  readonly momentum: readonly [Level, Level];
}

/** The values a phase begins or ends with, per group. */
type Level = readonly number[];

/** One rise to `maxLr` and one long fall far below the start, the momentum the other way; a step per batch. */
export class OneCycleLR extends LRScheduler {
  /** Steps of the whole cycle. */
  readonly totalSteps: number;
  private readonly phases: readonly Phase[];
  private readonly cycleMomentum: boolean;
  private readonly linear: boolean;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[maxLr: OneCycleOptions["maxLr"]], OneCycleOptions>
  ) {
    super(optimizer);
    const names = ["maxLr", ...Object.keys(DEFAULTS)] as (keyof OneCycleOptions)[];
    const { maxLr, ...rest } = readArguments<Partial<OneCycleOptions>>("OneCycleLR", args, names);
    const options = withDefaults("OneCycleLR", rest, DEFAULTS);
    this.totalSteps = totalSteps(options);
    this.cycleMomentum = options.cycleMomentum;
    this.linear = options.annealStrategy === "linear";
    if (!this.linear && options.annealStrategy !== "cos") {
      throw new ArgumentError(
        "OneCycleLR",
        `annealStrategy must be 'cos' or 'linear', but got '${options.annealStrategy}'`,
      );
    }
    if (!(options.pctStart >= 0 && options.pctStart <= 1)) {
      throw new ArgumentError("OneCycleLR", `expected pctStart between 0 and 1, but got ${options.pctStart}`);
    }
    if (this.cycleMomentum) checkMomentum("OneCycleLR", optimizer);
    const { groups } = this;
    const top = perGroup("OneCycleLR", "maxLr", required("OneCycleLR", "maxLr", maxLr), groups);
    const first = top.map((lr) => lr / options.divFactor);
    groups.forEach((group, i) => {
      group.initialLr = first[i];
    });
    this.baseLrs.splice(0, this.baseLrs.length, ...first);
    this.phases = phasesOf(options, this.totalSteps, {
      top,
      first,
      last: first.map((lr) => lr / options.finalDivFactor),
      low: perGroup("OneCycleLR", "baseMomentum", options.baseMomentum, groups),
      high: perGroup("OneCycleLR", "maxMomentum", options.maxMomentum, groups),
    });
    this.step();
  }

  override getLr(): number[] {
    const step = this.lastEpoch;
    if (step > this.totalSteps) {
      throw new ArgumentError(
        "OneCycleLR",
        `Tried to step ${step} times. The specified number of total steps is ${this.totalSteps}.`,
      );
    }
    const found = this.phases.findIndex(({ end }) => step <= end);
    const at = found === -1 ? this.phases.length - 1 : found;
    const start = at === 0 ? 0 : this.phases[at - 1].end;
    const { end, lr, momentum } = this.phases[at];
    const way = (step - start) / (end - start);
    if (this.cycleMomentum) {
      this.groups.forEach((group, i) => {
        setMomentum(group, this.between(momentum[0][i], momentum[1][i], way));
      });
    }
    return this.groups.map((_, i) => this.between(lr[0][i], lr[1][i], way));
  }

  private between(from: number, to: number, way: number): number {
    return this.linear ? from + (to - from) * way : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * way));
  }
}

function totalSteps({ totalSteps: total, epochs, stepsPerEpoch }: Omit<OneCycleOptions, "maxLr">): number {
  const n = total ?? (epochs === null || stepsPerEpoch === null ? null : epochs * stepsPerEpoch);
  if (n === null)
    throw new ArgumentError("OneCycleLR", "You must define either totalSteps OR (epochs AND stepsPerEpoch)");
  if (!Number.isInteger(n) || n <= 0)
    throw new ArgumentError("OneCycleLR", `Expected positive integer totalSteps, but got ${n}`);
  return n;
}

interface Levels {
  readonly top: Level;
  readonly first: Level;
  readonly last: Level;
  readonly low: Level;
  readonly high: Level;
}

function phasesOf({ pctStart, threePhase }: Omit<OneCycleOptions, "maxLr">, total: number, at: Levels): Phase[] {
  const rise: Phase = { end: pctStart * total - 1, lr: [at.first, at.top], momentum: [at.high, at.low] };
  if (!threePhase) return [rise, { end: total - 1, lr: [at.top, at.last], momentum: [at.low, at.high] }];
  return [
    rise,
    { end: 2 * pctStart * total - 2, lr: [at.top, at.first], momentum: [at.low, at.high] },
    { end: total - 1, lr: [at.first, at.last], momentum: [at.high, at.high] },
  ];
}
