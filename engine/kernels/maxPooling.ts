import type { TypedArray } from "../base/dtype.ts";
import { limits } from "./switch.ts";
import { addToPlacesInWasm, maxPoolInWasm } from "./wasm/pooling.ts";

/** The windows along one dimension: window o has elements firsts[o], firsts[o] + step … below ends[o]. */
export interface Windows {
  readonly size: number;
  readonly firsts: Int32Array;
  readonly ends: Int32Array;
  readonly step: number;
}

/**
 * The largest element of each window of every plane and its index in the plane; the first of equals, and NaN above all.
 */
export function maxPool(
  x: TypedArray,
  xo: number,
  planes: number,
  windows: readonly [Windows, Windows, Windows],
  out: TypedArray,
  indices: TypedArray,
): void {
  if (out.length >= limits.plain && maxPoolInWasm(x, xo, planes, windows, out, indices)) return;
  const [deep, high, wide] = windows;
  const plane = deep.size * high.size * wide.size;
  let to = 0;
  for (let p = 0, from = xo; p < planes; p++, from += plane) {
    for (let od = 0; od < deep.firsts.length; od++) {
      for (let oh = 0; oh < high.firsts.length; oh++) {
        for (let ow = 0; ow < wide.firsts.length; ow++, to++) {
          let best = Number.NEGATIVE_INFINITY;
          let at = -1;
          for (let d = deep.firsts[od]; d < deep.ends[od]; d += deep.step) {
            for (let h = high.firsts[oh]; h < high.ends[oh]; h += high.step) {
              const row = (d * high.size + h) * wide.size;
              for (let w = wide.firsts[ow]; w < wide.ends[ow]; w += wide.step) {
                const value = x[from + row + w];
                // NaN wins, and once it has, nothing beats it: no comparison with it holds.
                if (at === -1 || value > best || (Number.isNaN(value) && !Number.isNaN(best))) {
                  best = value;
                  at = row + w;
                }
              }
            }
          }
          out[to] = best;
          indices[to] = at;
        }
      }
    }
  }
}

/** Adds each of `n` values of every plane to the place in out[planes, size] that its index names. */
export function scatterPlanes(
  x: TypedArray,
  xo: number,
  indices: TypedArray,
  io: number,
  planes: number,
  n: number,
  out: TypedArray,
  size: number,
): void {
  if (planes * n >= limits.plain && addToPlacesInWasm(x, xo, indices, io, planes, n, out, size)) return;
  for (let p = 0, i = 0, base = 0; p < planes; p++, base += size) {
    for (const end = i + n; i < end; i++) out[base + indices[io + i]] += x[xo + i];
  }
}

/** Sets the places of out[planes, size] that the indices name; the last of several wins. */
export function placePlanes(
  x: TypedArray,
  xo: number,
  indices: TypedArray,
  io: number,
  planes: number,
  n: number,
  out: TypedArray,
  size: number,
): void {
  for (let p = 0, i = 0, base = 0; p < planes; p++, base += size) {
    for (const end = i + n; i < end; i++) out[base + indices[io + i]] = x[xo + i];
  }
}

/** Reads the places of x[planes, size] that the `n` indices of every plane name. */
export function gatherPlanes(
  x: TypedArray,
  xo: number,
  indices: TypedArray,
  io: number,
  planes: number,
  n: number,
  out: TypedArray,
  size: number,
): void {
  for (let p = 0, i = 0, base = xo; p < planes; p++, base += size) {
    for (const end = i + n; i < end; i++) out[i] = x[base + indices[io + i]];
  }
}
