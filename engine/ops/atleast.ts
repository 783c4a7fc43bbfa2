import type { Tensor } from "../autograd/tensor.ts";

/** The tensor, a number as a vector of one. */
export const atleast1d: (self: Tensor) => Tensor = (self) => (self.ndim === 0 ? self.reshape([1]) : self);

/** The tensor, a vector as a row. */
export const atleast2d: (self: Tensor) => Tensor = (self) =>
  self.ndim === 0 ? self.reshape([1, 1]) : self.ndim === 1 ? self.unsqueeze(0) : self;

/** The tensor with at least three dimensions: a vector lies along the second, a matrix along the first two. */
export const atleast3d: (self: Tensor) => Tensor = (self) => {
  if (self.ndim === 0) return self.reshape([1, 1, 1]);
  if (self.ndim === 1) return self.unsqueeze(0).unsqueeze(-1);
  return self.ndim === 2 ? self.unsqueeze(-1) : self;
};
