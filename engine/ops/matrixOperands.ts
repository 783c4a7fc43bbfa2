import { densely, type Tensor } from "../autograd/tensor.ts";
import type { DType, TypedArray } from "../base/dtype.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { broadcastShapes, type Shape, showShape, viewStrides } from "../base/shape.ts";
import { batchOffsets } from "../kernels/batches.ts";
import { type Matrix, matmul, matmulBatches } from "../kernels/matmul.ts";

/** The last two dimensions of `x`, from `offset` on, as a kernel sees them. */
export function matrixOf(x: Tensor, offset = x.offset): Matrix {
  const { strides, storage } = x;
  return { values: storage.values, offset, row: strides[strides.length - 2], column: strides[strides.length - 1] };
}

/** A vector as a matrix of one column. */
export const columnOf = (x: Tensor): Matrix => ({
  values: x.storage.values,
  offset: x.offset,
  row: x.strides[0],
  column: 1,
});

/** A vector as a matrix of one row. */
export const rowOf = (x: Tensor): Matrix => ({
  values: x.storage.values,
  offset: x.offset,
  row: 0,
  column: x.strides[0],
});

/** `2x3`: how PyTorch writes sizes of matrices in its errors. */
export const by = (shape: Shape): string => shape.join("x");

export function checkNdim(op: string, name: string, x: Tensor, ndim: number): void {
  if (x.ndim === ndim) return;
  const kind = ["a number", "a vector", "a matrix", "a batch of matrices (3-D)"][ndim];
  throw new ShapeError(op, `${name} must be ${kind}, but got shape ${showShape(x.shape)}`);
}

/** Whether the products of rows of `a` and columns of `b` exist: PyTorch's best-known error. */
export function checkInner(op: string, a: Shape, b: Shape): void {
  if (a[a.length - 1] === b[b.length - 2]) return;
  const inner = `the last size of the first (${a[a.length - 1]}) must be the second to last of the other (${b[b.length - 2]})`;
  throw new ShapeError(op, `mat1 and mat2 shapes cannot be multiplied (${by(a)} and ${by(b)}): ${inner}`);
}

export function checkSameDType(op: string, ...tensors: readonly (Tensor | null)[]): void {
  let first: DType | null = null;
  for (const x of tensors) {
    if (x === null) continue;
    first ??= x.dtype;
    if (x.dtype !== first) throw differentDTypes(op, tensors);
  }
  if (first === "bool") throw new DTypeError(op, "not implemented for 'bool': convert with .to(\"int64\") or a float");
}

function differentDTypes(op: string, tensors: readonly (Tensor | null)[]): DTypeError {
  const dtypes = tensors.filter((x) => x !== null).map((x) => x.dtype);
  return new DTypeError(
    op,
    `expected ${tensors.length === 2 ? "mat1 and mat2" : "all tensors"} to have the same dtype, but got: ${dtypes.join(" != ")}. Convert with .to()`,
  );
}

/** The shape of the batched product of `a` and `b`, both with at least two dimensions. */
export function productShape(op: string, a: Shape, b: Shape): Shape {
  checkInner(op, a, b);
  return [...broadcastShapes(op, a.slice(0, -2), b.slice(0, -2)), a[a.length - 2], b[b.length - 1]];
}

/** Writes the batched product of `a` and `b` densely into `out`; `shape` is its shape. */
export function multiplyBatches(a: Tensor, b: Tensor, shape: Shape, out: TypedArray): void {
  const k = a.shape[a.ndim - 1];
  const n = shape[shape.length - 1];
  if (b.ndim === 2) {
    const { count, matrix } = rowsMatrix(a);
    matmul(count, k, n, matrix, matrixOf(b), out, 0);
    return;
  }
  const m = shape[shape.length - 2];
  const batch = shape.slice(0, -2);
  const ofA = batchOffsets(a, 2, batch);
  const ofB = batchOffsets(b, 2, batch);
  matmulBatches(m, k, n, matrixOf(a), ofA, matrixOf(b), ofB, out);
}

/** All rows along the last dimension as one matrix: with one matrix on the other side, one large product does. */
export function rowsMatrix(x: Tensor): { readonly count: number; readonly matrix: Matrix } {
  const k = x.shape[x.ndim - 1];
  const count = x.shape.slice(0, -1).reduce((n, size) => n * size, 1);
  const strides = viewStrides(x.shape, x.strides, [count, k]);
  if (strides === null) return rowsMatrix(densely(x));
  return { count, matrix: { values: x.storage.values, offset: x.offset, row: strides[0], column: strides[1] } };
}

export const transposed = ({ values, offset, row, column }: Matrix): Matrix => ({
  values,
  offset,
  row: column,
  column: row,
});

/** A tensor as a matrix of all its rows along the last dimension. */
export function rowsOf(x: Tensor): Tensor {
  return x.ndim === 2
    ? x
    : x.reshape(
        x.shape.slice(0, -1).reduce((n, size) => n * size, 1),
        x.shape[x.ndim - 1],
      );
}
