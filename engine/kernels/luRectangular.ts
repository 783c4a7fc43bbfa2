/**
 * Replaces a row-major m x n matrix by its factors L (unit diagonal, below) and U without any exchange of rows. A zero
 * pivot leaves infinities and NaN, as dividing by it does.
 */
export function eliminate(a: Float64Array, m: number, n: number): void {
  for (let k = 0; k < Math.min(m, n); k++) {
    for (let i = k + 1; i < m; i++) {
      const factor = a[i * n + k] / a[k * n + k];
      a[i * n + k] = factor;
      for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
}

/** The exchanges of rows by which elimination with partial pivoting goes: row k with row `pivots[k]`, in order of k. */
export function partialPivots(a: Float64Array, m: number, n: number, pivots: Int32Array): void {
  for (let k = 0; k < Math.min(m, n); k++) {
    let best = k;
    for (let i = k + 1; i < m; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[best * n + k])) best = i;
    pivots[k] = best;
    for (let j = 0; j < n; j++) [a[k * n + j], a[best * n + j]] = [a[best * n + j], a[k * n + j]];
    if (a[k * n + k] === 0) continue;
    for (let i = k + 1; i < m; i++) {
      const factor = a[i * n + k] / a[k * n + k];
      for (let j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
}
