import type { Tensor } from "../autograd/tensor.ts";
import { byPosition } from "../base/arguments.ts";
import { ArgumentError, AutogradError, ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import {
  BATCH_NORM,
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type NormArgs,
  type NormOptions,
} from "./batchNorm.ts";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvArgs,
  type ConvOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type Size,
  type TransposeArgs,
  type TransposeOptions,
} from "./convolution.ts";
import { type ForwardPreHook, hooksOf } from "./hooks.ts";
import { Linear, type LinearOptions } from "./linear.ts";
import type { Module } from "./module.ts";
import { ownBuffers, ownParameters } from "./own.ts";
import { settings } from "./settings.ts";
import { isUninitialized, materialize, uninitialize } from "./uninitialized.ts";

// Modules that find out the size of their input when they are called first, draw their parameters then, and become the class
// they extend. Until then their parameters have no elements; they stay the same objects.

/** What a lazy class adds to the one it becomes. */
interface Lazy {
  /** Gives parameters and buffers their sizes by an input, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void;
  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean;
}

interface LazyClass<M, Options, Args extends readonly unknown[]> {
  new (options: Options): M & Lazy;
  new (...args: Args): M & Lazy;
}

/** A module that draws its own parameters. */
interface Drawn extends Module {
  resetParameters(): void;
}

type Class<M> = new (...args: never[]) => M;

/** What a lazy class extends: `argumentsOf` gives those of `base` after the size that is found out, `setSizes` sets that by an input. */
function lazily<M extends object, Options, Args extends readonly unknown[]>(
  base: Class<M>,
  argumentsOf: (op: string, args: readonly unknown[]) => readonly unknown[],
  setSizes: (module: M, input: Tensor) => void,
): LazyClass<M, Options, Args> {
  /** The first hook of such a module; a copy of it has the same one. */
  const initializeFirst: ForwardPreHook = (module, [input]) => {
    const lazy = module as LazyModule;
    lazy.initializeParameters(input as Tensor);
    if (lazy.hasUninitializedParams())
      throw new AutogradError(`module ${lazy.constructor.name} has not been fully initialized`);
    const { forwardPre } = hooksOf(lazy);
    forwardPre.splice(forwardPre.indexOf(initializeFirst), 1);
    Object.setPrototypeOf(lazy, base.prototype);
  };

  class LazyModule extends (base as Class<unknown> as new (...args: unknown[]) => Drawn) implements Lazy {
    constructor(...args: readonly unknown[]) {
      super(0, ...argumentsOf(new.target.name, args));
      for (const x of tensorsOf(this)) if (x.ndim > 0) uninitialize(x);
      hooksOf(this).forwardPre.unshift(initializeFirst);
    }

    /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
    override resetParameters(): void {
      if (tensorsOf(this).every((x) => x.elements > 0)) super.resetParameters();
    }

    initializeParameters(input: Tensor): void {
      const isNew = this.hasUninitializedParams();
      setSizes(this as object as M, input);
      if (isNew) this.resetParameters();
    }

    hasUninitializedParams(): boolean {
      return tensorsOf(this).some(isUninitialized);
    }
  }
  return LazyModule as unknown as LazyClass<M, Options, Args>;
}

/** The parameters and buffers of a module itself. */
const tensorsOf = (module: Module): Tensor[] => [...ownParameters(module), ...ownBuffers(module)].map(([, x]) => x);

const lazyLinear = lazily<
  Linear,
  { readonly outFeatures: number } & Loose<LinearOptions>,
  [outFeatures: number, ...options: PositionalArgs<[bias: boolean], LinearOptions>]
>(
  Linear,
  (op, args) => byPosition(op, args, ["outFeatures"]),
  (module, input) => {
    const inFeatures = input.shape.at(-1);
    if (inFeatures === undefined) {
      throw new ShapeError(
        module.constructor.name,
        "Expected the first input to have at least 1 dimension, but got a scalar",
      );
    }
    Object.assign(module, { inFeatures });
    materialize(module.weight, [module.outFeatures, inFeatures]);
    if (module.bias !== null) materialize(module.bias, [module.outFeatures]);
  },
);

/** Of convolutions whose weight is [outChannels, inChannels / groups, ...kernel]. */
const lazyConv = <M extends Conv1d | Conv2d | Conv3d>(base: Class<M>) =>
  lazyConvolution<M, ConvOptions, ConvArgs>(base, (inside, outside) => [outside, inside]);

/** Of those whose weight is [inChannels, outChannels / groups, ...kernel]. */
const lazyTransposed = <M extends ConvTranspose1d | ConvTranspose2d | ConvTranspose3d>(base: Class<M>) =>
  lazyConvolution<M, TransposeOptions, TransposeArgs>(base, (inside, outside) => [inside, outside]);

function lazyConvolution<
  M extends Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d | ConvTranspose3d,
  Options,
  Args extends readonly unknown[],
>(base: Class<M>, order: (inChannels: number, outChannels: number) => [first: number, second: number]) {
  return lazily<
    M,
    { readonly outChannels: number; readonly kernelSize: Size } & Loose<Options>,
    [outChannels: number, kernelSize: Size, ...options: Args]
  >(
    base,
    (op, args) => byPosition(op, args, ["outChannels", "kernelSize"]),
    (module, input) => {
      const { kernelSize, groups, outChannels } = module;
      const inChannels = channelsOf(module, input, kernelSize.length);
      if (inChannels % groups !== 0) {
        const op = module.constructor.name;
        throw new ArgumentError(op, `inChannels (${inChannels}) must be divisible by groups (${groups})`);
      }
      Object.assign(module, { inChannels });
      const [first, second] = order(inChannels, outChannels);
      materialize(module.weight, [first, second / groups, ...kernelSize]);
      if (module.bias !== null) materialize(module.bias, [outChannels]);
    },
  );
}

type Norm = BatchNorm1d | BatchNorm2d | BatchNorm3d | InstanceNorm1d | InstanceNorm2d | InstanceNorm3d;

const lazyBatchNorm = <M extends BatchNorm1d | BatchNorm2d | BatchNorm3d>(base: Class<M>) =>
  lazyNorm<M>(base, (module, { ndim, shape }) => {
    if (ndim >= 2) return shape[1];
    throw new ShapeError(module.constructor.name, "Expected the first input to have at least 2 dimensions");
  });

/** By default they are affine and keep running figures, as in PyTorch. */
const lazyInstanceNorm = <M extends InstanceNorm1d | InstanceNorm2d | InstanceNorm3d>(base: Class<M>, dims: number) =>
  lazyNorm<M>(base, (module, input) => channelsOf(module, input, dims));

function lazyNorm<M extends Norm>(base: Class<M>, featuresOf: (module: M, input: Tensor) => number) {
  return lazily<M, Loose<NormOptions>, NormArgs>(
    base,
    (op, args) => [settings(op, args, BATCH_NORM)],
    (module, input) => {
      const numFeatures = featuresOf(module, input);
      Object.assign(module, { numFeatures });
      for (const x of tensorsOf(module)) materialize(x, [numFeatures]);
    },
  );
}

/** The channels of an input with `dims` spatial dimensions, in a batch or alone. */
function channelsOf(module: Module, input: Tensor, dims: number): number {
  if (input.ndim === dims + 2) return input.shape[1];
  if (input.ndim === dims + 1) return input.shape[0];
  throw new ShapeError(
    module.constructor.name,
    `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input, but got input of size: ${showShape(input.shape)}`,
  );
}

/** `Linear` that takes `inFeatures` from its first input. */
export class LazyLinear extends lazyLinear {}

/** `Conv1d` that takes `inChannels` from its first input. */
export class LazyConv1d extends lazyConv(Conv1d) {}

/** `Conv2d` that takes `inChannels` from its first input. */
export class LazyConv2d extends lazyConv(Conv2d) {}

/** `Conv3d` that takes `inChannels` from its first input. */
export class LazyConv3d extends lazyConv(Conv3d) {}

/** `ConvTranspose1d` that takes `inChannels` from its first input. */
export class LazyConvTranspose1d extends lazyTransposed(ConvTranspose1d) {}

/** `ConvTranspose2d` that takes `inChannels` from its first input. */
export class LazyConvTranspose2d extends lazyTransposed(ConvTranspose2d) {}

/** `ConvTranspose3d` that takes `inChannels` from its first input. */
export class LazyConvTranspose3d extends lazyTransposed(ConvTranspose3d) {}

/** `BatchNorm1d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm1d extends lazyBatchNorm(BatchNorm1d) {}

/** `BatchNorm2d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm2d extends lazyBatchNorm(BatchNorm2d) {}

/** `BatchNorm3d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm3d extends lazyBatchNorm(BatchNorm3d) {}

/** `InstanceNorm1d` that takes `numFeatures` from its first input. By default it is affine and keeps running figures, as in PyTorch. */
export class LazyInstanceNorm1d extends lazyInstanceNorm(InstanceNorm1d, 1) {}

/** `InstanceNorm2d` that takes `numFeatures` from its first input. By default it is affine and keeps running figures, as in PyTorch. */
export class LazyInstanceNorm2d extends lazyInstanceNorm(InstanceNorm2d, 2) {}

/** `InstanceNorm3d` that takes `numFeatures` from its first input. By default it is affine and keeps running figures, as in PyTorch. */
export class LazyInstanceNorm3d extends lazyInstanceNorm(InstanceNorm3d, 3) {}
