import { inPlace } from "../autograd/inplace.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { copied } from "./copying.ts";
import { filled } from "./fill.ts";
import { checkTensor } from "./promotion.ts";

/** Overwrites the elements with those of `source`, which broadcasts; gradients then flow to `source`. */
export const copy_: (self: Tensor, source: Tensor) => Tensor = (self, source) => {
  checkTensor("copy_", "source", source);
  return inPlace("copy_", self, () => copied("copy_", self, source));
};

/** Sets every element to a number or to the element of a 0-d tensor. */
export const fill_: (self: Tensor, value: number | boolean | Tensor) => Tensor = (self, value) =>
  inPlace("fill_", self, () => filled("fill_", self, value));

/** Sets every element to zero. */
export const zero_: (self: Tensor) => Tensor = (self) => inPlace("zero_", self, () => filled("zero_", self, 0));
