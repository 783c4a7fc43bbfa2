import type { TypedArray } from "../base/dtype.ts";

/** out[i] = row indices[i] of a dense matrix, times scale[i] when there is a scale. */
export function takeRows(
  matrix: TypedArray,
  mo: number,
  columns: number,
  indices: TypedArray,
  io: number,
  n: number,
  scale: Float64Array | null,
  out: TypedArray,
): void {
  for (let i = 0, to = 0; i < n; i++) {
    const from = mo + indices[io + i] * columns;
    const factor = scale === null ? 1 : scale[i];
    for (let c = 0; c < columns; c++) out[to++] = factor * matrix[from + c];
  }
}

/** The adjoint: adds rows[i], times scale[i], to row indices[i] of a dense matrix. */
export function addRows(
  rows: TypedArray,
  ro: number,
  columns: number,
  indices: TypedArray,
  io: number,
  n: number,
  scale: Float64Array | null,
  matrix: TypedArray,
): void {
  for (let i = 0, from = ro; i < n; i++) {
    const to = indices[io + i] * columns;
    const factor = scale === null ? 1 : scale[i];
    if (factor === 0) from += columns;
    else for (let c = 0; c < columns; c++) matrix[to + c] += factor * rows[from++];
  }
}
