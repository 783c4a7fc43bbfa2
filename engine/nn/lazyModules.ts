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

interface Lazy extends Module {
  /** Gives parameters and buffers their sizes by an input, and draws them. */
  initializeParameters(input: Tensor): void;
}

/** The hook of lazy modules; a copy of a module has the same one. */
const initializeFirst: ForwardPreHook = (module, [input]) => {
  const lazy = module as Lazy;
  lazy.initializeParameters(input as Tensor);
  if (hasUninitialized(lazy)) throw new AutogradError(`module ${lazy.constructor.name} has not been fully initialized`);
  const { forwardPre } = hooksOf(lazy);
  forwardPre.splice(forwardPre.indexOf(initializeFirst), 1);
  Object.setPrototypeOf(lazy, classToBecome(lazy));
};

/** The prototype of the class that a lazy class, or one of the user's that extends it, stands for. */
function classToBecome(module: Module): object {
  let prototype: object = Object.getPrototypeOf(module);
  while (!lazyClasses.has(prototype)) prototype = Object.getPrototypeOf(prototype);
  return Object.getPrototypeOf(prototype);
}

/** Takes parameters and buffers their elements, and waits for the first call. */
function waitForInput(module: Lazy): void {
  for (const [, x] of [...ownParameters(module), ...ownBuffers(module)]) if (x.ndim > 0) uninitialize(x);
  hooksOf(module).forwardPre.unshift(initializeFirst);
}

const hasUninitialized = (module: Module): boolean =>
  [...ownParameters(module), ...ownBuffers(module)].some(([, x]) => isUninitialized(x));

/** `Linear` that takes `inFeatures` from its first input. */
export class LazyLinear extends Linear {
  constructor(options: { readonly outFeatures: number } & Loose<LinearOptions>);
  constructor(outFeatures: number, ...options: PositionalArgs<[bias: boolean], LinearOptions>);
  constructor(...args: readonly unknown[]) {
    const [outFeatures, ...options] = byPosition(new.target.name, args, ["outFeatures"]);
    super(0, outFeatures as number, ...(options as [boolean]));
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    const isNew = this.hasUninitializedParams();
    const inFeatures = input.shape.at(-1);
    if (inFeatures === undefined) {
      throw new ShapeError(
        this.constructor.name,
        "Expected the first input to have at least 1 dimension, but got a scalar",
      );
    }
    Object.assign(this, { inFeatures });
    materialize(this.weight, [this.outFeatures, inFeatures]);
    if (this.bias !== null) materialize(this.bias, [this.outFeatures]);
    if (isNew) this.resetParameters();
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** The required arguments of a lazy convolution by name. */
interface LazyChannels {
  readonly outChannels: number;
  readonly kernelSize: Size;
}

/** The arguments in their places, whether the required ones came by position or by name. */
const kernelFirst = <Args extends readonly unknown[]>(op: string, args: readonly unknown[]) =>
  byPosition(op, args, ["outChannels", "kernelSize"]) as unknown as [number, Size, ...Args];

type LazyConvolution = Lazy & (Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d | ConvTranspose3d);

function initializeConvolution(module: LazyConvolution, input: Tensor, isTransposed: boolean): void {
  const { kernelSize, groups, outChannels } = module;
  const isNew = hasUninitialized(module);
  const inChannels = channelsOf(module, input, kernelSize.length);
  if (inChannels % groups !== 0) {
    const op = module.constructor.name;
    throw new ArgumentError(op, `inChannels (${inChannels}) must be divisible by groups (${groups})`);
  }
  Object.assign(module, { inChannels });
  const [first, second] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
  materialize(module.weight, [first, second / groups, ...kernelSize]);
  if (module.bias !== null) materialize(module.bias, [outChannels]);
  if (isNew) module.resetParameters();
}

type LazyNorm = Lazy & (BatchNorm1d | BatchNorm2d | BatchNorm3d | InstanceNorm1d | InstanceNorm2d | InstanceNorm3d);

function initializeNorm(module: LazyNorm, numFeatures: number | undefined): void {
  if (numFeatures === undefined) {
    throw new ShapeError(module.constructor.name, "Expected the first input to have at least 2 dimensions");
  }
  const isNew = hasUninitialized(module);
  Object.assign(module, { numFeatures });
  for (const [, x] of [...ownParameters(module), ...ownBuffers(module)]) materialize(x, [numFeatures]);
  if (isNew) module.resetParameters();
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

/** `Conv1d` that takes `inChannels` from its first input. */
export class LazyConv1d extends Conv1d {
  constructor(options: LazyChannels & Loose<ConvOptions>);
  constructor(outChannels: number, kernelSize: Size, ...options: ConvArgs);
  constructor(...args: readonly unknown[]) {
    const [outChannels, kernelSize, ...options] = kernelFirst<ConvArgs>(new.target.name, args);
    super(0, outChannels, kernelSize, ...options);
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeConvolution(this, input, false);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `Conv2d` that takes `inChannels` from its first input. */
export class LazyConv2d extends Conv2d {
  constructor(options: LazyChannels & Loose<ConvOptions>);
  constructor(outChannels: number, kernelSize: Size, ...options: ConvArgs);
  constructor(...args: readonly unknown[]) {
    const [outChannels, kernelSize, ...options] = kernelFirst<ConvArgs>(new.target.name, args);
    super(0, outChannels, kernelSize, ...options);
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeConvolution(this, input, false);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `Conv3d` that takes `inChannels` from its first input. */
export class LazyConv3d extends Conv3d {
  constructor(options: LazyChannels & Loose<ConvOptions>);
  constructor(outChannels: number, kernelSize: Size, ...options: ConvArgs);
  constructor(...args: readonly unknown[]) {
    const [outChannels, kernelSize, ...options] = kernelFirst<ConvArgs>(new.target.name, args);
    super(0, outChannels, kernelSize, ...options);
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeConvolution(this, input, false);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `ConvTranspose1d` that takes `inChannels` from its first input. */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(options: LazyChannels & Loose<TransposeOptions>);
  constructor(outChannels: number, kernelSize: Size, ...options: TransposeArgs);
  constructor(...args: readonly unknown[]) {
    const [outChannels, kernelSize, ...options] = kernelFirst<TransposeArgs>(new.target.name, args);
    super(0, outChannels, kernelSize, ...options);
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeConvolution(this, input, true);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `ConvTranspose2d` that takes `inChannels` from its first input. */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(options: LazyChannels & Loose<TransposeOptions>);
  constructor(outChannels: number, kernelSize: Size, ...options: TransposeArgs);
  constructor(...args: readonly unknown[]) {
    const [outChannels, kernelSize, ...options] = kernelFirst<TransposeArgs>(new.target.name, args);
    super(0, outChannels, kernelSize, ...options);
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeConvolution(this, input, true);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `ConvTranspose3d` that takes `inChannels` from its first input. */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(options: LazyChannels & Loose<TransposeOptions>);
  constructor(outChannels: number, kernelSize: Size, ...options: TransposeArgs);
  constructor(...args: readonly unknown[]) {
    const [outChannels, kernelSize, ...options] = kernelFirst<TransposeArgs>(new.target.name, args);
    super(0, outChannels, kernelSize, ...options);
    waitForInput(this);
  }

  /** Draws the parameters anew, once they have their sizes; before that there is nothing to draw. */
  override resetParameters(): void {
    if (this.weight.elements > 0) super.resetParameters();
  }

  /** Gives the parameters their sizes, and draws them; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeConvolution(this, input, true);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `BatchNorm1d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(...options: NormArgs) {
    super(0, ...options);
    waitForInput(this);
  }

  /** Gives parameters and running figures their sizes; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeNorm(this, input.shape[1]);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `BatchNorm2d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(...options: NormArgs) {
    super(0, ...options);
    waitForInput(this);
  }

  /** Gives parameters and running figures their sizes; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeNorm(this, input.shape[1]);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `BatchNorm3d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(...options: NormArgs) {
    super(0, ...options);
    waitForInput(this);
  }

  /** Gives parameters and running figures their sizes; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeNorm(this, input.shape[1]);
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `InstanceNorm1d` that takes `numFeatures` from its first input. By default it is affine and keeps running figures, as in PyTorch. */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(...options: NormArgs) {
    super(0, settings(new.target.name, options, BATCH_NORM));
    waitForInput(this);
  }

  /** Gives parameters and running figures their sizes; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeNorm(this, channelsOf(this, input, 1));
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `InstanceNorm2d` that takes `numFeatures` from its first input. By default it is affine and keeps running figures, as in PyTorch. */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(...options: NormArgs) {
    super(0, settings(new.target.name, options, BATCH_NORM));
    waitForInput(this);
  }

  /** Gives parameters and running figures their sizes; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeNorm(this, channelsOf(this, input, 2));
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

/** `InstanceNorm3d` that takes `numFeatures` from its first input. By default it is affine and keeps running figures, as in PyTorch. */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(...options: NormArgs) {
    super(0, settings(new.target.name, options, BATCH_NORM));
    waitForInput(this);
  }

  /** Gives parameters and running figures their sizes; done by the first call. */
  initializeParameters(input: Tensor): void {
    initializeNorm(this, channelsOf(this, input, 3));
  }

  /** Whether it waits for its first call. */
  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }
}

const lazyClasses: ReadonlySet<object> = new Set(
  [
    LazyLinear,
    LazyConv1d,
    LazyConv2d,
    LazyConv3d,
    LazyConvTranspose1d,
    LazyConvTranspose2d,
    LazyConvTranspose3d,
    LazyBatchNorm1d,
    LazyBatchNorm2d,
    LazyBatchNorm3d,
    LazyInstanceNorm1d,
    LazyInstanceNorm2d,
    LazyInstanceNorm3d,
  ].map(({ prototype }) => prototype),
);
