import type { Tensor } from "../autograd/tensor.ts";
import type { PositionalArgs } from "../base/options.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

/** What becomes of the losses of single elements: their mean, their sum, or nothing. */
export type Reduction = "mean" | "sum" | "none";

interface LossOptions {
  reduction: Reduction;
}

const MEAN: LossOptions = { reduction: "mean" };

/** A loss that compares an input with a target of the same shape. */
abstract class ElementLoss extends Module {
  readonly reduction: Reduction;

  constructor(...options: PositionalArgs<[reduction: Reduction], LossOptions>) {
    super();
    this.reduction = settings(new.target.name, options, MEAN).reduction;
  }
}

/** |input − target| */
export class L1Loss extends ElementLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, { reduction: this.reduction });
  }
}

/** (input − target)² */
export class MSELoss extends ElementLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, { reduction: this.reduction });
  }
}

/** log(1 + e^(−target·input)) for targets ±1. */
export class SoftMarginLoss extends ElementLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, { reduction: this.reduction });
  }
}

interface SmoothOptions extends LossOptions {
  /** Where the parabola meets the straight lines. */
  beta: number;
}

/** Squared near 0, absolute beyond `beta`. */
export class SmoothL1Loss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: SmoothOptions;

  constructor(...options: PositionalArgs<[], SmoothOptions>) {
    super();
    this.options = settings<SmoothOptions>("SmoothL1Loss", options, { reduction: "mean", beta: 1 });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, this.options);
  }
}

interface HuberOptions extends LossOptions {
  delta: number;
}

/** Squared near 0, with slope `delta` beyond it. */
export class HuberLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: HuberOptions;

  constructor(...options: PositionalArgs<[reduction: Reduction, delta: number], HuberOptions>) {
    super();
    this.options = settings<HuberOptions>("HuberLoss", options, { reduction: "mean", delta: 1 });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, this.options);
  }
}

interface KlOptions {
  reduction: Reduction | "batchmean";
  /** Whether the target is given as logarithms too. */
  logTarget: boolean;
}

/** target · (log target − input), the input being logarithms of probabilities. */
export class KLDivLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: KlOptions;

  constructor(...options: PositionalArgs<[], KlOptions>) {
    super();
    this.options = settings<KlOptions>("KLDivLoss", options, { reduction: "mean", logTarget: false });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, this.options);
  }
}

interface PoissonOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate. */
  logInput: boolean;
  /** Add Stirling's approximation of log(target!). */
  full: boolean;
  eps: number;
}

/** The negative log likelihood of Poisson counts. */
export class PoissonNLLLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: PoissonOptions;

  constructor(...options: PositionalArgs<[logInput: boolean, full: boolean], PoissonOptions>) {
    super();
    const defaults: PoissonOptions = { logInput: true, full: false, eps: 1e-8, reduction: "mean" };
    this.options = settings("PoissonNLLLoss", options, defaults);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.poissonNllLoss(input, target, this.options);
  }
}

interface GaussianOptions extends LossOptions {
  /** Add the constant term. */
  full: boolean;
  eps: number;
}

/** The negative log likelihood of normal numbers with given means and variances. */
export class GaussianNLLLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: GaussianOptions;

  constructor(...options: PositionalArgs<[], GaussianOptions>) {
    super();
    this.options = settings<GaussianOptions>("GaussianNLLLoss", options, { full: false, eps: 1e-6, reduction: "mean" });
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return F.gaussianNllLoss(input, target, variance, this.options);
  }
}

interface MarginOptions extends LossOptions {
  margin: number;
}

/** input where the target is 1, max(0, margin − input) where it is −1. */
export class HingeEmbeddingLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: MarginOptions;

  constructor(...options: PositionalArgs<[margin: number], MarginOptions>) {
    super();
    this.options = settings<MarginOptions>("HingeEmbeddingLoss", options, { margin: 1, reduction: "mean" });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, this.options);
  }
}

/** 1 − cosine for targets 1, max(0, cosine − margin) for −1. */
export class CosineEmbeddingLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: MarginOptions;

  constructor(...options: PositionalArgs<[margin: number], MarginOptions>) {
    super();
    this.options = settings<MarginOptions>("CosineEmbeddingLoss", options, { margin: 0, reduction: "mean" });
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, this.options);
  }
}

/** max(0, −target · (input1 − input2) + margin): which of two should be larger. */
export class MarginRankingLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: MarginOptions;

  constructor(...options: PositionalArgs<[margin: number], MarginOptions>) {
    super();
    this.options = settings<MarginOptions>("MarginRankingLoss", options, { margin: 0, reduction: "mean" });
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, this.options);
  }
}

interface TripletOptions extends LossOptions {
  margin: number;
  p: number;
  eps: number;
  /** Take the positive example as anchor where that makes it harder. */
  swap: boolean;
}

/** max(0, d(anchor, positive) − d(anchor, negative) + margin) */
export class TripletMarginLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: TripletOptions;

  constructor(...options: PositionalArgs<[margin: number, p: number, eps: number, swap: boolean], TripletOptions>) {
    super();
    const defaults: TripletOptions = { margin: 1, p: 2, eps: 1e-6, swap: false, reduction: "mean" };
    this.options = settings("TripletMarginLoss", options, defaults);
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return F.tripletMarginLoss(anchor, positive, negative, this.options);
  }
}

/** Every target class should score at least 1 higher than every other; targets list classes, ended by −1. */
export class MultiLabelMarginLoss extends ElementLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

/** A distance between rows. */
type Distance = (a: Tensor, b: Tensor) => Tensor;

interface DistanceOptions extends LossOptions {
  /** The Euclidean one when null. */
  distanceFunction: Distance | null;
  margin: number;
  swap: boolean;
}

/** TripletMarginLoss with a distance of one's own. */
export class TripletMarginWithDistanceLoss extends Module {
  /** As given, with the defaults for the rest. */
  readonly options: DistanceOptions;

  constructor(...options: PositionalArgs<[], DistanceOptions>) {
    super();
    const defaults: DistanceOptions = { distanceFunction: null, margin: 1, swap: false, reduction: "mean" };
    this.options = settings("TripletMarginWithDistanceLoss", options, defaults);
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, this.options);
  }
}
