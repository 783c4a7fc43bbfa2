import { renewAccumulator } from "../autograd/accumulate.ts";
import type { Tensor } from "../autograd/tensor.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Gives a leaf other elements, shape and dtype while it stays the same object, so that optimizers keep holding it. */
export function setData(leaf: Tensor, data: Tensor): void {
  const target = leaf as Mutable<Tensor>;
  // Graphs that saved the leaf must notice.
  data.storage.version = leaf.storage.version + 1;
  target.storage = data.storage;
  target.shape = data.shape;
  target.strides = data.strides;
  target.offset = data.offset;
  target.elements = data.elements;
  target.dense = data.dense;
  target.dtype = data.dtype;
  renewAccumulator(leaf);
}
