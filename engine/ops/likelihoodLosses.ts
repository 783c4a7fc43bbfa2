import type { Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { checkReduction, type LossOptions, reduceLoss } from "./lossReduction.ts";
import { where } from "./where.ts";

/** Options of `klDiv`. */
export interface KlDivOptions {
  /** "batchmean" divides the sum by the batch size, which is the mathematical divergence. Default "mean". */
  readonly reduction?: "mean" | "sum" | "none" | "batchmean";
  /** Whether the target holds log-probabilities. Default false. */
  readonly logTarget?: boolean;
}

/** Kullback-Leibler divergence: target · (log(target) − input), for log-probabilities as input. */
export const klDiv: (input: Tensor, target: Tensor, options?: KlDivOptions) => Tensor = (input, target, options) => {
  const read = readArguments<KlDivOptions>("klDiv", [options], ["reduction", "logTarget"]);
  const { reduction = "mean", logTarget = false } = read;
  checkReduction("klDiv", reduction, ["batchmean"]);
  const losses = logTarget ? target.exp().mul(target.sub(input)) : target.xlogy(target).sub(target.mul(input));
  if (reduction === "batchmean") {
    return input.ndim === 0 ? losses.sum() : losses.sum().div(input.shape[0]);
  }
  if (reduction === "mean") {
    warn(
      "klDiv(): reduction: 'mean' divides the total loss by both the batch size and the support size. 'batchmean' divides only by the batch size, and aligns with the KL div math definition.",
    );
  }
  return reduceLoss(losses, reduction);
};

/** Options of `poissonNllLoss`. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  readonly logInput?: boolean;
  /** Add Stirling's approximation of log(target!). Default false. */
  readonly full?: boolean;
  /** Added to the rate before its logarithm is taken. Default 1e-8. */
  readonly eps?: number;
}

/** Minus the log-likelihood of counts under a Poisson distribution, up to a constant. */
export const poissonNllLoss: (input: Tensor, target: Tensor, options?: PoissonNllOptions) => Tensor = (
  input,
  target,
  options,
) => {
  const names = ["logInput", "full", "eps", "reduction"] as const;
  const read = readArguments<PoissonNllOptions>("poissonNllLoss", [options], names);
  const { logInput = true, full = false, eps = 1e-8, reduction = "mean" } = read;
  checkReduction("poissonNllLoss", reduction);
  const losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
  return reduceLoss(full ? losses.add(logFactorial(target)) : losses, reduction);
};

/** Stirling's approximation of log(n!); 0 up to 1. */
function logFactorial(n: Tensor): Tensor {
  const stirling = n
    .mul(n.log())
    .sub(n)
    .add(
      n
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return where(n.le(1), 0, stirling);
}

/** Options of `gaussianNllLoss`. */
export interface GaussianNllOptions extends LossOptions {
  /** Add the constant log(2π) / 2. Default false. */
  readonly full?: boolean;
  /** The least variance. Default 1e-6. */
  readonly eps?: number;
}

/** Minus the log-likelihood of targets under normal distributions with means `input` and variances `variance`. */
export const gaussianNllLoss: (
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options?: GaussianNllOptions,
) => Tensor = (input, target, variance, options) => {
  const read = readArguments<GaussianNllOptions>("gaussianNllLoss", [options], ["full", "eps", "reduction"]);
  const { full = false, eps = 1e-6, reduction = "mean" } = read;
  checkReduction("gaussianNllLoss", reduction);
  const given = typeof variance === "number" ? input.detach().onesLike().mul(variance) : variance;
  if (given.toArray().some((value) => value < 0)) {
    throw new ArgumentError("gaussianNllLoss", "var has negative entry/entries");
  }
  const spread = varianceFor(input, given);
  // Clamped outside of the graph: the gradient passes as if it had not been.
  const safe = spread.add(spread.detach().clamp({ min: eps }).sub(spread.detach()));
  const difference = input.sub(target);
  const losses = safe.log().add(difference.mul(difference).div(safe)).mul(0.5);
  return reduceLoss(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
};

/** The variance in a shape that broadcasts with the input: the same, without the last dimension, or 1 in any one place. */
function varianceFor(input: Tensor, variance: Tensor): Tensor {
  if (sameShape(variance.shape, input.shape)) return variance;
  if (sameShape(variance.shape, input.shape.slice(0, -1))) return variance.unsqueeze(-1);
  const other = variance.shape.filter((size, d) => size !== input.shape[d]);
  if (variance.ndim === input.ndim && sameShape(other, [1])) return variance;
  throw new ShapeError(
    "gaussianNllLoss",
    `var is of incorrect size: ${showShape(variance.shape)} for input ${showShape(input.shape)}`,
  );
}
