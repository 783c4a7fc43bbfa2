import type { TypedArray } from "../base/dtype.ts";

// Each combines source[j] with out[positions[j]].

export function multiply(out: TypedArray, positions: Int32Array, source: TypedArray, so: number): void {
  for (let j = 0; j < positions.length; j++) out[positions[j]] *= source[so + j];
}

export function largest(out: TypedArray, positions: Int32Array, source: TypedArray, so: number): void {
  for (let j = 0; j < positions.length; j++) out[positions[j]] = Math.max(out[positions[j]], source[so + j]);
}

export function smallest(out: TypedArray, positions: Int32Array, source: TypedArray, so: number): void {
  for (let j = 0; j < positions.length; j++) out[positions[j]] = Math.min(out[positions[j]], source[so + j]);
}

export function add(out: TypedArray, positions: Int32Array, source: TypedArray, so: number): void {
  for (let j = 0; j < positions.length; j++) out[positions[j]] += source[so + j];
}

/** Divides each place by how many came there; `extra` is 1 where what was there counts too. */
export function divideByCounts(out: TypedArray, positions: Int32Array, extra: number, whole: boolean): void {
  const counts = new Float64Array(out.length).fill(extra);
  for (let j = 0; j < positions.length; j++) counts[positions[j]]++;
  for (let i = 0; i < out.length; i++) {
    if (counts[i] <= 1) continue;
    out[i] = whole ? Math.floor(out[i] / counts[i]) : out[i] / counts[i];
  }
}
