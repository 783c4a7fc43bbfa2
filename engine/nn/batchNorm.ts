import { noGrad } from "../autograd/modes.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { byPosition, wholeNumber } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { show, showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { ones_, zeros_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

/** How a norm is made. */
export interface NormOptions {
  eps: number;
  /** Weight of a new batch in the running figures; null averages all batches. */
  momentum: number | null;
  /** Learn a factor and an offset per channel. */
  affine: boolean;
  /** Keep running mean and variance for use after training. */
  trackRunningStats: boolean;
  dtype: DType;
}

/** Options of batch and instance norms, by position or by name. */
export type NormArgs = PositionalArgs<
  [eps: number, momentum: number | null, affine: boolean, trackRunningStats: boolean],
  NormOptions
>;

/** What batch and instance norm share. */
abstract class RunningNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  /** May be changed, as `updateBn` does for a while. */
  momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  constructor(numFeatures: number, { eps, momentum, affine, trackRunningStats, dtype }: NormOptions) {
    super();
    this.numFeatures = wholeNumber(new.target.name, "numFeatures", numFeatures, 0);
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.weight = affine ? newParameter([numFeatures], dtype) : null;
    this.bias = affine ? newParameter([numFeatures], dtype) : null;
    this.registerBuffer("runningMean", trackRunningStats ? empty([numFeatures], dtype) : null);
    this.registerBuffer("runningVar", trackRunningStats ? empty([numFeatures], dtype) : null);
    this.registerBuffer("numBatchesTracked", trackRunningStats ? empty([], "int64") : null);
    this.resetParameters();
  }

  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override extraRepr(): string {
    const { eps, momentum, affine, trackRunningStats } = this;
    return `${show(this.numFeatures)}, ${showOptions({ eps, momentum, affine, trackRunningStats })}`;
  }

  /** Throws unless the input has one of these numbers of dimensions. */
  protected checkDims(input: Tensor, ...dims: number[]): void {
    if (dims.includes(input.ndim)) return;
    const expected = dims.map((n) => `${n}D`).join(" or ");
    throw new ShapeError(
      this.constructor.name,
      `expected ${expected} input (got ${input.ndim}D input of shape ${showShape(input.shape)})`,
    );
  }

  /** Counts a batch and gives the weight it has in the running figures. */
  protected countBatch(): number {
    const counter = this.numBatchesTracked;
    if (!this.training || !this.trackRunningStats || counter === null) return this.momentum ?? 0;
    noGrad(() => counter.add_(1));
    return this.momentum ?? 1 / counter.item();
  }
}

/** How batch norms are by default. */
export const BATCH_NORM: NormOptions = {
  eps: 1e-5,
  momentum: 0.1,
  affine: true,
  trackRunningStats: true,
  dtype: "float32",
};

/** What batch norms of all dimensions share. */
export abstract class BatchNorm extends RunningNorm {
  constructor(options: { readonly numFeatures: number } & Loose<NormOptions>);
  constructor(numFeatures: number, ...options: NormArgs);
  constructor(...args: readonly unknown[]) {
    const [numFeatures, ...options] = byPosition(new.target.name, args, ["numFeatures"]) as unknown as [
      number,
      ...NormArgs,
    ];
    super(numFeatures, settings(new.target.name, options, BATCH_NORM));
  }

  protected normalize(input: Tensor): Tensor {
    const momentum = this.countBatch();
    const ownFigures = this.training || this.runningMean === null || this.runningVar === null;
    const keeps = !this.training || this.trackRunningStats;
    return F.batchNorm(input, keeps ? this.runningMean : null, keeps ? this.runningVar : null, {
      weight: this.weight,
      bias: this.bias,
      training: ownFigures,
      momentum,
      eps: this.eps,
    });
  }
}

/** Normalises each channel over batch and length: [n, channels] or [n, channels, length]. */
export class BatchNorm1d extends BatchNorm {
  override forward(input: Tensor): Tensor {
    this.checkDims(input, 2, 3);
    return this.normalize(input);
  }
}

/** Normalises each channel over batch, height and width: [n, channels, height, width]. */
export class BatchNorm2d extends BatchNorm {
  override forward(input: Tensor): Tensor {
    this.checkDims(input, 4);
    return this.normalize(input);
  }
}

/** Normalises each channel over batch, depth, height and width: [n, channels, depth, height, width]. */
export class BatchNorm3d extends BatchNorm {
  override forward(input: Tensor): Tensor {
    this.checkDims(input, 5);
    return this.normalize(input);
  }
}

/** What instance norms of all dimensions share. */
abstract class InstanceNorm extends RunningNorm {
  constructor(options: { readonly numFeatures: number } & Loose<NormOptions>);
  constructor(numFeatures: number, ...options: NormArgs);
  constructor(...args: readonly unknown[]) {
    const [numFeatures, ...options] = byPosition(new.target.name, args, ["numFeatures"]) as unknown as [
      number,
      ...NormArgs,
    ];
    super(
      numFeatures,
      settings<NormOptions>(new.target.name, options, {
        eps: 1e-5,
        momentum: 0.1,
        affine: false,
        trackRunningStats: false,
        dtype: "float32",
      }),
    );
  }

  protected normalize(input: Tensor, batched: boolean): Tensor {
    const images = batched ? input : input.unsqueeze(0);
    const result = F.instanceNorm(images, {
      runningMean: this.runningMean,
      runningVar: this.runningVar,
      weight: this.weight,
      bias: this.bias,
      useInputStats: this.training || !this.trackRunningStats,
      momentum: this.momentum ?? 0,
      eps: this.eps,
    });
    return batched ? result : result.squeeze(0);
  }
}

/** Normalises each channel of each sample over its length. */
export class InstanceNorm1d extends InstanceNorm {
  override forward(input: Tensor): Tensor {
    this.checkDims(input, 2, 3);
    return this.normalize(input, input.ndim === 3);
  }
}

/** Normalises each channel of each image. */
export class InstanceNorm2d extends InstanceNorm {
  override forward(input: Tensor): Tensor {
    this.checkDims(input, 3, 4);
    return this.normalize(input, input.ndim === 4);
  }
}

/** Normalises each channel of each volume. */
export class InstanceNorm3d extends InstanceNorm {
  override forward(input: Tensor): Tensor {
    this.checkDims(input, 4, 5);
    return this.normalize(input, input.ndim === 5);
  }
}
