import type { TypedArray } from "../../base/dtype.ts";
import type { Matrix } from "../matmul.ts";
import { ZEROS } from "./machine.ts";
import { bringRows, bringStrided, STAGE, STAGE_BYTES } from "./staging.ts";
import type { Tile } from "./tile.ts";

// Operands are packed into strips on their way into the memory: all strips of one pass through the depth, then those of the
// next pass.

export const LEFT = STAGE + STAGE_BYTES;
export const LEFT_BYTES = 1 << 20;
export const RIGHT = LEFT + LEFT_BYTES;
export const RIGHT_BYTES = 4 << 20;
/** Where products come out. */
export const RESULT = RIGHT + RIGHT_BYTES;
export const RESULT_BYTES = 1 << 20;
/** Free for those who use products. */
export const AFTER_RESULT = RESULT + RESULT_BYTES;

/** How far a tile sums before its sums go to the result: strips of both operands fit the first-level cache together. */
export const DEPTH = 384;

/** The depth in equal passes. */
export function passesOf(depth: number): readonly number[] {
  if (depth <= DEPTH) return [depth];
  const count = Math.ceil(depth / DEPTH);
  const each = Math.ceil(depth / count / 4) * 4;
  return Array.from({ length: count }, (_, i) => Math.min(each, depth - i * each));
}

/** Bytes that are brought in at once to be packed, unless a strip has more: they stay in the first-level cache for that. */
const PIECE = 24 * 1024;

const ceilTo = (n: number, step: number): number => Math.ceil(n / step) * step;

/** Packs `rows` rows of `a` from row `i0` and depth `p0` on. */
export function packLeft(tile: Tile, a: Matrix, i0: number, rows: number, p0: number, passes: readonly number[]): void {
  const { height, packAcrossLeft, packAlongLeft } = tile;
  const from = a.offset + i0 * a.row + p0 * a.column;
  pack(tile, packAcrossLeft, packAlongLeft, height, a.values, from, rows, a.row, a.column, passes, LEFT);
}

/** Packs `columns` columns of `b` from column `j0` and depth `p0` on. */
export function packRight(
  tile: Tile,
  b: Matrix,
  p0: number,
  passes: readonly number[],
  j0: number,
  columns: number,
): void {
  const { width, packAcrossRight, packAlongRight } = tile;
  const from = b.offset + p0 * b.row + j0 * b.column;
  pack(tile, packAcrossRight, packAlongRight, width, b.values, from, columns, b.column, b.row, passes, RIGHT);
}

/** The same for an operand that is in the memory already, at an address, row-major or, when `turned`, column-major, `line` elements apart. */
export function packRightFrom(
  { width, bytes, packAcrossRight, packAlongRight }: Tile,
  address: number,
  turned: boolean,
  line: number,
  passes: readonly number[],
  columns: number,
): void {
  let to = RIGHT;
  let from = address;
  for (const depth of passes) {
    const strip = width * depth * bytes;
    if (turned) packAlongRight(from, to, columns, depth, line * bytes, strip, ZEROS);
    else packAcrossRight(from, to, columns, depth, line * bytes, strip);
    to += ceilTo(columns, width) * depth * bytes;
    from += depth * (turned ? 1 : line) * bytes;
  }
}

/** The same for a left operand of one pass, row-major or, when `turned`, column-major. */
export function packLeftFrom(
  { height, bytes, packAcrossLeft, packAlongLeft }: Tile,
  address: number,
  turned: boolean,
  line: number,
  depth: number,
  rows: number,
): void {
  const strip = height * depth * bytes;
  if (turned) packAcrossLeft(address, LEFT, rows, depth, line * bytes, strip);
  else packAlongLeft(address, LEFT, rows, depth, line * bytes, strip, ZEROS);
}

/** Brings `lines` lines in, by pieces, and packs each piece into strips at `to`. */
function pack(
  tile: Tile,
  across: Tile["multiply"],
  along: Tile["multiply"],
  width: number,
  values: TypedArray,
  from: number,
  lines: number,
  line: number,
  step: number,
  passes: readonly number[],
  to: number,
): void {
  if (line === 1 && step !== 1) packSides(tile, across, width, values, from, lines, step, passes, to);
  else packLines(tile, along, width, values, from, lines, line, step, passes, to);
}

/** Packs lines that lie side by side: all of them, a part of the depth at once. */
function packSides(
  { heap, bytes }: Tile,
  across: Tile["multiply"],
  width: number,
  values: TypedArray,
  from: number,
  lines: number,
  step: number,
  passes: readonly number[],
  to: number,
): void {
  const most = Math.max(1, Math.floor(PIECE / bytes / lines));
  let at = from;
  let pass = to;
  for (const depth of passes) {
    for (let p = 0; p < depth; p += most) {
      const count = Math.min(most, depth - p);
      bringRows(heap, STAGE / bytes, values, at + p * step, count, lines, step);
      across(STAGE, pass + p * width * bytes, lines, count, lines * bytes, width * depth * bytes);
    }
    at += depth * step;
    pass += ceilTo(lines, width) * depth * bytes;
  }
}

/** Packs lines along the depth: some lines at once, with all of the depth. */
function packLines(
  { heap, bytes }: Tile,
  along: Tile["multiply"],
  width: number,
  values: TypedArray,
  from: number,
  lines: number,
  line: number,
  step: number,
  passes: readonly number[],
  to: number,
): void {
  const whole = passes.reduce((sum, depth) => sum + depth, 0);
  const most = Math.max(1, Math.floor(PIECE / bytes / whole / width)) * width;
  for (let i = 0; i < lines; i += most) {
    const count = Math.min(most, lines - i);
    const at = from + i * line;
    if (step === 1) bringRows(heap, STAGE / bytes, values, at, count, whole, line);
    else bringStrided(heap, STAGE / bytes, values, at, count, line, whole, step);
    let staged = STAGE;
    let pass = to;
    for (const depth of passes) {
      const strip = width * depth * bytes;
      along(staged, pass + (i / width) * strip, count, depth, whole * bytes, strip, ZEROS);
      staged += depth * bytes;
      pass += ceilTo(lines, width) * depth * bytes;
    }
  }
}
