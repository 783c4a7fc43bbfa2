import { readArguments } from "../../base/arguments.ts";
import { ArgumentError } from "../../base/errors.ts";
import { type PositionalArgs, withDefaults } from "../../base/options.ts";
import { LRScheduler, perGroup, required, type ScheduledOptimizer } from "./scheduler.ts";

/** A factor at each epoch. */
export type LrLambda = (epoch: number) => number;

interface LambdaOptions {
  lrLambda: LrLambda | readonly LrLambda[];
}

/** The base rate times a function of the epoch. */
export class LambdaLR extends LRScheduler {
  private readonly lambdas: LrLambda[];

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[lrLambda: LambdaOptions["lrLambda"]], LambdaOptions>
  ) {
    super(optimizer);
    this.lambdas = lambdasFrom("LambdaLR", args, this.groups);
    this.step();
  }

  override getLr(): number[] {
    return this.eachRate((_lr, base, i) => base * this.lambdas[i](this.lastEpoch));
  }
}

/** The rate times a function of the epoch, at every epoch. */
export class MultiplicativeLR extends LRScheduler {
  private readonly lambdas: LrLambda[];

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[lrLambda: LambdaOptions["lrLambda"]], LambdaOptions>
  ) {
    super(optimizer);
    this.lambdas = lambdasFrom("MultiplicativeLR", args, this.groups);
    this.step();
  }

  override getLr(): number[] {
    return this.eachRate((lr, _base, i) => (this.lastEpoch > 0 ? lr * this.lambdas[i](this.lastEpoch) : lr));
  }
}

function lambdasFrom(op: string, args: readonly unknown[], groups: readonly unknown[]): LrLambda[] {
  const { lrLambda } = readArguments<Partial<LambdaOptions>>(op, args, ["lrLambda"]);
  return perGroup(op, "lrLambda", required(op, "lrLambda", lrLambda), groups);
}

interface StepOptions {
  stepSize: number;
  gamma: number;
}

/** The rate times `gamma` every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  /** Steps from one decay to the next. */
  readonly stepSize: number;
  /** What the rate is multiplied by. */
  readonly gamma: number;

  constructor(optimizer: ScheduledOptimizer, ...args: PositionalArgs<[stepSize: number, gamma: number], StepOptions>) {
    super(optimizer);
    const { stepSize, gamma } = readArguments<Partial<StepOptions>>("StepLR", args, ["stepSize", "gamma"]);
    this.stepSize = required("StepLR", "stepSize", stepSize);
    this.gamma = gamma ?? 0.1;
    this.step();
  }

  override getLr(): number[] {
    const drops = this.lastEpoch > 0 && this.lastEpoch % this.stepSize === 0;
    return this.eachRate((lr) => (drops ? lr * this.gamma : lr));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((base) => base * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

interface MultiStepOptions {
  milestones: readonly number[];
  gamma: number;
}

/** The rate times `gamma` at each milestone. */
export class MultiStepLR extends LRScheduler {
  /** The epochs at which the rate is multiplied. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by. */
  readonly gamma: number;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[milestones: readonly number[], gamma: number], MultiStepOptions>
  ) {
    super(optimizer);
    const { milestones, gamma } = readArguments<Partial<MultiStepOptions>>("MultiStepLR", args, [
      "milestones",
      "gamma",
    ]);
    this.milestones = required("MultiStepLR", "milestones", milestones);
    this.gamma = gamma ?? 0.1;
    this.step();
  }

  override getLr(): number[] {
    const drops = this.milestones.filter((milestone) => milestone === this.lastEpoch).length;
    return this.eachRate((lr) => lr * this.gamma ** drops);
  }

  protected override closedForm(): number[] {
    const drops = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    return this.baseLrs.map((base) => base * this.gamma ** drops);
  }
}

interface ExponentialOptions {
  gamma: number;
}

/** The rate times `gamma` at every epoch. */
export class ExponentialLR extends LRScheduler {
  /** What the rate is multiplied by. */
  readonly gamma: number;

  constructor(optimizer: ScheduledOptimizer, ...args: PositionalArgs<[gamma: number], ExponentialOptions>) {
    super(optimizer);
    const { gamma } = readArguments<Partial<ExponentialOptions>>("ExponentialLR", args, ["gamma"]);
    this.gamma = required("ExponentialLR", "gamma", gamma);
    this.step();
  }

  override getLr(): number[] {
    return this.eachRate((lr) => (this.lastEpoch > 0 ? lr * this.gamma : lr));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((base) => base * this.gamma ** this.lastEpoch);
  }
}

interface ConstantOptions {
  factor: number;
  totalIters: number;
}

/** The rate times `factor` for the first `totalIters` epochs. */
export class ConstantLR extends LRScheduler {
  /** What the rate is multiplied by until `totalIters`. */
  readonly factor: number;
  /** After this many steps the rate stays. */
  readonly totalIters: number;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[factor: number, totalIters: number], ConstantOptions>
  ) {
    super(optimizer);
    const given = readArguments<Partial<ConstantOptions>>("ConstantLR", args, ["factor", "totalIters"]);
    const { factor, totalIters } = withDefaults("ConstantLR", given, { factor: 1 / 3, totalIters: 5 });
    if (!(factor >= 0 && factor <= 1)) {
      throw new ArgumentError("ConstantLR", "Constant multiplicative factor expected to be between 0 and 1.");
    }
    this.factor = factor;
    this.totalIters = totalIters;
    this.step();
  }

  override getLr(): number[] {
    if (this.lastEpoch === 0) return this.eachRate((lr) => lr * this.factor);
    return this.eachRate((lr) => (this.lastEpoch === this.totalIters ? lr * (1 / this.factor) : lr));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((base) => base * (this.lastEpoch >= this.totalIters ? 1 : this.factor));
  }
}

interface LinearOptions {
  startFactor: number;
  endFactor: number;
  totalIters: number;
}

/** A factor that moves on a line from `startFactor` to `endFactor` over `totalIters` epochs: a warmup. */
export class LinearLR extends LRScheduler {
  /** What the rate is multiplied by at the beginning. */
  readonly startFactor: number;
  /** What the rate is multiplied by in the end. */
  readonly endFactor: number;
  /** After this many steps the rate stays. */
  readonly totalIters: number;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[startFactor: number, endFactor: number, totalIters: number], LinearOptions>
  ) {
    super(optimizer);
    const given = readArguments<Partial<LinearOptions>>("LinearLR", args, ["startFactor", "endFactor", "totalIters"]);
    const defaults: LinearOptions = { startFactor: 1 / 3, endFactor: 1, totalIters: 5 };
    const { startFactor, endFactor, totalIters } = withDefaults("LinearLR", given, defaults);
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new ArgumentError(
        "LinearLR",
        "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
      );
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new ArgumentError("LinearLR", "Ending multiplicative factor expected to be between 0 and 1.");
    }
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.step();
  }

  override getLr(): number[] {
    const { lastEpoch, startFactor, totalIters } = this;
    if (lastEpoch === 0) return this.eachRate((lr) => lr * startFactor);
    if (lastEpoch > totalIters) return this.eachRate((lr) => lr);
    const rise = this.endFactor - startFactor;
    return this.eachRate((lr) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)));
  }

  protected override closedForm(): number[] {
    const { startFactor, endFactor, totalIters } = this;
    const way = Math.min(totalIters, this.lastEpoch) / totalIters;
    return this.baseLrs.map((base) => base * (startFactor + (endFactor - startFactor) * way));
  }
}

interface PolynomialOptions {
  totalIters: number;
  power: number;
}

/** Falls to zero over `totalIters` epochs along a polynomial. */
export class PolynomialLR extends LRScheduler {
  /** After this many steps the rate stays. */
  readonly totalIters: number;
  /** The power of the polynomial. */
  readonly power: number;

  constructor(
    optimizer: ScheduledOptimizer,
    ...args: PositionalArgs<[totalIters: number, power: number], PolynomialOptions>
  ) {
    super(optimizer);
    const given = readArguments<Partial<PolynomialOptions>>("PolynomialLR", args, ["totalIters", "power"]);
    const { totalIters, power } = withDefaults("PolynomialLR", given, { totalIters: 5, power: 1 });
    this.totalIters = totalIters;
    this.power = power;
    this.step();
  }

  override getLr(): number[] {
    const { lastEpoch, totalIters, power } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.eachRate((lr) => lr);
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return this.eachRate((lr) => lr * factor);
  }

  protected override closedForm(): number[] {
    const { totalIters, power } = this;
    const left = 1 - Math.min(totalIters, this.lastEpoch) / totalIters;
    return this.baseLrs.map((base) => base * left ** power);
  }
}
