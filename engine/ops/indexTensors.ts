import { densely, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { DTypeError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { positionsIn } from "../kernels/select.ts";
import type { Folded } from "./placing.ts";

/** Refuses an index that does not hold whole numbers. */
export function checkIndex(op: string, index: Tensor): void {
  if (index.dtype === "int64" || index.dtype === "int32") return;
  throw new DTypeError(op, `Expected dtype int64 for index, but got ${index.dtype}. Convert it with .to("int64").`);
}

/** Indices into a dimension of `size`, checked, as a tensor of positions that nobody else has. */
export function rowPositions(op: string, index: Tensor, dim: number, size: number, negative: boolean): Tensor {
  const dense = densely(index);
  const { elements } = dense;
  const positions = positionsIn(op, dense.storage.values, dense.offset, elements, dim, size, negative);
  return fromBuffer(positions, [elements], "int32");
}

/** A tensor of this shape with slices of `dim` named by a vector. */
export function foldAlong(shape: Shape, dim: number, index: Tensor): Folded {
  const outer = shape.slice(0, dim).reduce((n, size) => n * size, 1);
  const inner = shape.slice(dim + 1).reduce((n, size) => n * size, 1);
  const to = shape.map((size, d) => (d === dim ? index.elements : size));
  return { outer, n: shape.length === 0 ? 1 : shape[dim], inner, from: shape, to };
}
