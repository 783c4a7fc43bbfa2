import type { Tensor } from "../autograd/tensor.ts";
import { byPosition } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { fans, kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

/** Gives its input. Takes any arguments. */
export class Identity extends Module {
  constructor(..._anything: readonly unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}

/** Options of `Linear`. */
export interface LinearOptions {
  bias: boolean;
  dtype: DType;
}

const DEFAULTS: LinearOptions = { bias: true, dtype: "float32" };

/** x @ weightᵀ + bias, on the last dimension. */
export class Linear extends Module {
  /** Size of the input. */
  readonly inFeatures: number;
  /** Size of the result. */
  readonly outFeatures: number;
  /** [outFeatures, inFeatures] */
  weight: Parameter;
  /** [outFeatures], or null without one. */
  bias: Parameter | null;

  constructor(options: { readonly inFeatures: number; readonly outFeatures: number } & Loose<LinearOptions>);
  constructor(inFeatures: number, outFeatures: number, ...options: PositionalArgs<[bias: boolean], LinearOptions>);
  constructor(...args: readonly unknown[]) {
    super();
    const [inFeatures, outFeatures, ...options] = byPosition("Linear", args, ["inFeatures", "outFeatures"]) as [
      number,
      number,
      ...unknown[],
    ];
    const { bias, dtype } = settings("Linear", options, DEFAULTS);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = newParameter([outFeatures, inFeatures], dtype);
    this.bias = bias ? newParameter([outFeatures], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures } = this;
    return showOptions({ inFeatures, outFeatures, bias: this.bias !== null });
  }
}

/** Uniform within 1 / √fanIn, which is what PyTorch's kaiming_uniform_ with a = √5 comes to. */
export function resetWeightAndBias(weight: Tensor, bias: Tensor | null): void {
  if (weight.elements > 0) kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (bias === null) return;
  const { fanIn } = fans("resetParameters", weight);
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  uniform_(bias, -bound, bound);
}

/** input1 · weight · input2 + bias, on the last dimensions. */
export class Bilinear extends Module {
  /** Size of the first input. */
  readonly in1Features: number;
  /** Size of the second input. */
  readonly in2Features: number;
  /** Size of the result. */
  readonly outFeatures: number;
  /** [outFeatures, in1Features, in2Features] */
  weight: Parameter;
  /** [outFeatures], or null without one. */
  bias: Parameter | null;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    ...options: PositionalArgs<[bias: boolean], LinearOptions>
  ) {
    super();
    const { bias, dtype } = settings("Bilinear", options, DEFAULTS);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = newParameter([outFeatures, in1Features, in2Features], dtype);
    this.bias = bias ? newParameter([outFeatures], dtype) : null;
    this.resetParameters();
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return F.bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures } = this;
    return showOptions({ in1Features, in2Features, outFeatures, bias: this.bias !== null });
  }
}
