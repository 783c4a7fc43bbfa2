/**
 * Eigenvalues, ascending, and orthonormal eigenvectors (columns of `vectors`) of a symmetric n x n matrix, of which the
 * lower triangle is read: Householder tridiagonalization, then implicit QL, as in EISPACK's tred2 and tql2. Gives false
 * when QL does not converge.
 */
export function symmetricEigen(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) vectors[i * n + j] = vectors[j * n + i] = a[i * n + j];
  }
  const offDiagonal = new Float64Array(n);
  tridiagonalize(vectors, n, values, offDiagonal);
  if (!implicitQl(vectors, n, values, offDiagonal)) return false;
  sortAscending(vectors, n, values);
  return true;
}

/** Leaves the transformation in `v`, the diagonal in `d` and the subdiagonal in `e[1…]`. */
function tridiagonalize(v: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (let i = n - 1; i > 0; i--) reduceRow(v, n, i, d, e);
  for (let i = 0; i < n - 1; i++) accumulateRow(v, n, i, d);
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  if (n > 0) v[n * n - 1] = 1;
  if (n > 0) e[0] = 0;
}

/** Householder step: makes row i zero left of the subdiagonal. */
function reduceRow(v: Float64Array, n: number, i: number, d: Float64Array, e: Float64Array): void {
  let scale = 0;
  for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
  if (scale === 0) {
    e[i] = d[i - 1];
    for (let j = 0; j < i; j++) {
      d[j] = v[(i - 1) * n + j];
      v[i * n + j] = 0;
      v[j * n + i] = 0;
    }
    d[i] = 0;
    return;
  }
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  const f = d[i - 1];
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  applyReflection(v, n, i, d, e, h);
  d[i] = h;
}

/** Applies the similarity transformation with vector d / h to the remaining columns. */
function applyReflection(v: Float64Array, n: number, i: number, d: Float64Array, e: Float64Array, h: number): void {
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const f = d[j];
    v[j * n + i] = f;
    let g = e[j] + v[j * n + j] * f;
    for (let k = j + 1; k < i; k++) {
      g += v[k * n + j] * d[k];
      e[k] += v[k * n + j] * f;
    }
    e[j] = g;
  }
  let f = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    f += e[j] * d[j];
  }
  const half = f / (h + h);
  for (let j = 0; j < i; j++) e[j] -= half * d[j];
  for (let j = 0; j < i; j++) {
    for (let k = j; k < i; k++) v[k * n + j] -= d[j] * e[k] + e[j] * d[k];
    d[j] = v[(i - 1) * n + j];
    v[i * n + j] = 0;
  }
}

/** Multiplies the transformations together, smallest first. */
function accumulateRow(v: Float64Array, n: number, i: number, d: Float64Array): void {
  v[(n - 1) * n + i] = v[i * n + i];
  v[i * n + i] = 1;
  const h = d[i + 1];
  if (h !== 0) {
    for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
    for (let j = 0; j <= i; j++) {
      let g = 0;
      for (let k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
      for (let k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
    }
  }
  for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
}

const MAX_SWEEPS = 60;

/** Diagonalizes the tridiagonal matrix by implicit QL steps with shifts. */
function implicitQl(v: Float64Array, n: number, d: Float64Array, e: Float64Array): boolean {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  if (n > 0) e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * largest) m++;
    for (let sweep = 0; m > l && Math.abs(e[l]) > Number.EPSILON * largest; sweep++) {
      if (sweep === MAX_SWEEPS) return false;
      shift += qlStep(v, n, d, e, l, m);
    }
    d[l] += shift;
    e[l] = 0;
  }
  return true;
}

/** One implicit QL step on rows l to m; gives by how much it shifted the diagonal. */
function qlStep(v: Float64Array, n: number, d: Float64Array, e: Float64Array, l: number, m: number): number {
  const g = d[l];
  let p = (d[l + 1] - g) / (2 * e[l]);
  let r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
  d[l] = e[l] / (p + r);
  d[l + 1] = e[l] * (p + r);
  const next = d[l + 1];
  const h = g - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= h;
  p = d[m];
  let c = 1;
  let c2 = 1;
  let c3 = 1;
  let s = 0;
  let s2 = 0;
  const second = e[l + 1];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const scaled = c * e[i];
    const across = c * p;
    r = Math.hypot(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * scaled;
    d[i + 1] = across + s * (c * scaled + s * d[i]);
    rotateColumns(v, n, i, c, s);
  }
  p = (-s * s2 * c3 * second * e[l]) / next;
  e[l] = s * p;
  d[l] = c * p;
  return h;
}

function rotateColumns(v: Float64Array, n: number, i: number, c: number, s: number): void {
  for (let k = 0, at = i; k < n; k++, at += n) {
    const right = v[at + 1];
    v[at + 1] = s * v[at] + c * right;
    v[at] = c * v[at] - s * right;
  }
}

function sortAscending(v: Float64Array, n: number, d: Float64Array): void {
  for (let i = 0; i < n - 1; i++) {
    let smallest = i;
    for (let j = i + 1; j < n; j++) if (d[j] < d[smallest]) smallest = j;
    if (smallest === i) continue;
    [d[i], d[smallest]] = [d[smallest], d[i]];
    for (let k = 0; k < n; k++) {
      const kept = v[k * n + i];
      v[k * n + i] = v[k * n + smallest];
      v[k * n + smallest] = kept;
    }
  }
}
