import { type Matrix, matmul } from "./matmul.ts";

/** The numbers of a Newton–Schulz iteration. */
export interface Iteration {
  /** Of X, of (X Xᵀ) X and of (X Xᵀ)² X. */
  readonly coefficients: readonly [number, number, number];
  readonly steps: number;
  /** The least norm to divide by. */
  readonly eps: number;
}

/**
 * A matrix near `values`, of `rows` by `columns`, whose singular values are all near 1: each step takes X to
 * a X + (b X Xᵀ + c (X Xᵀ)²) X. Every result is rounded to bfloat16, because PyTorch's is.
 */
export function orthogonalize(values: Float64Array, rows: number, columns: number, iteration: Iteration): Float64Array {
  const tall = rows > columns;
  const [short, long] = tall ? [columns, rows] : [rows, columns];
  const [a, b, c] = iteration.coefficients;
  let x = normalized(tall ? transposed(values, rows, columns) : values, iteration.eps);
  for (let step = 0; step < iteration.steps; step++) {
    const gram = product(short, long, short, dense(x, long), { ...dense(x, 1), column: long }).map(toBfloat16);
    const squared = product(short, short, short, dense(gram, short), dense(gram, short));
    const factor = squared.map((value, i) => toBfloat16(b * gram[i] + c * value));
    const moved = product(short, short, long, dense(factor, short), dense(x, long));
    x = moved.map((value, i) => toBfloat16(a * x[i] + value));
  }
  return tall ? transposed(x, columns, rows) : Float64Array.from(x);
}

function normalized(values: Float64Array, eps: number): Float32Array {
  const x = Float32Array.from(values, toBfloat16);
  let sum = 0;
  for (const value of x) sum += value * value;
  const norm = Math.max(toBfloat16(Math.sqrt(sum)), toBfloat16(eps));
  return x.map((value) => toBfloat16(value / norm));
}

const dense = (values: Float32Array, row: number): Matrix => ({ values, offset: 0, row, column: 1 });

function product(m: number, k: number, n: number, a: Matrix, b: Matrix): Float32Array {
  const out = new Float32Array(m * n);
  matmul(m, k, n, a, b, out, 0);
  return out;
}

function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j];
  return out;
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The nearest number of 8 significant bits in the range of float32, the even one of two; by way of float32, as PyTorch does. */
export function toBfloat16(value: number): number {
  single[0] = value;
  if (Number.isNaN(value)) return value;
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return single[0];
}
