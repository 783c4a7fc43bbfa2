import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, wholeNumber } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import type { Shape } from "../base/shape.ts";
import { show, showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { ones_, zeros_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

interface LayerNormOptions {
  eps: number;
  /** Learn a factor and an offset per element. */
  elementwiseAffine: boolean;
  bias: boolean;
  dtype: DType;
}

/** Normalises over the last dimensions, whose shape is given. */
export class LayerNorm extends Module {
  /** The sizes of the last dimensions, over which it normalizes. */
  readonly normalizedShape: Shape;
  /** Added to the variance. */
  readonly eps: number;
  /** Whether each element has a weight of its own. */
  readonly elementwiseAffine: boolean;
  /** [...normalizedShape], of ones at first; null without `elementwiseAffine`. */
  weight: Parameter | null;
  /** [...normalizedShape], of zeros at first; null without one. */
  bias: Parameter | null;

  constructor(options: { readonly normalizedShape: number | Shape } & Loose<LayerNormOptions>);
  constructor(
    normalizedShape: number | Shape,
    ...options: PositionalArgs<[eps: number, elementwiseAffine: boolean, bias: boolean], LayerNormOptions>
  );
  constructor(...args: readonly unknown[]) {
    const [normalizedShape, ...options] = byPosition(new.target.name, args, ["normalizedShape"]) as unknown as [
      number | Shape,
      ...PositionalArgs<[eps: number, elementwiseAffine: boolean, bias: boolean], LayerNormOptions>,
    ];
    super();
    const defaults: LayerNormOptions = { eps: 1e-5, elementwiseAffine: true, bias: true, dtype: "float32" };
    const { eps, elementwiseAffine, bias, dtype } = settings("LayerNorm", options, defaults);
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? newParameter(this.normalizedShape, dtype) : null;
    this.bias = elementwiseAffine && bias ? newParameter(this.normalizedShape, dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return F.layerNorm(input, this.normalizedShape, { weight, bias, eps });
  }

  override extraRepr(): string {
    const { eps, elementwiseAffine } = this;
    return `${show(this.normalizedShape)}, ${showOptions({ eps, elementwiseAffine })}`;
  }
}

interface RMSNormOptions {
  /** The smallest step of the input's dtype when null. */
  eps: number | null;
  elementwiseAffine: boolean;
  dtype: DType;
}

/** Divides by the root mean square over the last dimensions. */
export class RMSNorm extends Module {
  /** The sizes of the last dimensions, over which it normalizes. */
  readonly normalizedShape: Shape;
  /** Added to the mean square; null for the machine epsilon of the dtype. */
  readonly eps: number | null;
  /** Whether each element has a weight of its own. */
  readonly elementwiseAffine: boolean;
  /** [...normalizedShape], of ones at first; null without `elementwiseAffine`. */
  weight: Parameter | null;

  constructor(
    normalizedShape: number | Shape,
    ...options: PositionalArgs<[eps: number | null, elementwiseAffine: boolean], RMSNormOptions>
  ) {
    super();
    const defaults: RMSNormOptions = { eps: null, elementwiseAffine: true, dtype: "float32" };
    const { eps, elementwiseAffine, dtype } = settings("RMSNorm", options, defaults);
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? newParameter(this.normalizedShape, dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    const { weight, eps } = this;
    return F.rmsNorm(input, this.normalizedShape, { weight, eps });
  }

  override extraRepr(): string {
    const { eps, elementwiseAffine } = this;
    return `${show(this.normalizedShape)}, ${showOptions({ eps, elementwiseAffine })}`;
  }
}

interface GroupNormOptions {
  eps: number;
  affine: boolean;
  dtype: DType;
}

/** Normalises groups of channels of each sample. */
export class GroupNorm extends Module {
  /** How many groups the channels are split into. */
  readonly numGroups: number;
  /** How many channels; a multiple of `numGroups`. */
  readonly numChannels: number;
  /** Added to the variance. */
  readonly eps: number;
  /** Whether it has weight and bias. */
  readonly affine: boolean;
  /** [numChannels], of ones at first; null without `affine`. */
  weight: Parameter | null;
  /** [numChannels], of zeros at first; null without `affine`. */
  bias: Parameter | null;

  constructor(options: { readonly numGroups: number; readonly numChannels: number } & Loose<GroupNormOptions>);
  constructor(
    numGroups: number,
    numChannels: number,
    ...options: PositionalArgs<[eps: number, affine: boolean], GroupNormOptions>
  );
  constructor(...args: readonly unknown[]) {
    const [numGroups, numChannels, ...options] = byPosition(new.target.name, args, [
      "numGroups",
      "numChannels",
    ]) as unknown as [number, number, ...PositionalArgs<[eps: number, affine: boolean], GroupNormOptions>];
    super();
    const { eps, affine, dtype } = settings<GroupNormOptions>("GroupNorm", options, {
      eps: 1e-5,
      affine: true,
      dtype: "float32",
    });
    wholeNumber("GroupNorm", "numGroups", numGroups, 1);
    wholeNumber("GroupNorm", "numChannels", numChannels, 0);
    if (numChannels % numGroups !== 0) {
      throw new ArgumentError(
        "GroupNorm",
        `numChannels (${numChannels}) must be divisible by numGroups (${numGroups})`,
      );
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    this.weight = affine ? newParameter([numChannels], dtype) : null;
    this.bias = affine ? newParameter([numChannels], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return F.groupNorm(input, this.numGroups, { weight, bias, eps });
  }

  override extraRepr(): string {
    const { eps, affine } = this;
    return `${this.numGroups}, ${this.numChannels}, ${showOptions({ eps, affine })}`;
  }
}

interface ResponseOptions {
  alpha: number;
  beta: number;
  k: number;
}

/** Divides by what neighbouring channels add up to. */
export class LocalResponseNorm extends Module {
  /** How many channels count. */
  readonly size: number;
  /** As given, with the defaults for the rest. */
  readonly options: ResponseOptions;

  constructor(size: number, ...options: PositionalArgs<[alpha: number, beta: number, k: number], ResponseOptions>) {
    super();
    this.size = wholeNumber("LocalResponseNorm", "size", size, 1);
    this.options = settings<ResponseOptions>("LocalResponseNorm", options, { alpha: 1e-4, beta: 0.75, k: 1 });
  }

  override forward(input: Tensor): Tensor {
    return F.localResponseNorm(input, this.size, this.options);
  }

  override extraRepr(): string {
    return `${this.size}, ${showOptions({ ...this.options })}`;
  }
}
