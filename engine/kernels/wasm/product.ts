import type { TypedArray } from "../../base/dtype.ts";
import type { Matrix } from "../matmul.ts";
import type { Machine } from "./machine.ts";
import { ZEROS } from "./machine.ts";
import { bringRows, bringStrided, heapFor, STAGE, STAGE_BYTES, takeRows } from "./staging.ts";

// Products of matrices by blocks, after Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008):
// the operands are packed into strips on their way into the memory, a strip of b stays in the first-level cache, a block of
// a in the second-level one.

const LEFT = STAGE + STAGE_BYTES;
const LEFT_BYTES = 1 << 20;
const RIGHT = LEFT + LEFT_BYTES;
const RIGHT_BYTES = 4 << 20;
const RESULT = RIGHT + RIGHT_BYTES;

/** How far a tile sums before its sums go to the result: strips of both operands fit the first-level cache together. */
const DEPTH = 384;
/** How far operands are packed at once. */
const DEPTH_PACKED_BYTES = 8192;
/** Rows of a block of the result; whole tiles of either height. */
const ROWS = 96;
const COLUMNS = 2048;

/** Everything that depends on the element type and the tile. */
interface Shape {
  readonly heap: Float32Array | Float64Array;
  readonly bytes: number;
  /** Rows and columns of a tile. */
  readonly height: 4 | 6;
  readonly width: 4 | 8;
  readonly packAcrossLeft: Pack;
  readonly packAlongLeft: Pack;
  readonly packAcrossRight: Pack;
  readonly packAlongRight: Pack;
  readonly multiply: (...args: number[]) => number;
}

type Pack = (...args: number[]) => number;

const shapes = new WeakMap<Machine, readonly Shape[]>();

function shapesOf(machine: Machine): readonly Shape[] {
  const known = shapes.get(machine);
  if (known !== undefined) return known;
  const made = ([4, 6] as const).flatMap((height) => [single(machine, height), double(machine, height)]);
  shapes.set(machine, made);
  return made;
}

const single = ({ exports: e, f32 }: Machine, height: 4 | 6): Shape => ({
  heap: f32,
  bytes: 4,
  height,
  width: 8,
  packAcrossLeft: e[`packAcross${height}`],
  packAlongLeft: e[`packAlong${height}`],
  packAcrossRight: e.packAcross8,
  packAlongRight: e.packAlong8,
  multiply: e[`multiply${height}`],
});

const double = ({ exports: e, f64 }: Machine, height: 4 | 6): Shape => ({
  heap: f64,
  bytes: 8,
  height,
  width: 4,
  packAcrossLeft: e[`packAcross${height}f64`],
  packAlongLeft: e[`packAlong${height}f64`],
  packAcrossRight: e.packAcross4f64,
  packAlongRight: e.packAlong4f64,
  multiply: e[`multiply${height}f64`],
});

/** As `matmul`; false when the element types are not for it. Sums are kept in the type of the elements. */
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
): boolean {
  const heap = heapFor(machine, out);
  if (heap === null || heapFor(machine, a.values) !== heap || heapFor(machine, b.values) !== heap) return false;
  const shape = chooseShape(machine, heap, m);
  const { bytes, width } = shape;
  const deepest = DEPTH_PACKED_BYTES / bytes;
  for (let p0 = 0; p0 < k; p0 += deepest) {
    const depth = Math.min(deepest, k - p0);
    const widest = Math.min(COLUMNS, Math.floor(RIGHT_BYTES / bytes / depth / width) * width);
    for (let j0 = 0; j0 < n; j0 += widest) {
      const columns = Math.min(widest, n - j0);
      const passes = passesOf(depth);
      packRight(shape, b, p0, passes, j0, columns);
      multiplyRows(shape, a, p0, passes, m, columns, out, oo + j0, n, add || p0 > 0);
    }
  }
  return true;
}

/** The depth in equal passes. */
function passesOf(depth: number): readonly number[] {
  const count = Math.ceil(depth / DEPTH);
  const each = Math.ceil(depth / count / 4) * 4;
  return Array.from({ length: count }, (_, i) => Math.min(each, depth - i * each));
}

/** The taller tile is the faster one unless rows of it would stay empty. */
function chooseShape(machine: Machine, heap: Float32Array | Float64Array, m: number): Shape {
  const [low, high] = shapesOf(machine).filter((shape) => shape.heap === heap);
  const cost = (shape: Shape, perRow: number): number => Math.ceil(m / shape.height) * shape.height * perRow;
  return cost(low, 1.15) < cost(high, 1) ? low : high;
}

/** Packs columns of `b` in strips, all of one pass behind those of the pass before. */
function packRight(shape: Shape, b: Matrix, p0: number, passes: readonly number[], j0: number, columns: number): void {
  const strips = Math.ceil(columns / shape.width);
  let to = RIGHT;
  let p = p0;
  for (const depth of passes) {
    const from = b.offset + p * b.row + j0 * b.column;
    pack(
      shape,
      shape.packAcrossRight,
      shape.packAlongRight,
      shape.width,
      b.values,
      from,
      columns,
      b.column,
      depth,
      b.row,
      to,
    );
    to += strips * shape.width * depth * shape.bytes;
    p += depth;
  }
}

/** Goes through the rows of `a` in blocks, with the packed columns as they are. */
function multiplyRows(
  shape: Shape,
  a: Matrix,
  p0: number,
  passes: readonly number[],
  m: number,
  columns: number,
  out: TypedArray,
  oo: number,
  n: number,
  add: boolean,
): void {
  const { bytes, height } = shape;
  const depth = passes.reduce((sum, pass) => sum + pass, 0);
  const rowsPacked = Math.min(Math.floor(LEFT_BYTES / bytes / depth / ROWS) * ROWS, Math.ceil(m / height) * height);
  for (let i0 = 0; i0 < m; i0 += rowsPacked) {
    const rows = Math.min(rowsPacked, m - i0);
    const strips = Math.ceil(rows / height);
    let to = LEFT;
    let p = p0;
    for (const pass of passes) {
      const from = a.offset + i0 * a.row + p * a.column;
      pack(shape, shape.packAcrossLeft, shape.packAlongLeft, height, a.values, from, rows, a.row, pass, a.column, to);
      to += strips * height * pass * bytes;
      p += pass;
    }
    for (let i = 0; i < rows; i += ROWS) {
      multiplyBlock(shape, passes, strips, i, Math.min(ROWS, rows - i), columns);
      const wide = Math.ceil(columns / shape.width) * shape.width;
      const count = Math.min(ROWS, rows - i);
      takeRows(shape.heap, RESULT / bytes, wide, out, oo + (i0 + i) * n, n, count, columns, add);
    }
  }
}

/** Sums all passes of one block of the result. */
function multiplyBlock(
  shape: Shape,
  passes: readonly number[],
  strips: number,
  row: number,
  rows: number,
  columns: number,
): void {
  const { bytes, height, width } = shape;
  const columnStrips = Math.ceil(columns / width);
  let left = LEFT;
  let right = RIGHT;
  let fresh = 1;
  for (const depth of passes) {
    const lines = Math.ceil(rows / height);
    shape.multiply(
      left + row * depth * bytes,
      right,
      RESULT,
      columnStrips * width * bytes,
      lines,
      columnStrips,
      depth,
      fresh,
    );
    left += strips * height * depth * bytes;
    right += columnStrips * width * depth * bytes;
    fresh = 0;
  }
}

/** Brings `lines` lines of `depth` elements in, by pieces, and packs each piece into strips at `to`. */
function pack(
  shape: Shape,
  across: Pack,
  along: Pack,
  width: number,
  values: TypedArray,
  from: number,
  lines: number,
  line: number,
  depth: number,
  step: number,
  to: number,
): void {
  const { heap, bytes } = shape;
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
