import { densely, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { type Shape, sameShape, showShape, wrapDim } from "../base/shape.ts";
import { positionsIn } from "../kernels/select.ts";
import type { Folded } from "./placing.ts";

/** Refuses an index that does not hold whole numbers. */
export function checkIndex(op: string, index: Tensor): void {
  if (index.dtype === "int64" || index.dtype === "int32") return;
  throw new DTypeError(op, `Expected dtype int64 for index, but got ${index.dtype}. Convert it with .to("int64").`);
}

/** Checks tensor, index and slices of an op that takes a slice for each index; gives the dimension. */
export function checkRows(op: string, self: Tensor, dim: number, index: Tensor, source: Tensor): number {
  const along = wrapDim(op, dim, self.ndim);
  checkIndex(op, index);
  if (index.ndim > 1) throw new ShapeError(op, `Index should have dimension 1 or 0 (got ${index.ndim})`);
  const wanted = self.shape.map((size, d) => (d === along ? index.elements : size));
  if (!sameShape(wanted, source.shape) || (self.ndim === 0 && index.elements !== 1)) {
    throw new ShapeError(
      op,
      `Number of indices (${index.elements}) should be equal to source.size(dim), and the other sizes to those of self: source ${showShape(source.shape)}, expected ${showShape(wanted)}`,
    );
  }
  if (source.dtype !== self.dtype) {
    throw new DTypeError(op, `self (${self.dtype}) and source (${source.dtype}) must have the same scalar type`);
  }
  return along;
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
