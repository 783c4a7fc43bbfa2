import type { TypedArray } from "../base/dtype.ts";
import { copyRow } from "./select.ts";

/** Writes a dense [outer, width] source into columns of out[outer, total], `at` columns in. */
export function placeColumns(
  source: TypedArray,
  so: number,
  outer: number,
  width: number,
  out: TypedArray,
  total: number,
  at: number,
): void {
  if (width === 1) for (let o = 0, to = at; o < outer; o++, to += total) out[to] = source[so + o];
  else for (let o = 0; o < outer; o++) copyRow(source, so + o * width, width, out, o * total + at);
}
