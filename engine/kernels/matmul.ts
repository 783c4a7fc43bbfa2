import type { TypedArray } from "../base/dtype.ts";
import { limits, machine } from "./switch.ts";
import { multiplyTogether } from "./threads/product.ts";
import { multiplyBatchesInWasm } from "./wasm/batches.ts";
import { multiply } from "./wasm/product.ts";

/** A matrix in a buffer: element (i, j) lies at offset + i * row + j * column. */
export interface Matrix {
  readonly values: TypedArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/**
 * out[m, n] (dense, from `oo` on) = a[m, k] b[k, n], or is increased by it when `add` is set. The operands may be
 * transposed by their strides. Sums are kept in float64; in WebAssembly, which takes the large ones, in the element type.
 */
export function matmul(
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: TypedArray,
  oo: number,
  add = false,
): void {
  if (m * n * k >= limits.product && m * n >= FEW) {
    const wasm = machine();
    if (wasm !== null && multiplyTogether(wasm, m, k, n, a, b, out, oo, add)) return;
    if (wasm !== null && multiply(wasm, m, k, n, a, b, out, oo, add)) return;
  }
  if (!add) out.fill(0, oo, oo + m * n);
  // A few rows or columns are not worth packing when both operands are read in order anyway.
  const inOrder = (m < TILE || n < TILE) && a.column === 1 && b.row === 1;
  if (inOrder || m * n * k <= SMALL) addRows(m, k, n, a, b, out, oo);
  else addBlocks(m, k, n, a, b, out, oo);
}

/** Writes the products of the matrices at the offsets `ofA` and `ofB`, which otherwise lie as `a` and `b` do, behind one another into `out`. */
export function matmulBatches(
  m: number,
  k: number,
  n: number,
  a: Matrix,
  ofA: ArrayLike<number>,
  b: Matrix,
  ofB: ArrayLike<number>,
  out: TypedArray,
): void {
  if (m * n * k >= limits.product && m * n * k < LARGE && ofA.length > 1) {
    const wasm = machine();
    if (wasm !== null && multiplyBatchesInWasm(wasm, m, k, n, a, ofA, b, ofB, out)) return;
  }
  for (let i = 0; i < ofA.length; i++) {
    matmul(m, k, n, { ...a, offset: ofA[i] }, { ...b, offset: ofB[i] }, out, i * m * n);
  }
}

/** Multiplications from which on bringing the operands in counts for little. */
const LARGE = 2e6;

/** Results for which filling a tile with zeros costs more than it gains. */
const FEW = 8;

/** Multiplications up to which packing costs more than it gains. */
const SMALL = 2048;

/** Element by element: each is a dot product of a row and a column. */
function addRows(m: number, k: number, n: number, a: Matrix, b: Matrix, out: TypedArray, oo: number): void {
  const av = a.values;
  const bv = b.values;
  const { column } = a;
  const { row } = b;
  for (let i = 0, to = oo, ai = a.offset; i < m; i++, ai += a.row) {
    for (let j = 0, bj = b.offset; j < n; j++, bj += b.column) {
      let total = 0;
      for (let p = 0, x = ai, y = bj; p < k; p++, x += column, y += row) total += av[x] * bv[y];
      out[to++] += total;
    }
  }
}

// Blocks that stay in the caches: a panel of b in L2, one of a in L1.
const TILE = 4;
const BLOCK_K = 256;
const BLOCK_M = 64;
const BLOCK_N = 512;
const packedA = new Float64Array(BLOCK_M * BLOCK_K);
const packedB = new Float64Array(BLOCK_K * BLOCK_N);

function addBlocks(m: number, k: number, n: number, a: Matrix, b: Matrix, out: TypedArray, oo: number): void {
  for (let j0 = 0; j0 < n; j0 += BLOCK_N) {
    const columns = Math.min(BLOCK_N, n - j0);
    for (let p0 = 0; p0 < k; p0 += BLOCK_K) {
      const depth = Math.min(BLOCK_K, k - p0);
      pack(packedB, b.values, b.offset + p0 * b.row + j0 * b.column, columns, b.column, depth, b.row);
      for (let i0 = 0; i0 < m; i0 += BLOCK_M) {
        const rows = Math.min(BLOCK_M, m - i0);
        pack(packedA, a.values, a.offset + i0 * a.row + p0 * a.column, rows, a.row, depth, a.column);
        addTiles(rows, columns, depth, out, oo + i0 * n + j0, n);
      }
    }
  }
}

/** Writes `lines` of `depth` elements as strips of four lines each, so that a tile reads both operands in order. */
function pack(
  strips: Float64Array,
  values: TypedArray,
  offset: number,
  lines: number,
  line: number,
  depth: number,
  step: number,
): void {
  let to = 0;
  for (let i = 0; i < lines; i += TILE) {
    const full = Math.min(TILE, lines - i);
    for (let p = 0, from = offset + i * line; p < depth; p++, from += step, to += TILE) {
      if (full === TILE) {
        strips[to] = values[from];
        strips[to + 1] = values[from + line];
        strips[to + 2] = values[from + 2 * line];
        strips[to + 3] = values[from + 3 * line];
      } else for (let q = 0; q < TILE; q++) strips[to + q] = q < full ? values[from + q * line] : 0;
    }
  }
}

const edge = new Float64Array(TILE * TILE);

function addTiles(rows: number, columns: number, depth: number, out: TypedArray, oo: number, n: number): void {
  for (let j = 0; j < columns; j += TILE) {
    const width = Math.min(TILE, columns - j);
    for (let i = 0; i < rows; i += TILE) {
      const height = Math.min(TILE, rows - i);
      const to = oo + i * n + j;
      if (height === TILE && width === TILE) {
        addTile(depth, i * depth, j * depth, out, to, n);
        continue;
      }
      edge.fill(0);
      addTile(depth, i * depth, j * depth, edge, 0, TILE);
      for (let r = 0; r < height; r++) for (let c = 0; c < width; c++) out[to + r * n + c] += edge[r * TILE + c];
    }
  }
}

/** Four rows times four columns with all sixteen sums in registers. */
function addTile(depth: number, ao: number, bo: number, out: TypedArray, oo: number, n: number): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let p = 0, x = ao, y = bo; p < depth; p++, x += TILE, y += TILE) {
    const b0 = packedB[y];
    const b1 = packedB[y + 1];
    const b2 = packedB[y + 2];
    const b3 = packedB[y + 3];
    const a0 = packedA[x];
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    const a1 = packedA[x + 1];
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    const a2 = packedA[x + 2];
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    const a3 = packedA[x + 3];
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  out[oo] += c00;
  out[oo + 1] += c01;
  out[oo + 2] += c02;
  out[oo + 3] += c03;
  const o1 = oo + n;
  out[o1] += c10;
  out[o1 + 1] += c11;
  out[o1 + 2] += c12;
  out[o1 + 3] += c13;
  const o2 = o1 + n;
  out[o2] += c20;
  out[o2 + 1] += c21;
  out[o2 + 2] += c22;
  out[o2 + 3] += c23;
  const o3 = o2 + n;
  out[o3] += c30;
  out[o3 + 1] += c31;
  out[o3 + 2] += c32;
  out[o3 + 3] += c33;
}
