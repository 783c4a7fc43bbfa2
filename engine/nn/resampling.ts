import type { Tensor } from "../autograd/tensor.ts";
import type { PositionalArgs } from "../base/options.ts";
import type { Size } from "./convolution.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

/** How values between the given ones are found. */
export type Interpolation = "nearest" | "linear" | "bilinear" | "bicubic" | "trilinear";

interface UpsampleOptions {
  /** Size of the result; either this or a factor. */
  size: Size | null;
  scaleFactor: Size | null;
  mode: Interpolation;
  /** Whether corners stay corners. */
  alignCorners: boolean | null;
}

/** Makes sequences, images or volumes larger. */
export class Upsample extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: UpsampleOptions;

  constructor(
    ...options: PositionalArgs<[size: Size | null, scaleFactor: Size | null, mode: Interpolation], UpsampleOptions>
  ) {
    super();
    this.options = settings<UpsampleOptions>("Upsample", options, {
      size: null,
      scaleFactor: null,
      mode: "nearest",
      alignCorners: null,
    });
  }

  override forward(input: Tensor): Tensor {
    return F.interpolate(input, this.options);
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this.options;
    return scaleFactor === null ? showOptions({ size, mode }) : showOptions({ scaleFactor, mode });
  }
}

interface SizeOrScale {
  size: Size | null;
  scaleFactor: Size | null;
}

/** Makes images larger by repeating pixels. */
export class UpsamplingNearest2d extends Upsample {
  constructor(...options: PositionalArgs<[size: Size | null, scaleFactor: Size | null], SizeOrScale>) {
    super({
      ...settings<SizeOrScale>("UpsamplingNearest2d", options, { size: null, scaleFactor: null }),
      mode: "nearest",
    });
  }
}

/** Makes images larger by bilinear interpolation, corners staying corners. */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...options: PositionalArgs<[size: Size | null, scaleFactor: Size | null], SizeOrScale>) {
    const read = settings<SizeOrScale>("UpsamplingBilinear2d", options, { size: null, scaleFactor: null });
    super({ ...read, mode: "bilinear", alignCorners: true });
  }
}

/** Turns r² channels into an image r times as large. */
export class PixelShuffle extends Module {
  /** By how much height and width grow. */
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return F.pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return showOptions({ upscaleFactor: this.upscaleFactor });
  }
}

/** Turns an image into r² channels of an image r times as small. */
export class PixelUnshuffle extends Module {
  /** By how much height and width shrink. */
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return F.pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return showOptions({ downscaleFactor: this.downscaleFactor });
  }
}

interface WindowOptions {
  dilation: Size;
  padding: Size;
  stride: Size;
}

const WINDOW: WindowOptions = { dilation: 1, padding: 0, stride: 1 };

type WindowArgs = PositionalArgs<[dilation: Size, padding: Size, stride: Size], WindowOptions>;

/** Lays out all windows of an image as columns. */
export class Unfold extends Module {
  /** Size of a block, per dimension. */
  readonly kernelSize: Size;
  /** As given, with the defaults for the rest. */
  readonly options: WindowOptions;

  constructor(kernelSize: Size, ...options: WindowArgs) {
    super();
    this.kernelSize = kernelSize;
    this.options = settings("Unfold", options, WINDOW);
  }

  override forward(input: Tensor): Tensor {
    return F.unfold(input, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return showOptions({ kernelSize: this.kernelSize, ...this.options });
  }
}

/** Adds columns up to an image: what Unfold does, backwards. */
export class Fold extends Module {
  /** Height and width of the result. */
  readonly outputSize: Size;
  /** Size of a block, per dimension. */
  readonly kernelSize: Size;
  /** As given, with the defaults for the rest. */
  readonly options: WindowOptions;

  constructor(outputSize: Size, kernelSize: Size, ...options: WindowArgs) {
    super();
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = settings("Fold", options, WINDOW);
  }

  override forward(input: Tensor): Tensor {
    return F.fold(input, this.outputSize, this.kernelSize, this.options);
  }

  override extraRepr(): string {
    return showOptions({ outputSize: this.outputSize, kernelSize: this.kernelSize, ...this.options });
  }
}

/** Mixes the channels of groups. */
export class ChannelShuffle extends Module {
  /** How many groups of channels. */
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  override forward(input: Tensor): Tensor {
    return F.channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return showOptions({ groups: this.groups });
  }
}
