import type { TypedArray } from "../base/dtype.ts";

/**
 * A linear map along one dimension as a sparse matrix: row r has weights[i] at column indices[i] for i from starts[r] to
 * starts[r + 1].
 */
export interface SparseMap {
  readonly columns: number;
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** A map from its rows as lists of (column, weight). */
export function sparseMap(columns: number, rows: readonly (readonly (readonly [number, number])[])[]): SparseMap {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, r) => {
    starts[r + 1] = starts[r] + row.length;
  });
  const entries = rows.flat();
  return {
    columns,
    starts,
    indices: Int32Array.from(entries, ([column]) => column),
    weights: Float64Array.from(entries, ([, weight]) => weight),
  };
}

export const rowCount = (map: SparseMap): number => map.starts.length - 1;

/** The adjoint of the map. */
export function transposedMap({ columns, starts, indices, weights }: SparseMap): SparseMap {
  const begins = new Int32Array(columns + 1);
  for (const column of indices) begins[column + 1]++;
  for (let c = 0; c < columns; c++) begins[c + 1] += begins[c];
  const next = begins.slice();
  const rows = new Int32Array(indices.length);
  const values = new Float64Array(indices.length);
  for (let r = 0; r + 1 < starts.length; r++) {
    for (let i = starts[r]; i < starts[r + 1]; i++) {
      const at = next[indices[i]]++;
      rows[at] = r;
      values[at] = weights[i];
    }
  }
  return { columns: starts.length - 1, starts: begins, indices: rows, weights: values };
}

/** Applies the map to the middle dimension of a dense x[outer, columns, inner]; out[outer, rows, inner] from its start on. */
export function resample(
  x: TypedArray,
  xo: number,
  outer: number,
  inner: number,
  map: SparseMap,
  out: TypedArray,
): void {
  const { columns, starts, indices, weights } = map;
  const rows = starts.length - 1;
  if (inner === 1) {
    for (let o = 0, from = xo, to = 0; o < outer; o++, from += columns) {
      for (let r = 0; r < rows; r++) {
        let total = 0;
        for (let i = starts[r]; i < starts[r + 1]; i++) total += weights[i] * x[from + indices[i]];
        out[to++] = total;
      }
    }
    return;
  }
  const row = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++) {
      row.fill(0);
      for (let i = starts[r]; i < starts[r + 1]; i++) {
        const weight = weights[i];
        const from = xo + (o * columns + indices[i]) * inner;
        for (let c = 0; c < inner; c++) row[c] += weight * x[from + c];
      }
      out.set(row, (o * rows + r) * inner);
    }
  }
}
