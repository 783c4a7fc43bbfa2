import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";

/** Options of `cov`. */
export interface CovOptions {
  /** What the number of observations is reduced by before dividing. Default 1. */
  readonly correction?: number | undefined;
  /** How often each observation counts: whole numbers, [observations]. */
  readonly fweights?: Tensor | null | undefined;
  /** How much each observation weighs: [observations]. */
  readonly aweights?: Tensor | null | undefined;
}

/** Covariances of variables, one a row, over observations, one a column: [variables, variables]; of one variable, its variance. */
export const cov: (self: Tensor, options?: CovOptions) => Tensor = (self, options) => {
  const names = ["correction", "fweights", "aweights"] as const;
  const { correction = 1, fweights = null, aweights = null } = readArguments<CovOptions>("cov", [options], names);
  if (self.ndim > 2)
    throw new ShapeError(
      "cov",
      `expected input to have two or fewer dimensions, but got shape ${showShape(self.shape)}`,
    );
  const x = isFloat(self.dtype) ? self : self.to("float32");
  const rows = self.ndim < 2 ? x.reshape(1, -1) : x;
  const counts = fweights?.to(rows.dtype) ?? null;
  const weights = aweights === null ? counts : counts === null ? aweights : aweights.mul(counts);
  const total = weights === null ? rows.newTensor(rows.shape[1]) : weights.sum();
  const mean = weights === null ? rows.mean(1, true) : rows.mul(weights).sum(1, true).div(total);
  const centred = rows.sub(mean);
  const weighted = weights === null ? centred : centred.mul(weights);
  const spare = aweights === null ? correction : weightedCorrection(weights as Tensor, aweights, total, correction);
  const product = weighted.matmul(centred.t()).div(total.sub(spare).clampMin(0));
  return rows.shape[0] === 1 ? product.reshape([]) : product;
};

const weightedCorrection = (weights: Tensor, aweights: Tensor, total: Tensor, correction: number): Tensor =>
  weights.mul(aweights).sum().mul(correction).div(total);

/** Correlations of variables, one a row: covariances over the spread of both, from −1 to 1. */
export const corrcoef: (self: Tensor) => Tensor = (self) => {
  if (self.ndim > 2) {
    throw new ShapeError(
      "corrcoef",
      `expected input to have two or fewer dimensions, but got shape ${showShape(self.shape)}`,
    );
  }
  const covariances = cov(self);
  if (covariances.ndim === 0) return covariances.div(covariances);
  const spread = covariances.diagonal().sqrt();
  return covariances.div(spread.unsqueeze(1)).div(spread.unsqueeze(0)).clamp(-1, 1);
};
