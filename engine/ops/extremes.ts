import type { Tensor } from "../autograd/tensor.ts";
import { placeAlong } from "./placing.ts";
import { keepDims, type Reduced } from "./reduce.ts";

/** The gradient of a full reduction to one of the elements: shared evenly by all elements that equal the result. */
export function evenlyTo(x: Tensor, out: Tensor, grad: Tensor): Tensor {
  const chosen = x.eq(out).logicalOr(x.ne(x).logicalAnd(out.ne(out)));
  return grad.div(chosen.sum()).mul(chosen);
}

/** The same over dimensions: among the elements that equal the result in their group. */
export function evenlyAlong(x: Tensor, out: Tensor, grad: Tensor, attrs: Reduced): Tensor {
  const chosen = x.eq(keepDims(out, attrs, x.shape));
  const share = keepDims(grad, attrs, x.shape).mul(chosen);
  return share.div(chosen.sum({ dim: attrs.dims, keepdim: true }));
}

/** Puts a gradient where the elements were taken from, along `dim`; zeros elsewhere. */
export function backToIndices(
  grad: Tensor,
  indices: Tensor,
  dim: number,
  keepdim: boolean,
  shape: readonly number[],
): Tensor {
  const whole = shape.length === 0 || keepdim;
  return placeAlong(whole ? grad : grad.unsqueeze(dim), whole ? indices : indices.unsqueeze(dim), dim, shape);
}
