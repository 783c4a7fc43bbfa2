/**
 * Replaces a symmetric n x n matrix, of which only the lower triangle is read, by its lower Cholesky factor, zeros above.
 * Gives the order of the first leading minor that is not positive, or 0 when all went well.
 */
export function cholesky(a: Float64Array, n: number): number {
  for (let j = 0; j < n; j++) {
    let diagonal = a[j * n + j];
    for (let k = 0; k < j; k++) diagonal -= a[j * n + k] * a[j * n + k];
    if (!(diagonal > 0)) return j + 1;
    const root = Math.sqrt(diagonal);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let total = a[i * n + j];
      for (let k = 0; k < j; k++) total -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = total / root;
    }
    a.fill(0, j * n + j + 1, (j + 1) * n);
  }
  return 0;
}
