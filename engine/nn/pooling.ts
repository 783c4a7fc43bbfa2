import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, wholeNumber, wholeNumbers } from "../base/arguments.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import type { Size } from "./convolution.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface MaxOptions {
  /** The kernel size when null. */
  stride: Size | null;
  padding: Size;
  dilation: Size;
  /** Give the places of the maxima as well. */
  returnIndices: boolean;
  /** Let the last window reach outside. */
  ceilMode: boolean;
}

const MAX: MaxOptions = { stride: null, padding: 0, dilation: 1, returnIndices: false, ceilMode: false };

type MaxArgs = PositionalArgs<
  [stride: Size | null, padding: Size, dilation: Size, returnIndices: boolean, ceilMode: boolean],
  MaxOptions
>;

/** The required argument by name. */
interface WindowSize {
  readonly kernelSize: Size;
}

/** The kernel size and the rest of the arguments, whether it came by position or by name. */
function windowFirst<Args extends readonly unknown[]>(op: string, args: readonly unknown[]): [Size, Args] {
  const [kernelSize, ...rest] = byPosition(op, args, ["kernelSize"]) as [Size, ...unknown[]];
  if (typeof kernelSize !== "number" && !Array.isArray(kernelSize)) {
    throw new ArgumentError(op, `kernelSize must be a number or a list of them, but got ${typeof kernelSize}`);
  }
  wholeNumbers(op, "kernelSize", kernelSize, 1);
  return [kernelSize, rest as unknown as Args];
}

/** Checks what all windows have; a stride of null is the kernel's size. */
function checkedWindow<Options extends { readonly stride: Size | null; readonly padding: Size }>(
  op: string,
  options: Options,
): Options {
  if (options.stride !== null) wholeNumbers(op, "stride", options.stride, 1);
  wholeNumbers(op, "padding", options.padding, 0);
  return options;
}

abstract class MaxPool extends Module {
  readonly kernelSize: Size;
  readonly options: MaxOptions;

  constructor(size: Size | (WindowSize & Loose<MaxOptions>), ...rest: MaxArgs) {
    super();
    const [kernelSize, options] = windowFirst<MaxArgs>(new.target.name, [size, ...rest]);
    this.kernelSize = kernelSize;
    this.options = checkedWindow(new.target.name, settings(new.target.name, options, MAX));
    wholeNumbers(new.target.name, "dilation", this.options.dilation, 1);
  }

  override extraRepr(): string {
    const { kernelSize } = this;
    const { stride, padding, dilation, ceilMode } = this.options;
    return showOptions({ kernelSize, stride: stride ?? kernelSize, padding, dilation, ceilMode });
  }
}

/** The largest of each window along one spatial dimension. With `returnIndices` an array of maxima and places. */
export class MaxPool1d extends MaxPool {
  override forward(input: Tensor): Tensor {
    return F.maxPool1d(input, this.kernelSize, this.options);
  }
}

/** The largest of each window over two spatial dimensions. With `returnIndices` an array of maxima and places. */
export class MaxPool2d extends MaxPool {
  override forward(input: Tensor): Tensor {
    return F.maxPool2d(input, this.kernelSize, this.options);
  }
}

/** The largest of each window over three spatial dimensions. With `returnIndices` an array of maxima and places. */
export class MaxPool3d extends MaxPool {
  override forward(input: Tensor): Tensor {
    return F.maxPool3d(input, this.kernelSize, this.options);
  }
}

interface UnpoolOptions {
  stride: Size | null;
  padding: Size;
}

abstract class MaxUnpool extends Module {
  readonly kernelSize: Size;
  readonly options: UnpoolOptions;

  constructor(kernelSize: Size, ...options: PositionalArgs<[stride: Size | null, padding: Size], UnpoolOptions>) {
    super();
    this.kernelSize = wholeNumbers(new.target.name, "kernelSize", kernelSize, 1);
    const read = settings<UnpoolOptions>(new.target.name, options, { stride: null, padding: 0 });
    this.options = checkedWindow(new.target.name, read);
  }

  override extraRepr(): string {
    const { kernelSize } = this;
    return showOptions({ kernelSize, stride: this.options.stride ?? kernelSize, padding: this.options.padding });
  }
}

/** Puts maxima back to their places along one dimension, zeros elsewhere. */
export class MaxUnpool1d extends MaxUnpool {
  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[]): Tensor {
    return F.maxUnpool1d(input, indices, this.kernelSize, { ...this.options, outputSize: outputSize ?? null });
  }
}

/** Puts maxima back to their places over two dimensions, zeros elsewhere. */
export class MaxUnpool2d extends MaxUnpool {
  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[]): Tensor {
    return F.maxUnpool2d(input, indices, this.kernelSize, { ...this.options, outputSize: outputSize ?? null });
  }
}

/** Puts maxima back to their places over three dimensions, zeros elsewhere. */
export class MaxUnpool3d extends MaxUnpool {
  override forward(input: Tensor, indices: Tensor, outputSize?: readonly number[]): Tensor {
    return F.maxUnpool3d(input, indices, this.kernelSize, { ...this.options, outputSize: outputSize ?? null });
  }
}

interface AvgOptions {
  stride: Size | null;
  padding: Size;
  ceilMode: boolean;
  /** Whether padding counts in the mean. */
  countIncludePad: boolean;
  /** Divide by this instead of the number of elements. */
  divisorOverride: number | null;
}

const AVG: AvgOptions = { stride: null, padding: 0, ceilMode: false, countIncludePad: true, divisorOverride: null };

type AvgArgs = PositionalArgs<
  [stride: Size | null, padding: Size, ceilMode: boolean, countIncludePad: boolean, divisorOverride: number | null],
  AvgOptions
>;

abstract class AvgPool extends Module {
  readonly kernelSize: Size;
  readonly options: AvgOptions;

  constructor(size: Size | (WindowSize & Loose<AvgOptions>), ...rest: AvgArgs) {
    super();
    const [kernelSize, options] = windowFirst<AvgArgs>(new.target.name, [size, ...rest]);
    this.kernelSize = kernelSize;
    this.options = settings(new.target.name, options, AVG);
  }

  override extraRepr(): string {
    const { kernelSize } = this;
    return showOptions({ kernelSize, stride: this.options.stride ?? kernelSize, padding: this.options.padding });
  }
}

/** The mean of each window along one spatial dimension. */
export class AvgPool1d extends AvgPool {
  override forward(input: Tensor): Tensor {
    return F.avgPool1d(input, this.kernelSize, this.options);
  }
}

/** The mean of each window over two spatial dimensions. */
export class AvgPool2d extends AvgPool {
  override forward(input: Tensor): Tensor {
    return F.avgPool2d(input, this.kernelSize, this.options);
  }
}

/** The mean of each window over three spatial dimensions. */
export class AvgPool3d extends AvgPool {
  override forward(input: Tensor): Tensor {
    return F.avgPool3d(input, this.kernelSize, this.options);
  }
}

/** A size per dimension; null keeps that of the input. */
type OutputSize = number | readonly (number | null)[];

abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    // A null size keeps that of the input.
    for (const size of Array.isArray(outputSize) ? outputSize : [outputSize])
      if (size !== null) wholeNumber(new.target.name, "outputSize", size, 0);
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    return showOptions({ outputSize: this.outputSize });
  }
}

/** Means of as many windows as the output has elements, along one dimension. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool1d(input, this.outputSize);
  }
}

/** Means of as many windows as the output has elements, over two dimensions. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/** Means of as many windows as the output has elements, over three dimensions. */
export class AdaptiveAvgPool3d extends AdaptivePool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}

interface AdaptiveMaxOptions {
  returnIndices: boolean;
}

abstract class AdaptiveMaxPool extends AdaptivePool {
  readonly returnIndices: boolean;

  constructor(outputSize: OutputSize, ...options: PositionalArgs<[returnIndices: boolean], AdaptiveMaxOptions>) {
    super(outputSize);
    this.returnIndices = settings(new.target.name, options, { returnIndices: false }).returnIndices;
  }
}

/** Maxima of as many windows as the output has elements, along one dimension. */
export class AdaptiveMaxPool1d extends AdaptiveMaxPool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool1d(input, this.outputSize, this.returnIndices) as Tensor;
  }
}

/** Maxima of as many windows as the output has elements, over two dimensions. */
export class AdaptiveMaxPool2d extends AdaptiveMaxPool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool2d(input, this.outputSize, this.returnIndices) as Tensor;
  }
}

/** Maxima of as many windows as the output has elements, over three dimensions. */
export class AdaptiveMaxPool3d extends AdaptiveMaxPool {
  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool3d(input, this.outputSize, this.returnIndices) as Tensor;
  }
}
