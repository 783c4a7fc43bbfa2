import type { TypedArray } from "../../base/dtype.ts";
import type { Matrix } from "../matmul.ts";
import { multiplyFew } from "./fewRows.ts";
import type { Machine } from "./machine.ts";
import { LEFT, LEFT_BYTES, packLeft, packRight, passesOf, RESULT, RIGHT, RIGHT_BYTES } from "./packing.ts";
import { heapFor, takeRows } from "./staging.ts";
import { chooseTile, type Tile } from "./tile.ts";

// Products of matrices by blocks, after Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008):
// a strip of b stays in the first-level cache, a block of a in the second-level one.

/** Rows of a block of the result; whole tiles of either height. */
export const ROWS = 96;
/** Columns of a block of the result. */
export const COLUMNS = 2048;
/** How far operands are packed at once. */
const DEPTH_BYTES = 8192;

/**
 * As `matmul`, with rows of the result `outRow` apart; false when the element types are not for it. Sums are kept in the type
 * of the elements.
 */
export function multiply(
  machine: Machine,
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: TypedArray,
  oo: number,
  add: boolean,
  outRow = n,
): boolean {
  const heap = heapFor(machine, out);
  if (heap === null || heapFor(machine, a.values) !== heap || heapFor(machine, b.values) !== heap) return false;
  if (outRow === n && multiplyFew(machine, heap, m, k, n, a, b, out, oo, add)) return true;
  const tile = chooseTile(machine, heap, m, m * k * n);
  const { bytes, width } = tile;
  const deepest = DEPTH_BYTES / bytes;
  for (let p0 = 0; p0 < k; p0 += deepest) {
    const depth = Math.min(deepest, k - p0);
    const passes = passesOf(depth);
    const widest = Math.min(COLUMNS, Math.floor(RIGHT_BYTES / bytes / depth / width) * width);
    for (let j0 = 0; j0 < n; j0 += widest) {
      const columns = Math.min(widest, n - j0);
      packRight(tile, b, p0, passes, j0, columns);
      multiplyRows(tile, a, p0, depth, passes, m, columns, out, oo + j0, outRow, add || p0 > 0);
    }
  }
  return true;
}

/** Goes through the rows of `a` in blocks, with the packed columns as they are. */
function multiplyRows(
  tile: Tile,
  a: Matrix,
  p0: number,
  depth: number,
  passes: readonly number[],
  m: number,
  columns: number,
  out: TypedArray,
  oo: number,
  outRow: number,
  add: boolean,
): void {
  const { bytes, width, heap } = tile;
  const most = Math.floor(LEFT_BYTES / bytes / depth / ROWS) * ROWS;
  const row = Math.ceil(columns / width) * width;
  for (let i0 = 0; i0 < m; i0 += most) {
    const rows = Math.min(most, m - i0);
    packLeft(tile, a, i0, rows, p0, passes);
    for (let i = 0; i < rows; i += ROWS) {
      const count = Math.min(ROWS, rows - i);
      multiplyBlock(tile, passes, rows, i, count, columns, RESULT, true);
      takeRows(heap, RESULT / bytes, row, out, oo + (i0 + i) * outRow, outRow, count, columns, add);
    }
  }
}

/**
 * Multiplies `count` of the `rows` packed rows, from row `i` on, with all packed columns; writes the product to an address,
 * or adds it to what stands there, in rows of whole tiles.
 */
export function multiplyBlock(
  { bytes, height, width, multiply: multiplyTiles }: Tile,
  passes: readonly number[],
  rows: number,
  i: number,
  count: number,
  columns: number,
  to: number,
  fresh: boolean,
): void {
  const lines = Math.ceil(count / height);
  const strips = Math.ceil(columns / width);
  const row = strips * width * bytes;
  let left = LEFT;
  let right = RIGHT;
  let first = fresh;
  for (const depth of passes) {
    multiplyTiles(left + i * depth * bytes, right, to, row, lines, strips, depth, first ? 1 : 0);
    left += Math.ceil(rows / height) * height * depth * bytes;
    right += row * depth;
    first = false;
  }
}
