import type { TypedArray } from "../base/dtype.ts";
import { limits } from "./switch.ts";
import { pairsInWasm } from "./wasm/pointwise.ts";

/** Adds bias[channel] to every element of out[batch, channel, positions]. */
export function addPerChannel(
  out: TypedArray,
  bias: TypedArray,
  bo: number,
  channels: number,
  positions: number,
): void {
  if (positions === 0) return;
  if (out.length >= limits.plain && positions > 1) {
    const image = channels * positions;
    let at = 0;
    while (at < out.length && addInWasm(out, at, bias, bo, channels, positions)) at += image;
    if (at >= out.length) return;
  }
  for (let at = 0, c = 0; at < out.length; c = c + 1 === channels ? 0 : c + 1) {
    const value = bias[bo + c];
    for (const end = at + positions; at < end; at++) out[at] += value;
  }
}

const addInWasm = (
  out: TypedArray,
  at: number,
  bias: TypedArray,
  bo: number,
  channels: number,
  positions: number,
): boolean => pairsInWasm("add", channels, positions, out, at, positions, 1, bias, bo, 1, 0, out, at, []);
