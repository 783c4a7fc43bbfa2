import type { TypedArray } from "../base/dtype.ts";

/** Copies [batch, rows, columns] matrices, zeros where column − row > k. */
export function tril(
  x: TypedArray,
  xo: number,
  batch: number,
  rows: number,
  columns: number,
  k: number,
  out: TypedArray,
): void {
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < rows; r++) {
      const start = (b * rows + r) * columns;
      const stop = Math.min(columns, Math.max(0, r + k + 1));
      for (let c = 0; c < stop; c++) out[start + c] = x[xo + start + c];
      for (let c = stop; c < columns; c++) out[start + c] = 0;
    }
  }
}

/** Copies [batch, rows, columns] matrices, zeros where column − row < k. */
export function triu(
  x: TypedArray,
  xo: number,
  batch: number,
  rows: number,
  columns: number,
  k: number,
  out: TypedArray,
): void {
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < rows; r++) {
      const start = (b * rows + r) * columns;
      const first = Math.min(columns, Math.max(0, r + k));
      for (let c = 0; c < first; c++) out[start + c] = 0;
      for (let c = first; c < columns; c++) out[start + c] = x[xo + start + c];
    }
  }
}
