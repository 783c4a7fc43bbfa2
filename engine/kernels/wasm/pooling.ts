import type { TypedArray } from "../../base/dtype.ts";
import type { Windows } from "../maxPooling.ts";
import { machine } from "../switch.ts";
import { BLOCKS, type Machine, TABLES } from "./machine.ts";

// Maxima of windows of float32 planes, which must fit with their results; see ../maxPooling.ts.

const PLANES = BLOCKS;
const PLANES_BYTES = 1 << 20;
const MAXIMA = PLANES + PLANES_BYTES;
const PLACES = MAXIMA + PLANES_BYTES;
/** Bytes of planes brought in at once; one plane may be larger. */
const BLOCK_BYTES = 1 << 16;
const TABLE_ROOM = 1 << 13;

/** As `maxPool`; false when it can't be done here. */
export function maxPoolInWasm(
  x: TypedArray,
  xo: number,
  planes: number,
  windows: readonly [Windows, Windows, Windows],
  out: TypedArray,
  places: TypedArray,
): boolean {
  if (!(x instanceof Float32Array && out instanceof Float32Array && places instanceof Float64Array)) return false;
  const size = windows.reduce((product, each) => product * each.size, 1);
  const results = windows.reduce((product, { firsts }) => product * firsts.length, 1);
  const entries = windows.reduce((sum, { firsts }) => sum + 2 * firsts.length, 0);
  if (Math.max(size, results) * 4 > PLANES_BYTES || entries * 4 > TABLE_ROOM) return false;
  const wasm = machine();
  if (wasm === null) return false;
  const pool = poolOf(wasm, windows, size, results);
  const most = Math.max(1, Math.floor(BLOCK_BYTES / 4 / size));
  for (let p = 0; p < planes; p += most) {
    const count = Math.min(most, planes - p);
    wasm.f32.set(x.subarray(xo + p * size, xo + (p + count) * size), PLANES / 4);
    pool(count);
    out.set(wasm.f32.subarray(MAXIMA / 4, MAXIMA / 4 + count * results), p * results);
    places.set(wasm.f64.subarray(PLACES / 8, PLACES / 8 + count * results), p * results);
  }
  return true;
}

/** The kernel for some windows, ready to be told how many planes there are. */
function poolOf(
  wasm: Machine,
  windows: readonly [Windows, Windows, Windows],
  size: number,
  results: number,
): (count: number) => void {
  const { maxPool, maxPoolPairs } = wasm.exports;
  const [, high, wide] = windows;
  if (windows[0].size === 1 && isPairs(high) && isPairs(wide)) {
    return (count) => maxPoolPairs(PLANES, count, high.size, wide.size, MAXIMA, PLACES);
  }
  const tables = writeTables(wasm, windows);
  return (count) => {
    for (let i = 0; i < count; i++) {
      maxPool(
        PLANES + i * size * 4,
        high.size,
        wide.size,
        ...tables,
        MAXIMA + i * results * 4,
        PLACES + i * results * 8,
      );
    }
  };
}

/** Whether windows of two lie side by side and leave nothing over. */
const isPairs = ({ size, firsts, ends, step }: Windows): boolean =>
  step === 1 && size === 2 * firsts.length && firsts.every((first, i) => first === 2 * i && ends[i] === 2 * i + 2);

/** Writes where windows begin and end; gives the addresses, how many there are and the step, for each dimension. */
function writeTables({ i32 }: Machine, windows: readonly Windows[]): number[] {
  let at = TABLES;
  return windows.flatMap(({ firsts, ends, step }) => {
    const [begin, end] = [at, at + firsts.length * 4];
    i32.set(firsts, begin / 4);
    i32.set(ends, end / 4);
    at = end + ends.length * 4;
    return [begin, end, firsts.length, step];
  });
}

/** As `scatterPlanes`; false when it can't be done here. */
export function addToPlacesInWasm(
  x: TypedArray,
  xo: number,
  places: TypedArray,
  po: number,
  planes: number,
  n: number,
  out: TypedArray,
  size: number,
): boolean {
  if (!(x instanceof Float32Array && out instanceof Float32Array && places instanceof Float64Array)) return false;
  if (Math.max(size, n) * 4 > PLANES_BYTES) return false;
  const wasm = machine();
  if (wasm === null) return false;
  const { f32, f64, exports } = wasm;
  const most = Math.max(1, Math.floor(BLOCK_BYTES / 4 / Math.max(size, n)));
  for (let p = 0; p < planes; p += most) {
    const count = Math.min(most, planes - p);
    f32.set(x.subarray(xo + p * n, xo + (p + count) * n), MAXIMA / 4);
    f64.set(places.subarray(po + p * n, po + (p + count) * n), PLACES / 8);
    f32.fill(0, PLANES / 4, PLANES / 4 + count * size);
    exports.addToPlaces(MAXIMA, PLACES, count, n, PLANES, size);
    out.set(f32.subarray(PLANES / 4, PLANES / 4 + count * size), p * size);
  }
  return true;
}
