import type { TypedArray } from "../../base/dtype.ts";
import { machine } from "../switch.ts";
import { BLOCKS, type Machine } from "./machine.ts";

/** Elements that are updated at once. */
const BLOCK = 4096;

/** A buffer and where in it the first element lies. */
export type Part = readonly [values: TypedArray, at: number];

/**
 * Brings the elements `from` to `to` of several float32 buffers in, calls `kernel` with their addresses and how many there
 * are, and takes those of the first `changed` out again; false when it can't be done here.
 */
export function updateInWasm(
  parts: readonly Part[],
  changed: number,
  from: number,
  to: number,
  kernel: (exports: Machine["exports"], addresses: readonly number[], n: number) => void,
): boolean {
  for (const [values] of parts) if (!(values instanceof Float32Array)) return false;
  const wasm = machine();
  if (wasm === null) return false;
  const { f32, exports } = wasm;
  const addresses = parts.map((_, i) => BLOCKS + i * BLOCK * 4);
  for (let i = from; i < to; i += BLOCK) {
    const n = Math.min(BLOCK, to - i);
    parts.forEach(([values, at], k) => {
      f32.set(values.subarray(at + i, at + i + n), addresses[k] / 4);
    });
    kernel(exports, addresses, n);
    for (let k = 0; k < changed; k++) {
      const [values, at] = parts[k];
      values.set(f32.subarray(addresses[k] / 4, addresses[k] / 4 + n), at + i);
    }
  }
  return true;
}
