import { qr } from "./qr.ts";

/** Row-major factors: U m x m or m x k, S k descending, Vᵀ n x n or k x n, with k = min(m, n). */
export interface Svd {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly vt: Float64Array;
}

/** Singular value decomposition of a row-major m x n matrix; `full` asks for square U and Vᵀ. */
export function svd(a: Float64Array, m: number, n: number, full: boolean): Svd {
  if (m < n) {
    const { u, s, vt } = svd(transposed(a, m, n), n, m, full);
    const wide = full ? n : m;
    return { u: transposed(vt, m, m), s, vt: transposed(u, n, wide) };
  }
  const { columns, v } = rotateToOrthogonal(transposed(a, m, n), m, n);
  const s = new Float64Array(n);
  for (let j = 0; j < n; j++) s[j] = norm(columns, j * m, m);
  const order = Array.from(s.keys()).sort((i, j) => s[j] - s[i]);
  const sorted = Float64Array.from(order, (j) => s[j]);
  return { u: leftVectors(columns, order, s, m, full ? m : n), s: sorted, vt: rowsInOrder(v, order, n) };
}

function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}

function norm(x: Float64Array, at: number, n: number): number {
  let largest = 0;
  for (let i = at; i < at + n; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let total = 0;
  for (let i = at; i < at + n; i++) total += (x[i] / largest) ** 2;
  return largest * Math.sqrt(total);
}

const MAX_SWEEPS = 60;

/**
 * One-sided Jacobi: rotates pairs of columns (here rows of `columns`, n of m elements) until all are orthogonal, and the
 * rows of `v` along. Accurate for small singular values too.
 */
function rotateToOrthogonal(columns: Float64Array, m: number, n: number): { columns: Float64Array; v: Float64Array } {
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) if (rotatePair(columns, m, v, n, p, q)) rotated = true;
    }
    if (!rotated) break;
  }
  return { columns, v };
}

function rotatePair(columns: Float64Array, m: number, v: Float64Array, n: number, p: number, q: number): boolean {
  let alpha = 0;
  let beta = 0;
  let gamma = 0;
  for (let i = 0, x = p * m, y = q * m; i < m; i++, x++, y++) {
    alpha += columns[x] * columns[x];
    beta += columns[y] * columns[y];
    gamma += columns[x] * columns[y];
  }
  if (!(Math.abs(gamma) > 1e-16 * Math.sqrt(alpha * beta))) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  rotateRows(columns, m, p, q, c, c * t);
  rotateRows(v, n, p, q, c, c * t);
  return true;
}

function rotateRows(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0, x = p * n, y = q * n; i < n; i++, x++, y++) {
    const first = a[x];
    a[x] = c * first - s * a[y];
    a[y] = s * first + c * a[y];
  }
}

/** Columns over their norms; where the norm is 0, and beyond the rank, any orthonormal complement, found by QR. */
function leftVectors(
  columns: Float64Array,
  order: readonly number[],
  s: Float64Array,
  m: number,
  width: number,
): Float64Array {
  const u = new Float64Array(m * width);
  const tiny = Number.EPSILON * m * s[order[0] ?? 0];
  let rank = 0;
  order.forEach((j, k) => {
    if (s[j] <= tiny) return;
    rank = k + 1;
    for (let i = 0; i < m; i++) u[i * width + k] = columns[j * m + i] / s[j];
  });
  if (rank < width) complete(u, m, width, rank);
  return u;
}

/** Fills columns from `rank` on with vectors orthonormal to those before them. */
function complete(u: Float64Array, m: number, width: number, rank: number): void {
  const known = new Float64Array(m * rank);
  for (let i = 0; i < m; i++) for (let k = 0; k < rank; k++) known[i * rank + k] = u[i * width + k];
  const q = new Float64Array(m * width);
  qr(known, m, rank, q, width);
  for (let i = 0; i < m; i++) for (let k = rank; k < width; k++) u[i * width + k] = q[i * width + k];
}

function rowsInOrder(v: Float64Array, order: readonly number[], n: number): Float64Array {
  const out = new Float64Array(n * n);
  order.forEach((from, to) => {
    out.set(v.subarray(from * n, (from + 1) * n), to * n);
  });
  return out;
}
