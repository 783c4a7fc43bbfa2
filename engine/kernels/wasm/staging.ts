import type { TypedArray } from "../../base/dtype.ts";
import { BLOCKS, type Machine } from "./machine.ts";

/** Where numbers land on their way in, still in their own order. Small enough to stay in the caches until they are packed. */
export const STAGE = BLOCKS;
export const STAGE_BYTES = 128 * 1024;

/** From so many neighbours on, `set` beats a loop. */
const LONG = 64;

/** Copies `count` rows of `length` neighbours, `step` apart, into the memory's `heap` at `to`, behind one another. */
export function bringRows(
  heap: Float32Array | Float64Array,
  to: number,
  values: TypedArray,
  from: number,
  count: number,
  length: number,
  step: number,
): void {
  if (step === length || count === 1) {
    heap.set(values.subarray(from, from + count * length), to);
    return;
  }
  for (let i = 0, x = from, y = to; i < count; i++, x += step, y += length) {
    if (length >= LONG) heap.set(values.subarray(x, x + length), y);
    else for (let j = 0; j < length; j++) heap[y + j] = values[x + j];
  }
}

/** The same for elements that are `apart` from each other. */
export function bringStrided(
  heap: Float32Array | Float64Array,
  to: number,
  values: TypedArray,
  from: number,
  count: number,
  step: number,
  length: number,
  apart: number,
): void {
  for (let i = 0, x = from, y = to; i < count; i++, x += step) {
    for (let j = 0, at = x; j < length; j++, at += apart) heap[y++] = values[at];
  }
}

/** Copies `count` rows of `length` from the memory, `row` apart there, into `out`, where they are `step` apart; or adds them. */
export function takeRows(
  heap: Float32Array | Float64Array,
  from: number,
  row: number,
  out: TypedArray,
  to: number,
  step: number,
  count: number,
  length: number,
  add: boolean,
): void {
  if (!add && row === length && step === length) {
    out.set(heap.subarray(from, from + count * length), to);
    return;
  }
  for (let i = 0, x = from, y = to; i < count; i++, x += row, y += step) {
    if (add) for (let j = 0; j < length; j++) out[y + j] += heap[x + j];
    else if (length >= LONG) out.set(heap.subarray(x, x + length), y);
    else for (let j = 0; j < length; j++) out[y + j] = heap[x + j];
  }
}

/** The memory as the type of `values`, or null for types that the kernels don't have. */
export function heapFor(machine: Machine, values: TypedArray): Float32Array | Float64Array | null {
  if (values instanceof Float32Array) return machine.f32;
  // int64 lives in Float64Arrays, and its sums are exact in float64 as well.
  return values instanceof Float64Array ? machine.f64 : null;
}
