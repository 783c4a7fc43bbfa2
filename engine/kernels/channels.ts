import type { TypedArray } from "../base/dtype.ts";

/** Adds bias[channel] to every element of out[batch, channel, positions]. */
export function addPerChannel(
  out: TypedArray,
  bias: TypedArray,
  bo: number,
  channels: number,
  positions: number,
): void {
  if (positions === 0) return;
  for (let at = 0, c = 0; at < out.length; c = c + 1 === channels ? 0 : c + 1) {
    const value = bias[bo + c];
    for (const end = at + positions; at < end; at++) out[at] += value;
  }
}
