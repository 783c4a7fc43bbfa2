import type { TypedArray } from "../../base/dtype.ts";
import type { Matrix } from "../matmul.ts";
import type { Machine } from "./machine.ts";
import { LEFT, LEFT_BYTES, RESULT, RESULT_BYTES } from "./packing.ts";
import { bringRows, bringStrided, STAGE, STAGE_BYTES, takeRows } from "./staging.ts";

// Products in which one operand has so few rows that packing the other one would take longer than the product.

/** Rows from which on packing pays. */
const MANY = 4;

/** As `multiply`, for a left operand of few rows or a right one of one column; false for all others. */
export function multiplyFew(
  machine: Machine,
  heap: Float32Array | Float64Array,
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: TypedArray,
  oo: number,
  add: boolean,
): boolean {
  if (m < MANY) return rowsTimes(machine, heap, m, k, n, a, b, out, oo, add);
  // The transposed product: with one column it lies in memory as the product does.
  return n === 1 && rowsTimes(machine, heap, 1, k, m, turned(b), turned(a), out, oo, add);
}

const turned = ({ values, offset, row, column }: Matrix): Matrix => ({ values, offset, row: column, column: row });

function rowsTimes(
  { exports }: Machine,
  heap: Float32Array | Float64Array,
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: TypedArray,
  oo: number,
  add: boolean,
): boolean {
  const bytes = heap.BYTES_PER_ELEMENT;
  if (m * k * bytes > LEFT_BYTES || m * n * bytes > RESULT_BYTES) return false;
  const room = STAGE_BYTES / bytes;
  const isDouble = bytes === 8;
  if (b.column === 1 && n <= room) {
    start(heap, m, k, n, a);
    const times = isDouble ? exports.vectorTimesRowsf64 : exports.vectorTimesRows;
    const most = Math.floor(room / n);
    for (let p = 0; p < k; p += most) {
      const depth = Math.min(most, k - p);
      bringRows(heap, STAGE / bytes, b.values, b.offset + p * b.row, depth, n, b.row);
      for (let i = 0; i < m; i++) times(LEFT + (i * k + p) * bytes, STAGE, RESULT + i * n * bytes, n, depth);
    }
  } else if (b.row === 1 && k <= room) {
    start(heap, m, k, n, a);
    const dot = isDouble ? exports.vectorDotRowsf64 : exports.vectorDotRows;
    const most = Math.floor(room / k);
    for (let j = 0; j < n; j += most) {
      const columns = Math.min(most, n - j);
      bringRows(heap, STAGE / bytes, b.values, b.offset + j * b.column, columns, k, b.column);
      for (let i = 0; i < m; i++) dot(LEFT + i * k * bytes, STAGE, RESULT + (i * n + j) * bytes, columns, k);
    }
  } else return false;
  takeRows(heap, RESULT / bytes, n, out, oo, n, m, n, add);
  return true;
}

/** Brings the left operand in, and zeros for the result. */
function start(heap: Float32Array | Float64Array, m: number, k: number, n: number, a: Matrix): void {
  const bytes = heap.BYTES_PER_ELEMENT;
  if (a.column === 1) bringRows(heap, LEFT / bytes, a.values, a.offset, m, k, a.row);
  else bringStrided(heap, LEFT / bytes, a.values, a.offset, m, a.row, k, a.column);
  heap.fill(0, RESULT / bytes, RESULT / bytes + m * n);
}
