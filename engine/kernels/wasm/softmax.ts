import type { TypedArray } from "../../base/dtype.ts";
import type { Block } from "../block.ts";
import { bring, byRows, machineForRows, statisticAt, take, X, Y } from "./rows.ts";

// As in ../softmax.ts, for float32 rows of neighbours; each is false when it can't be done here.

export function softmaxInWasm({ values, offset, outer, n, inner }: Block, out: TypedArray): boolean {
  const wasm = inner > 1 ? null : machineForRows(n, values, out);
  if (wasm === null) return false;
  byRows(outer, n, (row, rows) => {
    bring(wasm, X, values, offset + row * n, rows * n);
    wasm.exports.softmaxRows(X, rows, n);
    take(wasm, X, out, row * n, rows * n);
  });
  return true;
}

export function logSoftmaxInWasm({ values, offset, outer, n, inner }: Block, out: TypedArray): boolean {
  const wasm = inner > 1 ? null : machineForRows(n, values, out);
  if (wasm === null) return false;
  const shifts = statisticAt(0);
  byRows(outer, n, (row, rows) => {
    bring(wasm, X, values, offset + row * n, rows * n);
    wasm.exports.exponentialSums(X, rows, n, shifts);
    for (let i = 0, at = shifts / 8 + 1; i < rows; i++, at += 2) wasm.f64[at] = Math.log(wasm.f64[at]);
    wasm.exports.subtractFromRows(X, rows, n, shifts);
    take(wasm, X, out, row * n, rows * n);
  });
  return true;
}

export function softmaxBackwardInWasm(
  name: "softmaxBackwardRows" | "logSoftmaxBackwardRows",
  { values, offset, outer, n, inner }: Block,
  y: TypedArray,
  yo: number,
  out: TypedArray,
): boolean {
  const wasm = inner > 1 ? null : machineForRows(n, values, y, out);
  if (wasm === null) return false;
  byRows(outer, n, (row, rows) => {
    bring(wasm, X, values, offset + row * n, rows * n);
    bring(wasm, Y, y, yo + row * n, rows * n);
    wasm.exports[name](X, Y, rows, n);
    take(wasm, X, out, row * n, rows * n);
  });
  return true;
}
