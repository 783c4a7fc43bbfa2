import type { TypedArray } from "../../base/dtype.ts";
import type { Matrix } from "../matmul.ts";
import type { Machine } from "./machine.ts";
import {
  AFTER_RESULT,
  DEPTH,
  LEFT_BYTES,
  packLeftFrom,
  packRightFrom,
  RESULT,
  RESULT_BYTES,
  RIGHT_BYTES,
} from "./packing.ts";
import { multiplyBlock } from "./product.ts";
import { heapFor, takeRows } from "./staging.ts";
import { chooseTile } from "./tile.ts";

// Products of many small matrices, such as the heads of attention. To bring each in by itself would take longer than to
// multiply it: rows are short, and far apart where heads lie side by side. So a piece of memory that has several of them
// in it is brought in as it is, and they are packed from there.

const PIECE_BYTES = 256 * 1024;
const LEFT_PIECE = AFTER_RESULT;
const RIGHT_PIECE = LEFT_PIECE + PIECE_BYTES;
/** Bytes of results that are taken out at once. */
const TAKEN_BYTES = 128 * 1024;
/** A piece of which less than one in so many elements is wanted takes longer to bring than those elements do one by one. */
const SPARSEST = 8;

/**
 * Writes the products of the matrices at the offsets `ofA` and `ofB`, which otherwise lie as `a` and `b` do, behind one
 * another into `out`; false when they are too large, or not to be done here. The numbers are those of `multiply`.
 */
export function multiplyBatchesInWasm(
  machine: Machine,
  m: number,
  k: number,
  n: number,
  a: Matrix,
  ofA: ArrayLike<number>,
  b: Matrix,
  ofB: ArrayLike<number>,
  out: TypedArray,
): boolean {
  const heap = heapFor(machine, out);
  if (heap === null || heapFor(machine, a.values) !== heap || heapFor(machine, b.values) !== heap) return false;
  const bytes = heap.BYTES_PER_ELEMENT;
  // Few rows or one column would be summed in another order.
  if (m < 4 || n === 1 || k > DEPTH) return false;
  if ((m + 8) * k * bytes > LEFT_BYTES || (n + 8) * k * bytes > RIGHT_BYTES) return false;
  const row = Math.ceil(n / 8) * 8;
  const most = Math.floor(TAKEN_BYTES / bytes / m / row);
  if (most === 0 || (m + 8) * row * bytes + TAKEN_BYTES > RESULT_BYTES) return false;
  const left = piece(heap, a, m, k, ofA, LEFT_PIECE);
  const right = piece(heap, b, k, n, ofB, RIGHT_PIECE);
  if (left === null || right === null) return false;
  const count = ofA.length;
  const tile = chooseTile(machine, heap, m, m * k * n * count);
  const width = Math.ceil(n / tile.width) * tile.width;
  const passes = [k];
  for (let first = 0; first < count; first += most) {
    const end = Math.min(count, first + most);
    for (let i = first; i < end; i++) {
      packLeftFrom(tile, left.addressOf(i), a.column !== 1, a.column === 1 ? a.row : a.column, k, m);
      // One matrix for all, or for several in a row, is packed once.
      if (i === 0 || ofB[i] !== ofB[i - 1]) {
        packRightFrom(tile, right.addressOf(i), b.column !== 1, b.column === 1 ? b.row : b.column, passes, n);
      }
      // What a tile writes below the last row, the next product overwrites.
      multiplyBlock(tile, passes, m, 0, m, n, RESULT + (i - first) * m * width * bytes, true);
    }
    takeRows(heap, RESULT / bytes, width, out, first * m * n, n, (end - first) * m, n, false);
  }
  return true;
}

interface Piece {
  /** The address of matrix `i`, which is brought in when it is not there. In order of `i`. */
  addressOf(i: number): number;
}

/** Brings matrices of `rows` and `columns` in by pieces; null when that does not pay, or not even one fits. */
function piece(
  heap: Float32Array | Float64Array,
  { values, row, column }: Matrix,
  rows: number,
  columns: number,
  offsets: ArrayLike<number>,
  to: number,
): Piece | null {
  const bytes = heap.BYTES_PER_ELEMENT;
  const room = PIECE_BYTES / bytes;
  const span = (rows - 1) * row + (columns - 1) * column + 1;
  if ((row !== 1 && column !== 1) || span > room) return null;
  /** The end of a piece that begins with matrix `i`, and which matrix is the first that is not in it. */
  const pieceFrom = (i: number): { readonly end: number; readonly next: number } => {
    const start = offsets[i];
    let end = start + span;
    let next = i + 1;
    for (; next < offsets.length; next++) {
      const at = offsets[next];
      if (at < start || at + span > start + room) break;
      end = Math.max(end, at + span);
    }
    return { end, next };
  };
  const whole = pieceFrom(0);
  if (whole.end - offsets[0] > SPARSEST * whole.next * rows * columns) return null;
  let start = 0;
  let next = 0;
  return {
    addressOf(i) {
      if (i >= next) {
        start = offsets[i];
        const found = pieceFrom(i);
        next = found.next;
        heap.set(values.subarray(start, found.end), to / bytes);
      }
      return to + (offsets[i] - start) * bytes;
    },
  };
}
