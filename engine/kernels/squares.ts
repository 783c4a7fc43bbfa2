import type { TypedArray } from "../base/dtype.ts";
import { limits, machine } from "./switch.ts";
import { squaresInWasm } from "./wasm/sums.ts";

/** Sum of the squares of `n` neighbours, in float64; null where TypeScript is as fast. */
export function fastSquares(values: TypedArray, from: number, n: number): number | null {
  const wasm = n < limits.plain || !(values instanceof Float32Array) ? null : machine();
  return wasm === null ? null : squaresInWasm(wasm, values, from, n);
}
