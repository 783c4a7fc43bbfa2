import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, perDimension, wholeNumber, wholeNumbers } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { show, showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { resetWeightAndBias } from "./linear.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

/** A number for all spatial dimensions, or one for each. */
export type Size = number | readonly number[];

/** How the border is continued. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** Options of a convolution. */
export interface ConvOptions {
  stride: Size;
  /** A size, "valid" for none, or "same" for as much as keeps the size. */
  padding: Size | "valid" | "same";
  dilation: Size;
  groups: number;
  bias: boolean;
  paddingMode: PaddingMode;
  dtype: DType;
}

const CONV: ConvOptions = {
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  paddingMode: "zeros",
  dtype: "float32",
};

/** They may come by position, too. */
export type ConvArgs = PositionalArgs<
  [
    stride: Size,
    padding: ConvOptions["padding"],
    dilation: Size,
    groups: number,
    bias: boolean,
    paddingMode: PaddingMode,
  ],
  ConvOptions
>;

/** The required arguments by name. */
interface Channels {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Size;
}

/** The arguments in their places, whether the required ones came by position or by name. */
const channelsFirst = <Args extends readonly unknown[]>(op: string, args: readonly unknown[]) =>
  byPosition(op, args, ["inChannels", "outChannels", "kernelSize"]) as unknown as [number, number, Size, ...Args];

/** What all convolutions share: `dims` counts spatial dimensions. */
abstract class Convolution extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    dims: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Size,
    options: SharedOptions,
    transposed: boolean,
  ) {
    super();
    const op = new.target.name;
    const { groups, dtype } = options;
    wholeNumber(op, "groups", groups, 1);
    wholeNumber(op, "inChannels", inChannels, 0);
    wholeNumber(op, "outChannels", outChannels, 0);
    if (inChannels % groups !== 0)
      throw new ArgumentError(op, `inChannels (${inChannels}) must be divisible by groups (${groups})`);
    if (outChannels % groups !== 0)
      throw new ArgumentError(op, `outChannels (${outChannels}) must be divisible by groups (${groups})`);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = wholeNumbers(op, "kernelSize", perDimension(op, "kernelSize", kernelSize, dims), 1);
    this.stride = wholeNumbers(op, "stride", perDimension(op, "stride", options.stride, dims), 1);
    this.dilation = wholeNumbers(op, "dilation", perDimension(op, "dilation", options.dilation, dims), 1);
    this.groups = groups;
    this.paddingMode = options.paddingMode;
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.weight = newParameter([first, second / groups, ...this.kernelSize], dtype);
    this.bias = options.bias ? newParameter([outChannels], dtype) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }

  /** The options that are not as usual, after channels and kernel. */
  protected describe(extra: { readonly [name: string]: unknown }): string {
    const ones = (sizes: readonly number[]): boolean => sizes.every((size) => size === 1);
    const options = showOptions({
      kernelSize: this.kernelSize,
      stride: this.stride,
      ...extra,
      dilation: ones(this.dilation) ? undefined : this.dilation,
      groups: this.groups === 1 ? undefined : this.groups,
      bias: this.bias === null ? false : undefined,
      paddingMode: this.paddingMode === "zeros" ? undefined : this.paddingMode,
    });
    return `${show(this.inChannels)}, ${show(this.outChannels)}, ${options}`;
  }
}

type SharedOptions = Pick<ConvOptions, "stride" | "dilation" | "groups" | "bias" | "paddingMode" | "dtype">;

/** A convolution with its padding. */
abstract class PaddedConvolution extends Convolution {
  readonly padding: readonly number[] | "valid" | "same";
  /** Before and after each dimension from the last to the first, as `F.pad` takes it. */
  private readonly border: readonly number[];

  constructor(dims: number, inChannels: number, outChannels: number, kernelSize: Size, args: ConvArgs) {
    const op = new.target.name;
    const options = settings(op, args, CONV);
    super(dims, inChannels, outChannels, kernelSize, options, false);
    const { padding } = options;
    this.padding =
      typeof padding === "string"
        ? checkedPadding(op, padding, this.stride)
        : wholeNumbers(op, "padding", perDimension(op, "padding", padding, dims), 0);
    this.border = this.kernelSize
      .map((size, d) => this.borderAt(d, size))
      .reverse()
      .flat();
  }

  /** Runs the convolution of `F`, after padding in a way that it does not know. */
  protected convolve(conv: typeof F.conv2d, input: Tensor): Tensor {
    const { stride, dilation, groups, paddingMode, weight, bias } = this;
    if (paddingMode === "zeros") return conv(input, weight, bias, { stride, padding: this.padding, dilation, groups });
    const padded = F.pad(input, this.border, { mode: paddingMode });
    return conv(padded, weight, bias, { stride, dilation, groups });
  }

  override extraRepr(): string {
    const padding = Array.isArray(this.padding) && this.padding.every((size) => size === 0) ? undefined : this.padding;
    return this.describe({ padding });
  }

  /** Before and after dimension `d`. */
  private borderAt(d: number, kernel: number): [number, number] {
    if (this.padding === "valid") return [0, 0];
    if (this.padding !== "same") return [this.padding[d], this.padding[d]];
    const total = this.dilation[d] * (kernel - 1);
    const before = Math.floor(total / 2);
    return [before, total - before];
  }
}

function checkedPadding(op: string, padding: "valid" | "same", stride: readonly number[]): "valid" | "same" {
  if (padding !== "valid" && padding !== "same") {
    throw new ArgumentError(op, `Invalid padding string '${String(padding)}', should be one of 'valid', 'same'`);
  }
  if (padding === "same" && stride.some((step) => step !== 1)) {
    throw new ArgumentError(op, "padding='same' is not supported for strided convolutions");
  }
  return padding;
}

/** Convolution over one spatial dimension: [n, channels, length]. */
export class Conv1d extends PaddedConvolution {
  constructor(options: Channels & Loose<ConvOptions>);
  constructor(inChannels: number, outChannels: number, kernelSize: Size, ...options: ConvArgs);
  constructor(...args: readonly unknown[]) {
    const [inChannels, outChannels, kernelSize, ...options] = channelsFirst<ConvArgs>(new.target.name, args);
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(F.conv1d, input);
  }
}

/** Convolution over two spatial dimensions: [n, channels, height, width]. */
export class Conv2d extends PaddedConvolution {
  constructor(options: Channels & Loose<ConvOptions>);
  constructor(inChannels: number, outChannels: number, kernelSize: Size, ...options: ConvArgs);
  constructor(...args: readonly unknown[]) {
    const [inChannels, outChannels, kernelSize, ...options] = channelsFirst<ConvArgs>(new.target.name, args);
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(F.conv2d, input);
  }
}

/** Convolution over three spatial dimensions: [n, channels, depth, height, width]. */
export class Conv3d extends PaddedConvolution {
  constructor(options: Channels & Loose<ConvOptions>);
  constructor(inChannels: number, outChannels: number, kernelSize: Size, ...options: ConvArgs);
  constructor(...args: readonly unknown[]) {
    const [inChannels, outChannels, kernelSize, ...options] = channelsFirst<ConvArgs>(new.target.name, args);
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(F.conv3d, input);
  }
}

/** Options of a transposed convolution. */
export interface TransposeOptions {
  stride: Size;
  padding: Size;
  /** Added to one side of the output, where the stride leaves several sizes possible. */
  outputPadding: Size;
  groups: number;
  bias: boolean;
  dilation: Size;
  paddingMode: "zeros";
  dtype: DType;
}

const TRANSPOSE: TransposeOptions = {
  stride: 1,
  padding: 0,
  outputPadding: 0,
  groups: 1,
  bias: true,
  dilation: 1,
  paddingMode: "zeros",
  dtype: "float32",
};

/** They may come by position, too. */
export type TransposeArgs = PositionalArgs<
  [stride: Size, padding: Size, outputPadding: Size, groups: number, bias: boolean, dilation: Size],
  TransposeOptions
>;

/** The gradient of a convolution for its input, as a layer of its own. */
abstract class TransposedConvolution extends Convolution {
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];

  constructor(dims: number, inChannels: number, outChannels: number, kernelSize: Size, args: TransposeArgs) {
    const op = new.target.name;
    const options = settings(op, args, TRANSPOSE);
    if (options.paddingMode !== "zeros")
      throw new ArgumentError(op, `Only "zeros" padding mode is supported for ${op}`);
    super(dims, inChannels, outChannels, kernelSize, options, true);
    this.padding = wholeNumbers(op, "padding", perDimension(op, "padding", options.padding, dims), 0);
    const outputPadding = perDimension(op, "outputPadding", options.outputPadding, dims);
    this.outputPadding = wholeNumbers(op, "outputPadding", outputPadding, 0);
  }

  protected convolve(conv: typeof F.convTranspose2d, input: Tensor, outputSize: readonly number[] | undefined): Tensor {
    const { stride, padding, dilation, groups, weight, bias } = this;
    const outputPadding = outputSize === undefined ? this.outputPadding : this.paddingFor(input, outputSize);
    return conv(input, weight, bias, { stride, padding, outputPadding, groups, dilation });
  }

  override extraRepr(): string {
    const unlessZero = (sizes: readonly number[]): unknown => (sizes.every((size) => size === 0) ? undefined : sizes);
    return this.describe({ padding: unlessZero(this.padding), outputPadding: unlessZero(this.outputPadding) });
  }

  /** The output padding that makes the output as large as asked for. */
  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const dims = this.kernelSize.length;
    const wanted = outputSize.slice(-dims);
    const from = input.shape.slice(-dims);
    return wanted.map((size, d) => {
      const smallest =
        (from[d] - 1) * this.stride[d] - 2 * this.padding[d] + this.dilation[d] * (this.kernelSize[d] - 1) + 1;
      const more = size - smallest;
      if (!(more >= 0 && more < Math.max(this.stride[d], this.dilation[d]))) {
        throw new ShapeError(
          this.constructor.name,
          `requested an output size of ${showShape(outputSize)}, but valid sizes range from ${smallest} to ${smallest + this.stride[d] - 1} in dimension ${d} for an input of ${showShape(input.shape)}`,
        );
      }
      return more;
    });
  }
}

/** Transposed convolution over one spatial dimension. */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(options: Channels & Loose<TransposeOptions>);
  constructor(inChannels: number, outChannels: number, kernelSize: Size, ...options: TransposeArgs);
  constructor(...args: readonly unknown[]) {
    const [inChannels, outChannels, kernelSize, ...options] = channelsFirst<TransposeArgs>(new.target.name, args);
    super(1, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    return this.convolve(F.convTranspose1d, input, outputSize);
  }
}

/** Transposed convolution over two spatial dimensions. */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(options: Channels & Loose<TransposeOptions>);
  constructor(inChannels: number, outChannels: number, kernelSize: Size, ...options: TransposeArgs);
  constructor(...args: readonly unknown[]) {
    const [inChannels, outChannels, kernelSize, ...options] = channelsFirst<TransposeArgs>(new.target.name, args);
    super(2, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    return this.convolve(F.convTranspose2d, input, outputSize);
  }
}

/** Transposed convolution over three spatial dimensions. */
export class ConvTranspose3d extends TransposedConvolution {
  constructor(options: Channels & Loose<TransposeOptions>);
  constructor(inChannels: number, outChannels: number, kernelSize: Size, ...options: TransposeArgs);
  constructor(...args: readonly unknown[]) {
    const [inChannels, outChannels, kernelSize, ...options] = channelsFirst<TransposeArgs>(new.target.name, args);
    super(3, inChannels, outChannels, kernelSize, options);
  }

  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    return this.convolve(F.convTranspose3d, input, outputSize);
  }
}
