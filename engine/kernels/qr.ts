/**
 * Replaces the row-major m x n matrix by R (zeros below the diagonal) and writes the m x columns matrix of Q's first
 * columns, by Householder reflections; signs are LAPACK's.
 */
export function qr(a: Float64Array, m: number, n: number, q: Float64Array, columns: number): void {
  const steps = Math.min(m - 1, n);
  const reflections: { readonly v: Float64Array; readonly tau: number }[] = [];
  for (let k = 0; k < steps; k++) reflections.push(eliminate(a, m, n, k));
  q.fill(0);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  for (let k = steps - 1; k >= 0; k--) reflect(q, m, columns, k, 0, reflections[k].v, reflections[k].tau);
}

/** The same as LAPACK keeps it: replaces the matrix by R with the reflections' vectors below the diagonal, and gives their factors. */
export function reflections(a: Float64Array, m: number, n: number): Float64Array {
  const factors = new Float64Array(Math.min(m, n));
  for (let k = 0; k < Math.min(m - 1, n); k++) {
    const { v, tau } = eliminate(a, m, n, k);
    factors[k] = tau;
    if (tau !== 0) for (let i = 1; i < v.length; i++) a[(k + i) * n + k] = v[i];
  }
  return factors;
}

/** Makes column k zero below the diagonal; gives the reflection I − tau v vᵀ that does it. */
function eliminate(a: Float64Array, m: number, n: number, k: number): { v: Float64Array; tau: number } {
  const v = new Float64Array(m - k);
  let below = 0;
  for (let i = k; i < m; i++) v[i - k] = a[i * n + k];
  for (let i = 1; i < v.length; i++) below = Math.hypot(below, v[i]);
  if (below === 0) return { v, tau: 0 };
  const alpha = v[0];
  const beta = alpha > 0 ? -Math.hypot(alpha, below) : Math.hypot(alpha, below);
  for (let i = 1; i < v.length; i++) v[i] /= alpha - beta;
  v[0] = 1;
  const tau = (beta - alpha) / beta;
  reflect(a, m, n, k, k, v, tau);
  for (let i = k + 1; i < m; i++) a[i * n + k] = 0;
  return { v, tau };
}

/** Applies I − tau v vᵀ to rows from `row` on, columns from `column` on. */
function reflect(
  a: Float64Array,
  m: number,
  n: number,
  row: number,
  column: number,
  v: Float64Array,
  tau: number,
): void {
  if (tau === 0) return;
  for (let j = column; j < n; j++) {
    let total = 0;
    for (let i = row; i < m; i++) total += v[i - row] * a[i * n + j];
    total *= tau;
    for (let i = row; i < m; i++) a[i * n + j] -= total * v[i - row];
  }
}
