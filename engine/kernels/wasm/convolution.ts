import type { TypedArray } from "../../base/dtype.ts";
import { type Sliding, volume } from "../columns.ts";
import type { ConvolutionSizes } from "../convolution.ts";
import type { Matrix } from "../matmul.ts";
import { machine } from "../switch.ts";
import { type Machine, TABLES } from "./machine.ts";
import {
  AFTER_RESULT,
  LEFT_BYTES,
  packLeft,
  packRight,
  packRightFrom,
  passesOf,
  RESULT,
  RESULT_BYTES,
  RIGHT_BYTES,
} from "./packing.ts";
import { multiplyBlock, ROWS, COLUMNS as WIDEST } from "./product.ts";
import { takeRows } from "./staging.ts";
import { chooseTile, type Tile } from "./tile.ts";

// As in ../convolution.ts, for float32: an image is brought in once, and its columns never leave the memory. A band is as
// many lines of output positions as there is room for the columns of. Each is false when it can't be done here.

const COLUMNS = AFTER_RESULT;
const COLUMNS_BYTES = 1 << 20;
const IMAGE = COLUMNS + COLUMNS_BYTES;
const IMAGE_BYTES = 2 << 20;

/** One group of a convolution in the memory. */
interface Job {
  readonly wasm: Machine;
  readonly tile: Tile;
  readonly channels: number;
  readonly features: number;
  /** Of the columns: channels times kernel positions. */
  readonly rows: number;
  readonly positions: number;
  readonly pixels: number;
  /** Positions of a line, lines in all, lines of a band. */
  readonly wide: number;
  readonly lines: number;
  readonly band: number;
}

/** Prepares a job; `height` is the number of rows of its product's left operand, `depth` that of its columns. Null when something doesn't fit. */
function prepare(
  sizes: ConvolutionSizes,
  height: "features" | "rows",
  depth: "rows" | "features" | "positions",
  ...buffers: readonly TypedArray[]
): Job | null {
  if (!buffers.every((values) => values instanceof Float32Array)) return null;
  const wasm = machine();
  if (wasm === null) return null;
  const { groups, sliding } = sizes;
  const channels = sizes.channels / groups;
  const features = sizes.features / groups;
  const rows = channels * volume(sliding.kernel);
  const wide = sliding.out[2];
  const lines = sliding.out[0] * sliding.out[1];
  const m = height === "features" ? features : rows;
  // Products come out in whole tiles: a few more rows and columns.
  const perLine = (rows + 8) * 4 * (wide + 8);
  const band = Math.min(lines, Math.floor(COLUMNS_BYTES / perLine), Math.floor(WIDEST / wide));
  const k = depth === "positions" ? band * wide : depth === "rows" ? rows : features;
  const n = depth === "positions" ? rows : band * wide;
  const pixels = volume(sliding.image);
  const fits =
    band > 0 &&
    channels * pixels * 4 <= IMAGE_BYTES &&
    (m + 8) * k * 4 <= LEFT_BYTES &&
    (n + 8) * k * 4 <= RIGHT_BYTES &&
    (depth !== "positions" || (m + 8) * (n + 8) * 4 <= RESULT_BYTES);
  if (!fits) return null;
  const positions = volume(sliding.out);
  describe(wasm, channels, sliding);
  const work = sizes.batch * sizes.features * rows * positions;
  return {
    wasm,
    tile: chooseTile(wasm, wasm.f32, m, work),
    channels,
    features,
    rows,
    positions,
    pixels,
    wide,
    lines,
    band,
  };
}

/** Writes down how the kernel slides, as assembly/images.ts reads it. */
function describe({ i32 }: Machine, channels: number, s: Sliding): void {
  const numbers = [channels, ...s.image, ...s.kernel, ...s.out, ...s.stride, ...s.padding, ...s.dilation];
  i32.set(numbers, TABLES / 4);
}

const dense = (values: TypedArray, offset: number, columns: number): Matrix => ({
  values,
  offset,
  row: columns,
  column: 1,
});

const paddedTo = (n: number, width: number): number => Math.ceil(n / width) * width;

/** Calls `work` for each band: its first line, the line after its last, and its positions. */
function byBands({ lines, band, wide }: Job, work: (first: number, end: number, positions: number) => void): void {
  for (let line = 0; line < lines; line += band) {
    const end = Math.min(lines, line + band);
    work(line, end, (end - line) * wide);
  }
}

function bringImage({ wasm, channels, pixels }: Job, image: TypedArray, from: number): void {
  wasm.f32.set(image.subarray(from, from + channels * pixels), IMAGE / 4);
}

export function convolveInWasm(
  image: TypedArray,
  io: number,
  weight: TypedArray,
  wo: number,
  sizes: ConvolutionSizes,
  out: TypedArray,
  oo = 0,
): boolean {
  const job = prepare(sizes, "features", "rows", image, weight, out);
  if (job === null) return false;
  const { wasm, tile, channels, features, rows, positions, pixels, wide } = job;
  const passes = passesOf(rows);
  for (let g = 0; g < sizes.groups; g++) {
    packLeft(tile, dense(weight, wo + g * features * rows, rows), 0, features, 0, passes);
    for (let b = 0; b < sizes.batch; b++) {
      const i = b * sizes.groups + g;
      bringImage(job, image, io + i * channels * pixels);
      byBands(job, (first, end, n) => {
        wasm.exports.imageToColumns(TABLES, IMAGE, COLUMNS, first, end);
        packRightFrom(tile, COLUMNS, false, n, passes, n);
        for (let f = 0; f < features; f += ROWS) {
          const count = Math.min(ROWS, features - f);
          multiplyBlock(tile, passes, features, f, count, n, RESULT, true);
          const to = oo + (i * features + f) * positions + first * wide;
          takeRows(wasm.f32, RESULT / 4, paddedTo(n, tile.width), out, to, positions, count, n, false);
        }
      });
    }
  }
  return true;
}

export function convolveTransposedInWasm(
  grad: TypedArray,
  go: number,
  weight: TypedArray,
  wo: number,
  sizes: ConvolutionSizes,
  image: TypedArray,
  to = 0,
): boolean {
  const job = prepare(sizes, "rows", "features", grad, weight, image);
  if (job === null) return false;
  const { wasm, tile, channels, features, rows, positions, pixels, wide } = job;
  const passes = passesOf(features);
  for (let g = 0; g < sizes.groups; g++) {
    const kernels = { values: weight, offset: wo + g * features * rows, row: 1, column: rows };
    packLeft(tile, kernels, 0, rows, 0, passes);
    for (let b = 0; b < sizes.batch; b++) {
      const i = b * sizes.groups + g;
      wasm.f32.fill(0, IMAGE / 4, IMAGE / 4 + channels * pixels);
      byBands(job, (first, end, n) => {
        const from = go + i * features * positions + first * wide;
        packRight(tile, dense(grad, from, positions), 0, passes, 0, n);
        const row = paddedTo(n, tile.width) * 4;
        multiplyBlock(tile, passes, rows, 0, rows, n, COLUMNS, true);
        wasm.exports.columnsToImage(TABLES, IMAGE, COLUMNS, first, end, row);
      });
      image.set(wasm.f32.subarray(IMAGE / 4, IMAGE / 4 + channels * pixels), to + i * channels * pixels);
    }
  }
  return true;
}

/** Writes what all images say about the weight; or adds it, when `add` is set. */
export function convolveWeightInWasm(
  image: TypedArray,
  io: number,
  grad: TypedArray,
  go: number,
  sizes: ConvolutionSizes,
  weight: TypedArray,
  to = 0,
  add = false,
): boolean {
  const job = prepare(sizes, "features", "positions", image, grad, weight);
  if (job === null) return false;
  const { wasm, tile, channels, features, rows, positions, pixels, wide } = job;
  const row = paddedTo(rows, tile.width);
  for (let g = 0; g < sizes.groups; g++) {
    let fresh = true;
    for (let b = 0; b < sizes.batch; b++) {
      const i = b * sizes.groups + g;
      bringImage(job, image, io + i * channels * pixels);
      byBands(job, (first, end, k) => {
        const passes = passesOf(k);
        wasm.exports.imageToColumns(TABLES, IMAGE, COLUMNS, first, end);
        packRightFrom(tile, COLUMNS, true, k, passes, rows);
        const from = go + i * features * positions + first * wide;
        packLeft(tile, dense(grad, from, positions), 0, features, 0, passes);
        for (let f = 0; f < features; f += ROWS) {
          multiplyBlock(tile, passes, features, f, Math.min(ROWS, features - f), rows, RESULT + f * row * 4, fresh);
        }
        fresh = false;
      });
    }
    takeRows(wasm.f32, RESULT / 4, row, weight, to + g * features * rows, rows, features, rows, add);
  }
  return true;
}
