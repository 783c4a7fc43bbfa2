import type { TypedArray } from "../../base/dtype.ts";
import type { Block } from "../block.ts";
import { machine } from "../switch.ts";
import { BLOCKS, type Machine } from "./machine.ts";
import { bringRows } from "./staging.ts";

/** Elements that are summed at once. */
const BLOCK = 8192;
const VALUES = BLOCKS / 4;
/** Where sums of rows or columns come out, as float64. */
const SUMS = BLOCKS + BLOCK * 4;

/** Sums float32 along a block into [outer, inner]; false when it can't be done here. */
export function sumInWasm(x: Block, out: TypedArray): boolean {
  if (!(x.values instanceof Float32Array)) return false;
  const wasm = machine();
  if (wasm === null) return false;
  if (x.inner > 1) sumColumns(wasm, x, out);
  else if (x.n > BLOCK) for (let o = 0; o < x.outer; o++) out[o] = sumLong(wasm, x.values, x.offset + o * x.n, x.n);
  else sumShort(wasm, x, out);
  return true;
}

function sumLong({ f32, exports }: Machine, values: TypedArray, from: number, n: number): number {
  let total = 0;
  for (let i = 0; i < n; i += BLOCK) {
    const count = Math.min(BLOCK, n - i);
    f32.set(values.subarray(from + i, from + i + count), VALUES);
    total += exports.sum(BLOCKS, count);
  }
  return total;
}

/** Sum of the squares of `n` neighbours. */
export function squaresInWasm({ f32, exports }: Machine, values: TypedArray, from: number, n: number): number {
  let total = 0;
  for (let i = 0; i < n; i += BLOCK) {
    const count = Math.min(BLOCK, n - i);
    f32.set(values.subarray(from + i, from + i + count), VALUES);
    total += exports.sumOfSquares(BLOCKS, count);
  }
  return total;
}

/** As many rows at once as fit. */
function sumShort({ f32, f64, exports }: Machine, { values, offset, outer, n }: Block, out: TypedArray): void {
  const most = Math.floor(BLOCK / n);
  for (let o = 0; o < outer; o += most) {
    const rows = Math.min(most, outer - o);
    f32.set(values.subarray(offset + o * n, offset + (o + rows) * n), VALUES);
    exports.sumRows(BLOCKS, rows, n, SUMS);
    for (let i = 0; i < rows; i++) out[o + i] = f64[SUMS / 8 + i];
  }
}

/** Columns side by side, in groups that fit. */
function sumColumns({ f32, f64, exports }: Machine, { values, offset, outer, n, inner }: Block, out: TypedArray): void {
  const wide = Math.min(inner, BLOCK / 8);
  const most = Math.floor(BLOCK / wide);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c += wide) {
      const columns = Math.min(wide, inner - c);
      f64.fill(0, SUMS / 8, SUMS / 8 + columns);
      for (let k = 0; k < n; k += most) {
        const rows = Math.min(most, n - k);
        bringRows(f32, VALUES, values, offset + (o * n + k) * inner + c, rows, columns, inner);
        exports.addRows(BLOCKS, rows, columns, SUMS);
      }
      for (let i = 0; i < columns; i++) out[o * inner + c + i] = f64[SUMS / 8 + i];
    }
  }
}
