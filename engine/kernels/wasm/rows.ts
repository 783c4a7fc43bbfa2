import type { TypedArray } from "../../base/dtype.ts";
import { machine } from "../switch.ts";
import { BLOCKS, type Machine } from "./machine.ts";

// Kernels that work on whole rows bring several in at once: two operands, vectors of a number per column, and float64
// statistics of a number per row.

/** Elements of a block; a single row may be longer. */
const BLOCK = 8192;
/** The longest row. */
const LONGEST = 1 << 16;
export const X = BLOCKS;
export const Y = X + LONGEST * 4;
const VECTORS = Y + LONGEST * 4;
/** Float64 sums, one per column. */
export const COLUMNS = VECTORS + 2 * LONGEST * 4;
const STATISTICS = COLUMNS + LONGEST * 8;

/** The address of vector `i`, of a number per column. */
export const vectorAt = (i: 0 | 1): number => VECTORS + i * LONGEST * 4;

/** The address of statistic `i`, of one or, for the last, two numbers per row. */
export const statisticAt = (i: number): number => STATISTICS + i * BLOCK * 8;

/** The machine when rows of `n` elements of these buffers can be worked on in it, else null. */
export function machineForRows(n: number, ...buffers: readonly TypedArray[]): Machine | null {
  return n <= LONGEST && buffers.every((values) => values instanceof Float32Array) ? machine() : null;
}

/** Calls `work` for blocks of whole rows, until all are done. */
export function byRows(rows: number, n: number, work: (first: number, count: number) => void): void {
  const most = Math.max(1, Math.floor(BLOCK / n));
  for (let row = 0; row < rows; row += most) work(row, Math.min(most, rows - row));
}

/** Copies elements into the memory at an address. */
export function bring({ f32 }: Machine, address: number, values: TypedArray, from: number, count: number): void {
  f32.set(values.subarray(from, from + count), address / 4);
}

export function take({ f32 }: Machine, address: number, out: TypedArray, to: number, count: number): void {
  out.set(f32.subarray(address / 4, address / 4 + count), to);
}

/** Brings `count` statistics, from row `first` on. */
export function bringStatistic(
  { f64 }: Machine,
  i: number,
  values: ArrayLike<number>,
  first: number,
  count: number,
): void {
  const at = statisticAt(i) / 8;
  for (let row = 0; row < count; row++) f64[at + row] = values[first + row];
}

/** Writes statistics of rows from `first` on, by a function of the row. */
export function setStatistic({ f64 }: Machine, i: number, count: number, of: (row: number) => number): void {
  const at = statisticAt(i) / 8;
  for (let row = 0; row < count; row++) f64[at + row] = of(row);
}
