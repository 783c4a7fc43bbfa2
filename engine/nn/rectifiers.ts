import { inPlace } from "../autograd/inplace.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { wholeNumber } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import type { PositionalArgs } from "../base/options.ts";
import { full } from "../ops/creation.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { settings } from "./settings.ts";

interface InPlace {
  /** Overwrite the input with the result. */
  inplace: boolean;
}

/** An activation that can overwrite its input. */
abstract class Overwriting extends Module {
  readonly inplace: boolean;

  constructor(inplace: boolean) {
    super();
    this.inplace = inplace;
  }

  protected abstract activate(input: Tensor): Tensor;

  override forward(input: Tensor): Tensor {
    const name = `${this.constructor.name[0].toLowerCase()}${this.constructor.name.slice(1)}_`;
    return this.inplace ? inPlace(name, input, () => this.activate(input)) : this.activate(input);
  }

  protected describe(options: { readonly [name: string]: unknown } = {}): string {
    return showOptions({ ...options, inplace: this.inplace ? true : undefined });
  }

  override extraRepr(): string {
    return this.describe();
  }
}

/** max(x, 0) */
export class ReLU extends Overwriting {
  constructor(...options: PositionalArgs<[inplace: boolean], InPlace>) {
    super(settings("ReLU", options, { inplace: false }).inplace);
  }

  protected override activate(input: Tensor): Tensor {
    return F.relu(input);
  }
}

/** min(max(x, 0), 6) */
export class ReLU6 extends Overwriting {
  constructor(...options: PositionalArgs<[inplace: boolean], InPlace>) {
    super(settings("ReLU6", options, { inplace: false }).inplace);
  }

  protected override activate(input: Tensor): Tensor {
    return F.relu6(input);
  }
}

interface LeakyOptions extends InPlace {
  negativeSlope: number;
}

/** x, or negativeSlope · x where it is negative. */
export class LeakyReLU extends Overwriting {
  /** The slope for negative elements. */
  readonly negativeSlope: number;

  constructor(...options: PositionalArgs<[negativeSlope: number, inplace: boolean], LeakyOptions>) {
    const { negativeSlope, inplace } = settings<LeakyOptions>("LeakyReLU", options, {
      negativeSlope: 0.01,
      inplace: false,
    });
    super(inplace);
    this.negativeSlope = negativeSlope;
  }

  protected override activate(input: Tensor): Tensor {
    return F.leakyRelu(input, this.negativeSlope);
  }

  override extraRepr(): string {
    return this.describe({ negativeSlope: this.negativeSlope });
  }
}

interface RandomSlopes extends InPlace {
  lower: number;
  upper: number;
}

/** Leaky ReLU whose slopes are random in training and their mean in use. */
export class RReLU extends Overwriting {
  /** The smallest slope that is drawn. */
  readonly lower: number;
  /** The largest slope that is drawn. */
  readonly upper: number;

  constructor(...options: PositionalArgs<[lower: number, upper: number, inplace: boolean], RandomSlopes>) {
    const { lower, upper, inplace } = settings<RandomSlopes>("RReLU", options, {
      lower: 1 / 8,
      upper: 1 / 3,
      inplace: false,
    });
    super(inplace);
    this.lower = lower;
    this.upper = upper;
  }

  protected override activate(input: Tensor): Tensor {
    const { lower, upper, training } = this;
    return F.rrelu(input, { lower, upper, training });
  }

  override extraRepr(): string {
    return this.describe({ lower: this.lower, upper: this.upper });
  }
}

interface AlphaOptions extends InPlace {
  alpha: number;
}

/** x, or alpha (eˣ − 1) where it is negative. */
export class ELU extends Overwriting {
  /** What large negative elements tend to, with a minus. */
  readonly alpha: number;

  constructor(...options: PositionalArgs<[alpha: number, inplace: boolean], AlphaOptions>) {
    const { alpha, inplace } = settings<AlphaOptions>("ELU", options, { alpha: 1, inplace: false });
    super(inplace);
    this.alpha = alpha;
  }

  protected override activate(input: Tensor): Tensor {
    return F.elu(input, this.alpha);
  }

  override extraRepr(): string {
    return this.describe({ alpha: this.alpha });
  }
}

/** ELU that is smooth for every alpha. */
export class CELU extends Overwriting {
  /** What large negative elements tend to, with a minus. */
  readonly alpha: number;

  constructor(...options: PositionalArgs<[alpha: number, inplace: boolean], AlphaOptions>) {
    const { alpha, inplace } = settings<AlphaOptions>("CELU", options, { alpha: 1, inplace: false });
    super(inplace);
    this.alpha = alpha;
  }

  protected override activate(input: Tensor): Tensor {
    return F.celu(input, this.alpha);
  }

  override extraRepr(): string {
    return this.describe({ alpha: this.alpha });
  }
}

/** ELU scaled so that mean and variance stay as they are. */
export class SELU extends Overwriting {
  constructor(...options: PositionalArgs<[inplace: boolean], InPlace>) {
    super(settings("SELU", options, { inplace: false }).inplace);
  }

  protected override activate(input: Tensor): Tensor {
    return F.selu(input);
  }
}

interface HardtanhOptions extends InPlace {
  minVal: number;
  maxVal: number;
}

/** x kept between minVal and maxVal. */
export class Hardtanh extends Overwriting {
  /** Elements below become this. */
  readonly minVal: number;
  /** Elements above become this. */
  readonly maxVal: number;

  constructor(...options: PositionalArgs<[minVal: number, maxVal: number, inplace: boolean], HardtanhOptions>) {
    const { minVal, maxVal, inplace } = settings<HardtanhOptions>("Hardtanh", options, {
      minVal: -1,
      maxVal: 1,
      inplace: false,
    });
    super(inplace);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  protected override activate(input: Tensor): Tensor {
    return F.hardtanh(input, this.minVal, this.maxVal);
  }

  override extraRepr(): string {
    return this.describe({ minVal: this.minVal, maxVal: this.maxVal });
  }
}

/** x where it is above the threshold, else a value. */
export class Threshold extends Overwriting {
  /** Elements up to this are replaced. */
  readonly threshold: number;
  /** What replaces them. */
  readonly value: number;

  constructor(threshold: number, value: number, ...options: PositionalArgs<[inplace: boolean], InPlace>) {
    super(settings("Threshold", options, { inplace: false }).inplace);
    this.threshold = threshold;
    this.value = value;
  }

  protected override activate(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value);
  }

  override extraRepr(): string {
    return this.describe({ threshold: this.threshold, value: this.value });
  }
}

interface PReLUOptions {
  /** 1, or as many as there are channels. */
  numParameters: number;
  init: number;
  dtype: DType;
}

/** x, or weight · x where it is negative; the weight is learned. */
export class PReLU extends Module {
  /** 1 for one slope, or the number of channels. */
  readonly numParameters: number;
  /** [numParameters]: the slopes for negative elements, learned; 0.25 at first. */
  weight: Parameter;

  constructor(...options: PositionalArgs<[numParameters: number, init: number], PReLUOptions>) {
    super();
    const { numParameters, init, dtype } = settings<PReLUOptions>("PReLU", options, {
      numParameters: 1,
      init: 0.25,
      dtype: "float32",
    });
    this.numParameters = wholeNumber("PReLU", "numParameters", numParameters, 1);
    this.weight = new Parameter(full([numParameters], init, { dtype }));
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return showOptions({ numParameters: this.numParameters });
  }
}
