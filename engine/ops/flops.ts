import type { Tensor } from "../autograd/tensor.ts";
import type { Flops } from "./op.ts";

/** Numbers are moved, not computed. */
export const none: Flops = () => 0;

/** What goes over its tensors once: one for each element of the largest. */
export const onePerElement: Flops = (inputs, outputs) => {
  let most = 0;
  for (const x of outputs) if (x.elements > most) most = x.elements;
  for (const x of inputs) if (x !== null && typeof x !== "number" && x.elements > most) most = x.elements;
  return most;
};

/** Matrix products: a multiplication and an addition for each element of the result and each of a row of input `left`. */
export const productOf =
  (left: number): Flops =>
  (inputs, [out]) => {
    const { shape, ndim } = inputs[left] as Tensor;
    return 2 * out.elements * shape[ndim - 1];
  };

/** What takes a matrix apart: as many operations as a product of two of its size. Several times that in truth, but always with the cube. */
export const cubic: Flops = (inputs) => {
  const { elements, shape, ndim } = inputs[0] as Tensor;
  return 2 * elements * shape[ndim - 1];
};

/** Convolutions: a multiplication and an addition for each place that the kernel is laid at and each element of one filter. */
export const perFilter = (places: Tensor, weight: Tensor): number =>
  weight.elements === 0 ? 0 : (2 * places.elements * weight.elements) / weight.shape[0];
