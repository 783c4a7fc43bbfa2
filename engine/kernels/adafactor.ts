import type { TypedArray } from "../base/dtype.ts";
import { between } from "./between.ts";

// Adafactor in passes over a dense parameter, which it cannot do in one: the step depends on the size of the whole
// update. `g` is the gradient from `go` on; `weight` is how much of the new squares the averages take.

/** Matrices of one size, one behind the other. */
export interface Matrices {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

/** Moves the averages of squares, `rowMeans` over columns and `columnMeans` over rows, towards those of `g`. */
export function averageSquares(
  g: TypedArray,
  go: number,
  { count, rows, columns }: Matrices,
  weight: number,
  rowMeans: TypedArray,
  columnMeans: TypedArray,
): void {
  const sums = new Float64Array(columns);
  let at = go;
  for (let m = 0; m < count; m++) {
    sums.fill(0);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const square = g[at] * g[at++];
        sum += square;
        sums[j] += square;
      }
      rowMeans[m * rows + i] = between(rowMeans[m * rows + i], sum / columns, weight);
    }
    for (let j = 0; j < columns; j++) {
      const k = m * columns + j;
      columnMeans[k] = between(columnMeans[k], sums[j] / rows, weight);
    }
  }
}

/** The gradient in units of its size, as the averages of rows and columns tell it: g / √(r cᵀ / mean(r)). */
export function scaleByFactors(
  g: TypedArray,
  go: number,
  { count, rows, columns }: Matrices,
  rowMeans: TypedArray,
  columnMeans: TypedArray,
  eps: number,
): Float64Array {
  const update = new Float64Array(count * rows * columns);
  let at = 0;
  for (let m = 0; m < count; m++) {
    const whole = Math.max(mean(rowMeans, m * rows, rows), eps);
    for (let i = 0; i < rows; i++) {
      const row = rowMeans[m * rows + i];
      for (let j = 0; j < columns; j++, at++) {
        update[at] = inUnitsOf((row * columnMeans[m * columns + j]) / whole, g[go + at], eps);
      }
    }
  }
  return update;
}

/** The same for a vector, which has an average of its own for each element. */
export function scaleBySquares(
  g: TypedArray,
  go: number,
  n: number,
  weight: number,
  squares: TypedArray,
  eps: number,
): Float64Array {
  const update = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const grad = g[go + i];
    squares[i] = between(squares[i], grad * grad, weight);
    update[i] = inUnitsOf(squares[i], grad, eps);
  }
  return update;
}

/** The root of the mean square of `n` elements. */
export function rootMeanSquare(values: TypedArray, at: number, n: number): number {
  let sum = 0;
  for (let i = at; i < at + n; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / n);
}

/** p = shrink · p − step · update, for the elements `from` to `to`. */
export function moveBy(
  p: TypedArray,
  po: number,
  from: number,
  to: number,
  shrink: number,
  step: number,
  update: TypedArray,
): void {
  for (let i = from; i < to; i++) p[po + i] = p[po + i] * shrink - step * update[i];
}

const inUnitsOf = (square: number, grad: number, eps: number): number => grad / Math.sqrt(Math.max(square, eps * eps));

function mean(values: TypedArray, at: number, n: number): number {
  let sum = 0;
  for (let i = at; i < at + n; i++) sum += values[i];
  return sum / n;
}
