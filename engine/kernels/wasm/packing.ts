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
const DEPTH = 384;

/** The depth in equal passes. */
export function passesOf(depth: number): readonly number[] {
  if (depth <= DEPTH) return [depth];
  const count = Math.ceil(depth / DEPTH);
  const each = Math.ceil(depth / count / 4) * 4;
  return Array.from({ length: count }, (_, i) => Math.min(each, depth - i * each));
}

const ceilTo = (n: number, step: number): number => Math.ceil(n / step) * step;

/** Packs `rows` rows of `a` from row `i0` and depth `p0` on. */
export function packLeft(tile: Tile, a: Matrix, i0: number, rows: number, p0: number, passes: readonly number[]): void {
  const { height, bytes } = tile;
  let to = LEFT;
  let from = a.offset + i0 * a.row + p0 * a.column;
  for (const depth of passes) {
    pack(tile, tile.packAcrossLeft, tile.packAlongLeft, height, a.values, from, rows, a.row, depth, a.column, to);
    to += ceilTo(rows, height) * depth * bytes;
    from += depth * a.column;
  }
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
  const { width, bytes } = tile;
  let to = RIGHT;
  let from = b.offset + p0 * b.row + j0 * b.column;
  for (const depth of passes) {
    pack(tile, tile.packAcrossRight, tile.packAlongRight, width, b.values, from, columns, b.column, depth, b.row, to);
    to += ceilTo(columns, width) * depth * bytes;
    from += depth * b.row;
  }
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

/** Brings `lines` lines of `depth` elements in, by pieces, and packs each piece into strips at `to`. */
function pack(
  tile: Tile,
  across: Tile["multiply"],
  along: Tile["multiply"],
  width: number,
  values: TypedArray,
  from: number,
  lines: number,
  line: number,
  depth: number,
  step: number,
  to: number,
): void {
  const { heap, bytes } = tile;
  const room = STAGE_BYTES / bytes;
  const strip = width * depth * bytes;
  if (line === 1 && step !== 1) {
    const most = Math.max(1, Math.floor(room / lines));
    for (let p = 0; p < depth; p += most) {
      const count = Math.min(most, depth - p);
      bringRows(heap, STAGE / bytes, values, from + p * step, count, lines, step);
      across(STAGE, to + p * width * bytes, lines, count, lines * bytes, strip);
    }
    return;
  }
  const most = Math.floor(room / depth / width) * width;
  for (let i = 0; i < lines; i += most) {
    const count = Math.min(most, lines - i);
    const at = from + i * line;
    if (step === 1) bringRows(heap, STAGE / bytes, values, at, count, depth, line);
    else bringStrided(heap, STAGE / bytes, values, at, count, line, depth, step);
    along(STAGE, to + (i / width) * strip, count, depth, depth * bytes, strip, ZEROS);
  }
}
