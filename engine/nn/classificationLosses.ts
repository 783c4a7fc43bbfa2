import type { Tensor } from "../autograd/tensor.ts";
import type { PositionalArgs } from "../base/options.ts";
import * as F from "./functional.ts";
import type { Reduction } from "./losses.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface ClassOptions {
  /** A factor per class. */
  weight: Tensor | null;
  /** A target that does not count. */
  ignoreIndex: number;
  reduction: Reduction;
}

const CLASSES: ClassOptions = { weight: null, ignoreIndex: -100, reduction: "mean" };

/** −log of the probability of the right class; the input is logarithms of probabilities. */
export class NLLLoss extends Module {
  /** A factor per class, [C]; null for none. */
  declare weight: Tensor | null;
  /** Targets of this class count nothing and get no gradient. */
  readonly ignoreIndex: number;
  /** `"mean"`, `"sum"`, or `"none"` for one loss per element. */
  readonly reduction: Reduction;

  constructor(...options: PositionalArgs<[weight: Tensor | null], ClassOptions>) {
    super();
    const { weight, ignoreIndex, reduction } = settings("NLLLoss", options, CLASSES);
    this.registerBuffer("weight", weight);
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return F.nllLoss(input, target, { weight, ignoreIndex, reduction });
  }
}

interface CrossEntropyOptions extends ClassOptions {
  /** How much of the target is spread over all classes. */
  labelSmoothing: number;
}

/** NLLLoss of the log softmax: for inputs as they come out of a model. Targets are classes, or probabilities. */
export class CrossEntropyLoss extends Module {
  /** A factor per class, [C]; null for none. */
  declare weight: Tensor | null;
  /** Targets of this class count nothing and get no gradient. */
  readonly ignoreIndex: number;
  /** `"mean"`, `"sum"`, or `"none"` for one loss per element. */
  readonly reduction: Reduction;
  /** Share of the target that is spread evenly over all classes, 0 to 1. */
  readonly labelSmoothing: number;

  constructor(...options: PositionalArgs<[weight: Tensor | null], CrossEntropyOptions>) {
    super();
    const read = settings<CrossEntropyOptions>("CrossEntropyLoss", options, { ...CLASSES, labelSmoothing: 0 });
    this.registerBuffer("weight", read.weight);
    this.ignoreIndex = read.ignoreIndex;
    this.reduction = read.reduction;
    this.labelSmoothing = read.labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return F.crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}

interface BinaryOptions {
  /** A factor per element of a batch. */
  weight: Tensor | null;
  reduction: Reduction;
}

/** The cross entropy of yes-or-no targets and probabilities. */
export class BCELoss extends Module {
  /** A factor per element; null for none. */
  declare weight: Tensor | null;
  /** `"mean"`, `"sum"`, or `"none"` for one loss per element. */
  readonly reduction: Reduction;

  constructor(...options: PositionalArgs<[weight: Tensor | null], BinaryOptions>) {
    super();
    const { weight, reduction } = settings<BinaryOptions>("BCELoss", options, { weight: null, reduction: "mean" });
    this.registerBuffer("weight", weight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

interface LogitsOptions extends BinaryOptions {
  /** A factor for positive targets, per class. */
  posWeight: Tensor | null;
}

/** BCELoss of the sigmoid, computed safely: for inputs as they come out of a model. */
export class BCEWithLogitsLoss extends Module {
  /** A factor per element; null for none. */
  declare weight: Tensor | null;
  /** A factor per class for positive examples; null for none. */
  declare posWeight: Tensor | null;
  /** `"mean"`, `"sum"`, or `"none"` for one loss per element. */
  readonly reduction: Reduction;

  constructor(...options: PositionalArgs<[weight: Tensor | null], LogitsOptions>) {
    super();
    const defaults: LogitsOptions = { weight: null, reduction: "mean", posWeight: null };
    const { weight, reduction, posWeight } = settings("BCEWithLogitsLoss", options, defaults);
    this.registerBuffer("weight", weight);
    this.registerBuffer("posWeight", posWeight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, posWeight, reduction } = this;
    return F.binaryCrossEntropyWithLogits(input, target, { weight, posWeight, reduction });
  }
}

interface MultiMarginOptions extends BinaryOptions {
  p: 1 | 2;
  margin: number;
}

/** max(0, margin − right + other)ᵖ, over all other classes. */
export class MultiMarginLoss extends Module {
  /** A factor per class, [C]; null for none. */
  declare weight: Tensor | null;
  /** The power of each margin: 1 or 2. */
  readonly p: 1 | 2;
  /** By how much the score of the right class should exceed the others. */
  readonly margin: number;
  /** `"mean"`, `"sum"`, or `"none"` for one loss per element. */
  readonly reduction: Reduction;

  constructor(...options: PositionalArgs<[p: 1 | 2, margin: number, weight: Tensor | null], MultiMarginOptions>) {
    super();
    const defaults: MultiMarginOptions = { p: 1, margin: 1, weight: null, reduction: "mean" };
    const { p, margin, weight, reduction } = settings("MultiMarginLoss", options, defaults);
    this.registerBuffer("weight", weight);
    this.p = p;
    this.margin = margin;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this;
    return F.multiMarginLoss(input, target, { p, margin, weight, reduction });
  }
}

/** The mean over classes of yes-or-no cross entropies of the sigmoid. */
export class MultiLabelSoftMarginLoss extends Module {
  /** A factor per class; null for none. */
  declare weight: Tensor | null;
  /** `"mean"`, `"sum"`, or `"none"` for one loss per element. */
  readonly reduction: Reduction;

  constructor(...options: PositionalArgs<[weight: Tensor | null], BinaryOptions>) {
    super();
    const defaults: BinaryOptions = { weight: null, reduction: "mean" };
    const { weight, reduction } = settings("MultiLabelSoftMarginLoss", options, defaults);
    this.registerBuffer("weight", weight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

interface CtcOptions {
  /** The class that means "no label". */
  blank: number;
  reduction: Reduction;
  /** Take infinite losses, of sequences too short for their labels, for zero. */
  zeroInfinity: boolean;
}

/** −log of the probability of all ways to spread labels over a longer sequence. */
export class CTCLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: CtcOptions;

  constructor(...options: PositionalArgs<[blank: number, reduction: Reduction, zeroInfinity: boolean], CtcOptions>) {
    super();
    this.options = settings<CtcOptions>("CTCLoss", options, { blank: 0, reduction: "mean", zeroInfinity: false });
  }

  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[] | number,
    targetLengths: Tensor | readonly number[] | number,
  ): Tensor {
    return F.ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}
