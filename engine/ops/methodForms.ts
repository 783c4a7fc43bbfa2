import { inPlace } from "../autograd/inplace.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { polygamma as nthDigamma } from "./polygamma.ts";
import type { Operand } from "./promotion.ts";
import { where as choose } from "./where.ts";

// Functions that have the tensor elsewhere than first, as methods have it.

/** The tensor's elements where the condition holds, else those of `other`. */
export const where: (self: Tensor, condition: Tensor, other: Operand) => Tensor = (self, condition, other) =>
  choose(condition, self, other);

/** The n-th derivative of digamma. */
export const polygamma: (self: Tensor, n: number) => Tensor = (self, n) => nthDigamma(n, self);

/** The same in place. */
export const polygamma_: (self: Tensor, n: number) => Tensor = (self, n) =>
  inPlace("polygamma_", self, () => nthDigamma(n, self));
