import type { TypedArray } from "../base/dtype.ts";

/** A matrix in a buffer: element (i, j) lies at offset + i * row + j * column. */
export interface Matrix {
  readonly values: TypedArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/** out[m, n] (dense, from `oo` on) = a[m, k] b[k, n]. The operands may be transposed by their strides. */
export function matmul(m: number, k: number, n: number, a: Matrix, b: Matrix, out: TypedArray, oo: number): void {
  const rowsOfB = b.column === 1 ? b : packed(b, k, n);
  const bv = rowsOfB.values;
  const av = a.values;
  for (let i = 0; i < m; i++) {
    const to = oo + i * n;
    for (let j = 0; j < n; j++) out[to + j] = 0;
    let p = 0;
    for (; p + 3 < k; p += 4) {
      const at = a.offset + i * a.row + p * a.column;
      const a0 = av[at];
      const a1 = av[at + a.column];
      const a2 = av[at + 2 * a.column];
      const a3 = av[at + 3 * a.column];
      const b0 = rowsOfB.offset + p * rowsOfB.row;
      const b1 = b0 + rowsOfB.row;
      const b2 = b1 + rowsOfB.row;
      const b3 = b2 + rowsOfB.row;
      for (let j = 0; j < n; j++) out[to + j] += a0 * bv[b0 + j] + a1 * bv[b1 + j] + a2 * bv[b2 + j] + a3 * bv[b3 + j];
    }
    for (; p < k; p++) {
      const a0 = av[a.offset + i * a.row + p * a.column];
      const b0 = rowsOfB.offset + p * rowsOfB.row;
      for (let j = 0; j < n; j++) out[to + j] += a0 * bv[b0 + j];
    }
  }
}

/** The matrix with its rows dense. */
function packed(b: Matrix, rows: number, columns: number): Matrix {
  const values = new (b.values.constructor as new (n: number) => TypedArray)(rows * columns);
  let to = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0, from = b.offset + i * b.row; j < columns; j++, from += b.column) values[to++] = b.values[from];
  }
  return { values, offset: 0, row: columns, column: 1 };
}
