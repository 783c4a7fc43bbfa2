import type { Tensor } from "../autograd/tensor.ts";
import { wholeNumbers } from "../base/arguments.ts";
import { ArgumentError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import type { Size } from "./convolution.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface FractionalOptions {
  /** Sizes of the result; either these or the ratio. */
  outputSize: Size | null;
  /** Sizes of the result as parts of the input's, between 0 and 1. */
  outputRatio: Size | null;
  /** Give the places of the maxima as well. */
  returnIndices: boolean;
  /** Where windows lie, the same in each call: [N, C, dimensions]. */
  _randomSamples: Tensor | null;
}

const DEFAULTS: FractionalOptions = { outputSize: null, outputRatio: null, returnIndices: false, _randomSamples: null };

/** What both share: windows and sizes. */
abstract class FractionalMaxPool extends Module {
  readonly kernelSize: Size;
  readonly outputSize: Size | null;
  readonly outputRatio: Size | null;
  readonly returnIndices: boolean;
  /** Where windows lie: a buffer, null where they are drawn in each call. */
  declare _randomSamples: Tensor | null;

  constructor(
    kernelSize: Size,
    ...options: PositionalArgs<
      [outputSize: Size | null, outputRatio: Size | null, returnIndices: boolean],
      FractionalOptions
    >
  ) {
    super();
    const op = new.target.name;
    const { outputSize, outputRatio, returnIndices, _randomSamples } = settings(op, options, DEFAULTS);
    this.kernelSize = wholeNumbers(op, "kernelSize", kernelSize, 1);
    this.outputSize = outputSize;
    this.outputRatio = outputRatio;
    this.returnIndices = returnIndices;
    this.registerBuffer("_randomSamples", _randomSamples);
    checkSizes(op, outputSize, outputRatio);
  }

  /** The options of the function. */
  protected get options(): FractionalOptions {
    const { outputSize, outputRatio, returnIndices, _randomSamples } = this;
    return { outputSize, outputRatio, returnIndices, _randomSamples };
  }
}

function checkSizes(op: string, outputSize: Size | null, outputRatio: Size | null): void {
  if (outputSize === null && outputRatio === null)
    throw new ArgumentError(op, "requires specifying either an output size, or a pooling ratio");
  if (outputSize !== null && outputRatio !== null)
    throw new ArgumentError(op, "only one of outputSize and outputRatio may be specified");
  const ratios = [outputRatio ?? []].flat();
  if (ratios.every((ratio) => ratio > 0 && ratio < 1)) return;
  throw new ArgumentError(op, `outputRatio must be between 0 and 1 (got ${ratios.join(", ")})`);
}

/** The largest of each of as many windows as the output has elements, at random places in each plane. */
export class FractionalMaxPool2d extends FractionalMaxPool {
  override forward(input: Tensor): Tensor {
    return F.fractionalMaxPool2d(input, this.kernelSize, this.options);
  }
}

/** The same for volumes. */
export class FractionalMaxPool3d extends FractionalMaxPool {
  override forward(input: Tensor): Tensor {
    return F.fractionalMaxPool3d(input, this.kernelSize, this.options);
  }
}
