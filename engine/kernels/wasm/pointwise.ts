import type { TypedArray } from "../../base/dtype.ts";
import type { Operand } from "../operand.ts";
import { machine } from "../switch.ts";
import { curveTogether } from "../threads/curve.ts";
import { BLOCK, curve, FIRST } from "./curve.ts";
import { BLOCKS, type Machine, type PairName, type UnaryName } from "./machine.ts";

// Functions of single elements, by blocks that fit the first-level cache with all that belongs to them.

const SECOND = FIRST + BLOCK;

/** Runs a function of one number on float32; false when it can't be done here. */
export function unaryInWasm(name: UnaryName, x: Operand, out: Operand, p = 0, q = 0, r = 0): boolean {
  if (x.dtype !== "float32" || out.dtype !== "float32") return false;
  const wasm = machine();
  if (wasm === null) return false;
  const { elements: n } = x;
  const from = x.storage.values;
  const to = out.storage.values;
  if (curveTogether(wasm, name, from, x.offset, to, out.offset, n, p, q, r)) return true;
  curve(wasm, name, from, x.offset, to, out.offset, n, p, q, r);
  return true;
}

/**
 * Runs a function of two numbers on a grid of rows and columns, as the loops of `broadcasting` do; false when it can't be
 * done here. An operand whose steps are both 0 may be of any type.
 */
export function pairsInWasm(
  name: PairName,
  rows: number,
  columns: number,
  a: TypedArray,
  ao: number,
  ar: number,
  ac: number,
  b: TypedArray,
  bo: number,
  br: number,
  bc: number,
  out: TypedArray,
  oo: number,
  numbers: readonly number[],
): boolean {
  if (!(out instanceof Float32Array)) return false;
  if (!fits(a, ar, ac) || !fits(b, br, bc)) return false;
  const wasm = machine();
  if (wasm === null) return false;
  // Whole rows together, or parts of one row.
  const height = columns < BLOCK ? Math.min(rows, Math.floor(BLOCK / columns)) : 1;
  const width = columns < BLOCK ? columns : BLOCK;
  // What is the same in every block is brought in once; the left one is overwritten by the result.
  const bStays = br === 0 && (bc === 0 || width === columns);
  if (bStays) bring(wasm, SECOND, b, bo, br, bc, height, width);
  const kernel = wasm.exports[name];
  const { f32 } = wasm;
  const [p = 0, q = 0, r = 0] = numbers;
  for (let row = 0; row < rows; row += height) {
    const high = rows - row < height ? rows - row : height;
    for (let column = 0; column < columns; column += width) {
      const wide = columns - column < width ? columns - column : width;
      bring(wasm, FIRST, a, ao + row * ar + column * ac, ar, ac, high, wide);
      if (!bStays) bring(wasm, SECOND, b, bo + row * br + column * bc, br, bc, high, wide);
      kernel(BLOCKS, BLOCKS + BLOCK * 4, high * wide, p, q, r);
      out.set(f32.subarray(FIRST, FIRST + high * wide), oo + row * columns + column);
    }
  }
  return true;
}

const fits = (values: TypedArray, row: number, column: number): boolean =>
  values instanceof Float32Array || (row === 0 && column === 0);

/** Writes a part of a grid into the memory, row by row. */
function bring(
  { f32 }: Machine,
  to: number,
  values: TypedArray,
  from: number,
  row: number,
  column: number,
  rows: number,
  columns: number,
): void {
  if (column === 1 && (row === columns || rows === 1)) f32.set(values.subarray(from, from + rows * columns), to);
  else if (column === 0 && (row === 0 || rows === 1)) f32.fill(values[from], to, to + rows * columns);
  else if (row === 0) {
    bringRow(f32, to, values, from, column, columns);
    repeatRow(f32, to, rows, columns);
  } else for (let i = 0; i < rows; i++) bringRow(f32, to + i * columns, values, from + i * row, column, columns);
}

function bringRow(f32: Float32Array, to: number, values: TypedArray, from: number, step: number, n: number): void {
  if (n < 48) for (let i = 0, at = from; i < n; i++, at += step) f32[to + i] = values[at];
  else if (step === 1) f32.set(values.subarray(from, from + n), to);
  else if (step === 0) f32.fill(values[from], to, to + n);
  else for (let i = 0, at = from; i < n; i++, at += step) f32[to + i] = values[at];
}

/** Fills the other rows with copies of the first, twice as many each time. */
function repeatRow(f32: Float32Array, to: number, rows: number, columns: number): void {
  const end = rows * columns;
  for (let done = columns; done < end; done *= 2) f32.copyWithin(to + done, to, to + Math.min(done, end - done));
}
