/**
 * Replaces a row-major n x n matrix by its factors L (unit diagonal, below) and U with row exchanges, partial pivoting.
 * `pivots[k]` is the row that came to place k; gives the sign of the permutation. A zero on U's diagonal: singular.
 */
export function luFactor(a: Float64Array, n: number, pivots: Int32Array): number {
  let sign = 1;
  for (let k = 0; k < n; k++) {
    const p = pivotRow(a, n, k);
    pivots[k] = p;
    if (p !== k) {
      sign = -sign;
      swapRows(a, n, k, p);
    }
    const pivot = a[k * n + k];
    if (pivot === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / pivot;
      a[i * n + k] = factor;
      if (factor !== 0) for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return sign;
}

function pivotRow(a: Float64Array, n: number, k: number): number {
  let best = k;
  for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[best * n + k])) best = i;
  return best;
}

function swapRows(a: Float64Array, width: number, i: number, j: number): void {
  for (let c = 0; c < width; c++) {
    const kept = a[i * width + c];
    a[i * width + c] = a[j * width + c];
    a[j * width + c] = kept;
  }
}

/** Replaces the n x columns matrix b by the solution of A X = b, for the factors and pivots of A. */
export function luSolve(lu: Float64Array, n: number, pivots: Int32Array, b: Float64Array, columns: number): void {
  for (let k = 0; k < n; k++) if (pivots[k] !== k) swapRows(b, columns, k, pivots[k]);
  solveTriangular(lu, n, false, true, b, columns);
  solveTriangular(lu, n, true, false, b, columns);
}

/** The first zero on U's diagonal, or -1 when the matrix can be inverted. */
export function firstZeroPivot(lu: Float64Array, n: number): number {
  for (let k = 0; k < n; k++) if (lu[k * n + k] === 0) return k;
  return -1;
}

/** Replaces b (n x columns) by the solution of A X = b for a triangular A; `unit` takes its diagonal for ones. */
export function solveTriangular(
  a: Float64Array,
  n: number,
  upper: boolean,
  unit: boolean,
  b: Float64Array,
  columns: number,
): void {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const first = upper ? i + 1 : 0;
    const end = upper ? n : i;
    for (let k = first; k < end; k++) {
      const factor = a[i * n + k];
      if (factor !== 0) for (let c = 0; c < columns; c++) b[i * columns + c] -= factor * b[k * columns + c];
    }
    const pivot = a[i * n + i];
    if (!unit) for (let c = 0; c < columns; c++) b[i * columns + c] /= pivot;
  }
}
