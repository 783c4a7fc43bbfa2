import { apply } from "../autograd/dispatch.ts";
import { inPlace } from "../autograd/inplace.ts";
import { empty, Tensor, window } from "../autograd/tensor.ts";
import { asElement } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { expandsTo, showShape } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { checkTensor } from "./promotion.ts";

// What these overwrite no longer takes part: its gradient is zero, and not "none", so that the history of a base knows it.

const copyOp = general()({
  name: "copy",
  node: "CopyBackwards",
  summary: "The elements of another tensor, broadcast, in place of the own ones.",
  inputs: ["x", "source"],
  flops: none,
  forward: ([x, source]) => {
    const { shape, dtype } = x as Tensor;
    const from = source as Tensor;
    const lead = shape.length - from.ndim;
    const strides = shape.map((size, d) => (d < lead || from.shape[d - lead] !== size ? 0 : from.strides[d - lead]));
    const out = empty(shape, dtype);
    gather(window(from, shape, strides, from.offset), out.storage.values, 0);
    return out;
  },
  backward: { x: ({ grad }) => grad.zerosLike(), source: ({ grad }) => grad },
});

/** Overwrites the elements with those of `source`, which broadcasts; gradients then flow to `source`. */
export const copy_: (self: Tensor, source: Tensor) => Tensor = (self, source) => {
  checkTensor("copy_", "source", source);
  return inPlace("copy_", self, () => copied("copy_", self, source));
};

function copied(op: string, self: Tensor, source: Tensor): Tensor {
  if (!expandsTo(source.shape, self.shape)) {
    throw new ShapeError(
      op,
      `a source of shape ${showShape(source.shape)} can't be broadcast to ${showShape(self.shape)}`,
    );
  }
  return apply(copyOp, [self, source.dtype === self.dtype ? source : source.to(self.dtype)], undefined);
}

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
