import type { Tensor } from "../autograd/tensor.ts";
import { checkOptions } from "../base/errors.ts";
import {
  type CreateArgs,
  type CreateOptions,
  full,
  ones,
  readCreateArgs,
  type TensorData,
  tensor,
  zeros,
} from "./creation.ts";

// Tensors with the dtype of another one.

const named = ["dtype", "requiresGrad"];

/** A tensor of the same shape (and dtype, unless given) to overwrite; its elements are zeros. */
export const emptyLike: (self: Tensor, options?: CreateOptions) => Tensor = (self, options) =>
  zeros(self.shape, withType("emptyLike", self, options));

/** One value in the same shape (and dtype, unless given). */
export const fullLike: (self: Tensor, value: number | boolean, options?: CreateOptions) => Tensor = (
  self,
  value,
  options,
) => full(self.shape, value, withType("fullLike", self, options));

/** Zeros of a shape in the dtype of this tensor. */
export const newZeros: (self: Tensor, ...args: CreateArgs) => Tensor = (self, ...args) => {
  const { shape, options } = readCreateArgs("newZeros", args);
  return zeros(shape, { dtype: self.dtype, ...options });
};

/** A tensor of a shape in the dtype of this one to overwrite; its elements are zeros. */
export const newEmpty: (self: Tensor, ...args: CreateArgs) => Tensor = (self, ...args) => {
  const { shape, options } = readCreateArgs("newEmpty", args);
  return zeros(shape, { dtype: self.dtype, ...options });
};

/** Ones of a shape in the dtype of this tensor. */
export const newOnes: (self: Tensor, ...args: CreateArgs) => Tensor = (self, ...args) => {
  const { shape, options } = readCreateArgs("newOnes", args);
  return ones(shape, { dtype: self.dtype, ...options });
};

/** One value in a shape, in the dtype of this tensor. */
export const newFull: (
  self: Tensor,
  shape: readonly number[],
  value: number | boolean,
  options?: CreateOptions,
) => Tensor = (self, shape, value, options) => full(shape, value, withType("newFull", self, options));

/** A tensor from data, in the dtype of this tensor. */
export const newTensor: (self: Tensor, data: TensorData, options?: CreateOptions) => Tensor = (self, data, options) =>
  tensor(data, withType("newTensor", self, options));

/** The tensor itself: everything is on the CPU. */
export const cpu: (self: Tensor) => Tensor = (self) => self;

/** The number of elements, as `numel`. */
export const nelement: (self: Tensor) => number = (self) => self.elements;

function withType(op: string, self: Tensor, options: CreateOptions | undefined): CreateOptions {
  checkOptions(op, options, named);
  return { dtype: self.dtype, ...options };
}
