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
