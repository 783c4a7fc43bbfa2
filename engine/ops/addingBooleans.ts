import type { Tensor } from "../autograd/tensor.ts";

/** Runs what adds elements up; booleans are added as numbers, and the result is whether there are any. */
export function addingBooleans(self: Tensor, source: Tensor, add: (self: Tensor, source: Tensor) => Tensor): Tensor {
  if (self.dtype !== "bool" || source.dtype !== "bool") return add(self, source);
  return add(self.to("int64"), source.to("int64")).ne(0);
}
