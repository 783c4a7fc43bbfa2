import { apply } from "../autograd/dispatch.ts";
import { isGradEnabled } from "../autograd/modes.ts";
import { empty, type Tensor, window } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import { expandsTo, sameShape, showShape } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";

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

/** The elements of `source`, in the shape and dtype of `self`, where a gradient of `self` would be zero. */
export function copied(op: string, self: Tensor, source: Tensor): Tensor {
  if (!expandsTo(source.shape, self.shape)) {
    throw new ShapeError(
      op,
      `a source of shape ${showShape(source.shape)} can't be broadcast to ${showShape(self.shape)}`,
    );
  }
  return apply(copyOp, [self, source.dtype === self.dtype ? source : source.to(self.dtype)], undefined);
}

/**
 * What an op in place writes over `self`. Of an op without a derivative, as eq, the result does not come from `self` in any
 * graph, yet what was there is gone, and its gradient is zero.
 */
export function overwritten(self: Tensor, result: Tensor): Tensor {
  const cutOff = self.requiresGrad && !result.requiresGrad && isGradEnabled();
  return cutOff && sameShape(result.shape, self.shape) ? copied("copy_", self, result) : result;
}
