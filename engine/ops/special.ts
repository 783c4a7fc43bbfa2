/** Special functions, as `special`: by PyTorch's `torch.special` names, several of which differ from the plain ones. */
import type { Tensor } from "../autograd/tensor.ts";
import { xlogy } from "./binaryMath.ts";
import { erfc, erfinv } from "./specialFunctions.ts";

export { xlogy } from "./binaryMath.ts";
export { exp2, expm1, log1p, sigmoid as expit } from "./pointwise.ts";
export { polygamma } from "./polygamma.ts";
export { logsumexp } from "./reductions.ts";
export { round } from "./rounding.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { digamma, digamma as psi, erf, erfc, erfinv, lgamma as gammaln, logit } from "./specialFunctions.ts";
export { sinc } from "./trigonometry.ts";

/** −x ln x, 0 at 0; −∞ for negative x. */
export const entr = (self: Tensor): Tensor => xlogy(self, self).neg().maskedFill(self.lt(0), Number.NEGATIVE_INFINITY);

/** self · ln(1 + other), and 0 where self is 0. */
export const xlog1py = (self: Tensor, other: Tensor): Tensor =>
  self.mul(other.log1p()).maskedFill(self.eq(0).logicalAnd(other.isnan().logicalNot()), 0);

/** The normal distribution: how much of it lies below x. */
export const ndtr = (self: Tensor): Tensor => erfc(self.mul(-Math.SQRT1_2)).mul(0.5);

/** The inverse of `ndtr`. */
export const ndtri = (self: Tensor): Tensor => erfinv(self.mul(2).sub(1)).mul(Math.SQRT2);
