import type { TypedArray } from "../../base/dtype.ts";
import { BLOCKS, type Machine, type UnaryName } from "./machine.ts";

/**
 * Elements of a block. Two operands fit the first-level cache, and so do the places in a tensor that they come from and go to:
 * with twice as many elements they take turns in it, and sums and products are an eighth slower.
 */
export const BLOCK = 2048;
export const FIRST = BLOCKS / 4;

/** Runs a function of one float32 on `n` of them, by blocks. */
export function curve(
  { exports, f32 }: Machine,
  name: UnaryName,
  from: TypedArray,
  x: number,
  to: TypedArray,
  y: number,
  n: number,
  p: number,
  q: number,
  r: number,
): void {
  const kernel = exports[name];
  for (let i = 0; i < n; i += BLOCK) {
    const count = n - i < BLOCK ? n - i : BLOCK;
    f32.set(from.subarray(x + i, x + i + count), FIRST);
    kernel(BLOCKS, count, p, q, r);
    to.set(f32.subarray(FIRST, FIRST + count), y + i);
  }
}
