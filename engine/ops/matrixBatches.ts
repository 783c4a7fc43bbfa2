import { densely, empty, type Tensor, window } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { elementCount, type Shape, showShape } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";

/** A batch of matrices read as float64, one behind the other. */
export interface MatrixBatch {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  /** A copy of matrix `i`, row-major, that the caller may overwrite. */
  matrix(i: number): Float64Array;
}

/** Reads the matrices in the last two dimensions. */
export function readMatrices(x: Tensor): MatrixBatch {
  const values = new Float64Array(x.elements);
  gather(x, values, 0);
  const [rows, columns] = x.shape.slice(-2);
  const size = rows * columns;
  return {
    count: elementCount(x.shape.slice(0, -2)),
    rows,
    columns,
    matrix: (i) => values.subarray(i * size, (i + 1) * size),
  };
}

/** A new tensor for one result per matrix of `x`: its batch dimensions followed by `inner`. */
export function emptyPerMatrix(x: Tensor, inner: Shape): Tensor {
  return empty([...x.shape.slice(0, -2), ...inner], x.dtype);
}

/** Decompositions exist for floats alone. */
export function checkFloat(op: string, x: Tensor): void {
  if (isFloat(x.dtype)) return;
  throw new DTypeError(op, `Expected a floating point tensor as input. Got ${x.dtype}: convert it with .to("float32")`);
}

export function checkMatrix(op: string, x: Tensor): void {
  checkFloat(op, x);
  checkMatrixShape(op, x);
}

function checkMatrixShape(op: string, x: Tensor): void {
  if (x.ndim >= 2) return;
  throw new ShapeError(op, `The input tensor A must have at least 2 dimensions, but got shape ${showShape(x.shape)}`);
}

export function checkSquare(op: string, x: Tensor): void {
  checkFloat(op, x);
  checkSquareShape(op, x);
}

/** As `checkSquare`, for what integers have, too. */
export function checkSquareShape(op: string, x: Tensor): void {
  checkMatrixShape(op, x);
  const [rows, columns] = x.shape.slice(-2);
  if (rows === columns) return;
  throw new ShapeError(
    op,
    `A must be batches of square matrices, but they are ${rows} by ${columns} matrices (shape ${showShape(x.shape)})`,
  );
}

/** The elements written out densely in a shape that the tensor broadcasts to; outside any graph. */
export function spread(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.ndim;
  const strides = shape.map((_, d) => (d < lead || x.shape[d - lead] === 1 ? 0 : x.strides[d - lead]));
  return densely(window(x, shape, strides, x.offset));
}
