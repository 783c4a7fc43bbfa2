import { apply } from "../autograd/dispatch.ts";
import { inPlace } from "../autograd/inplace.ts";
import { empty, Tensor } from "../autograd/tensor.ts";
import { asElement } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { copied } from "./copying.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { checkTensor } from "./promotion.ts";

// What these overwrite no longer takes part: its gradient is zero, and not "none", so that the history of a base knows it.

/** Overwrites the elements with those of `source`, which broadcasts; gradients then flow to `source`. */
export const copy_: (self: Tensor, source: Tensor) => Tensor = (self, source) => {
  checkTensor("copy_", "source", source);
  return inPlace("copy_", self, () => copied("copy_", self, source));
};

const fillOp = general<{ readonly value: number }>()({
  name: "fill",
  summary: "One number in place of every element.",
  inputs: ["x"],
  flops: none,
  forward: ([x], { value }) => {
    const out = empty((x as Tensor).shape, (x as Tensor).dtype);
    if (value !== 0) out.storage.values.fill(value);
    return out;
  },
  backward: { x: ({ grad }) => grad.zerosLike() },
});

/** Sets every element to a number or to the element of a 0-d tensor. */
export const fill_: (self: Tensor, value: number | boolean | Tensor) => Tensor = (self, value) =>
  inPlace("fill_", self, () => {
    if (!(value instanceof Tensor))
      return apply(fillOp, [self], { value: asElement("fill_", self.dtype, Number(value)) });
    if (value.ndim === 0) return copied("fill_", self, value);
    throw new ShapeError(
      "fill_",
      `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
    );
  });

/** Sets every element to zero. */
export const zero_: (self: Tensor) => Tensor = (self) =>
  inPlace("zero_", self, () => apply(fillOp, [self], { value: 0 }));
