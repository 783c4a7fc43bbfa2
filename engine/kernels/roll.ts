import type { TypedArray } from "../base/dtype.ts";
import type { Block } from "./block.ts";
import { copyRow } from "./select.ts";

/** Moves elements `shift` places along a block; those that fall off come back at the other end. */
export function roll(x: Block, shift: number, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const by = (((shift % n) + n) % n) * inner;
  const row = n * inner;
  for (let o = 0, start = 0; o < outer; o++, start += row) {
    copyRow(values, offset + start, row - by, out, start + by);
    copyRow(values, offset + start + row - by, by, out, start);
  }
}
