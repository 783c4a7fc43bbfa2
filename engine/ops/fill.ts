import { apply } from "../autograd/dispatch.ts";
import { empty, Tensor } from "../autograd/tensor.ts";
import { asElement } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { leadingDims } from "./batching.ts";
import { copied } from "./copying.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { checkTensor } from "./promotion.ts";
import { normal } from "./samples.ts";

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
  onBatch: leadingDims,
  // What is overwritten has a zero gradient, and not "none", so that the history of a base knows it.
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]], 1.5)],
});

/** A tensor like `self` with a number, or the element of a 0-d tensor, everywhere. */
export function filled(op: string, self: Tensor, value: number | boolean | Tensor): Tensor {
  if (!(value instanceof Tensor)) return apply(fillOp, [self], { value: asElement(op, self.dtype, Number(value)) });
  if (value.ndim === 0) return copied(op, self, value);
  throw new ShapeError(
    op,
    `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
  );
}

/** A tensor like `self` with a number, or the element of a 0-d tensor, everywhere; `self` stays as it is. */
export const fill = (self: Tensor, value: number | boolean | Tensor): Tensor => {
  checkTensor("fill", "input", self);
  return filled("fill", self, value);
};
