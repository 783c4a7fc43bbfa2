import type { Tensor } from "../autograd/tensor.ts";

/** Of one tensor, or of each of several, or of a list. */
interface AtLeast {
  (tensors: readonly Tensor[]): Tensor[];
  (first: Tensor, second: Tensor, ...more: readonly Tensor[]): Tensor[];
  (self: Tensor): Tensor;
}

const ofEach = (raise: (x: Tensor) => Tensor): AtLeast =>
  ((first: Tensor | readonly Tensor[], ...more: readonly Tensor[]) => {
    const tensors = Array.isArray(first) ? first : [first, ...more];
    const raised = tensors.map((x: Tensor) => raise(x));
    return tensors === first || more.length > 0 ? raised : raised[0];
  }) as AtLeast;

/** The tensor, a number as a vector of one. */
export const atleast1d: AtLeast = ofEach((x) => (x.ndim === 0 ? x.reshape([1]) : x));

/** The tensor, a vector as a row. */
export const atleast2d: AtLeast = ofEach((x) => (x.ndim === 0 ? x.reshape([1, 1]) : x.ndim === 1 ? x.unsqueeze(0) : x));

/** The tensor with at least three dimensions: a vector lies along the second, a matrix along the first two. */
export const atleast3d: AtLeast = ofEach((x) => {
  if (x.ndim === 0) return x.reshape([1, 1, 1]);
  if (x.ndim === 1) return x.unsqueeze(0).unsqueeze(-1);
  return x.ndim === 2 ? x.unsqueeze(-1) : x;
});
