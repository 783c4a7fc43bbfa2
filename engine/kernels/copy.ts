import type { TypedArray } from "../base/dtype.ts";
import type { Operand } from "./operand.ts";

/** Calls `visit` with the offset of each row along the last dimension, in row-major order. */
export function forEachRow(x: Operand, visit: (offset: number) => void): void {
  const { shape, strides } = x;
  const last = shape.length - 1;
  if (last <= 0) {
    visit(x.offset);
    return;
  }
  const index = new Array<number>(last).fill(0);
  let offset = x.offset;
  for (;;) {
    visit(offset);
    let d = last - 1;
    for (; d >= 0; d--) {
      offset += strides[d];
      if (++index[d] < shape[d]) break;
      offset -= strides[d] * shape[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

/** Size and step of the last dimension; a window without dimensions is a row of one. */
function rowOf({ shape, strides }: Operand): { n: number; step: number } {
  const last = shape.length - 1;
  return last < 0 ? { n: 1, step: 0 } : { n: shape[last], step: strides[last] };
}

/** Writes the elements of `x` row-major into `out` from `at` on. Numbers are converted as typed arrays convert; use `cast` for dtypes. */
export function gather(x: Operand, out: TypedArray, at: number): void {
  if (x.elements === 0) return;
  const values = x.storage.values;
  if (x.dense) {
    if (x.elements < 32) for (let i = 0; i < x.elements; i++) out[at + i] = values[x.offset + i];
    else out.set(values.subarray(x.offset, x.offset + x.elements), at);
    return;
  }
  const { n, step } = rowOf(x);
  let to = at;
  if (n >= 24 && (step === 0 || step === 1)) {
    // Whole rows at once: the part of a row that a slice shows, or one element repeated.
    forEachRow(x, (offset) => {
      if (step === 0) out.fill(values[offset], to, to + n);
      else out.set(values.subarray(offset, offset + n), to);
      to += n;
    });
    return;
  }
  forEachRow(x, (offset) => {
    for (let i = 0, from = offset; i < n; i++, from += step) out[to++] = values[from];
  });
}

/** Writes row-major `source` from `at` on into the strided window `out`. */
export function scatter(source: TypedArray, at: number, out: Operand): void {
  if (out.elements === 0) return;
  const values = out.storage.values;
  if (out.dense) {
    for (let i = 0; i < out.elements; i++) values[out.offset + i] = source[at + i];
    return;
  }
  const { n, step } = rowOf(out);
  let from = at;
  forEachRow(out, (offset) => {
    for (let i = 0, to = offset; i < n; i++, to += step) values[to] = source[from++];
  });
}

/** Converts element types: to bool any non-zero is 1; from float to integer truncates toward zero. `out` is dense. */
export function cast(x: Operand, out: Operand): void {
  const y = out.storage.values;
  if (out.dtype !== "bool" && out.dtype !== "int64") {
    gather(x, y, out.offset); // typed arrays convert to float32 and int32 as wanted
    return;
  }
  const wide = new Float64Array(x.elements);
  gather(x, wide, 0);
  if (out.dtype === "bool") for (let i = 0; i < wide.length; i++) y[out.offset + i] = wide[i] === 0 ? 0 : 1;
  else for (let i = 0; i < wide.length; i++) y[out.offset + i] = Math.trunc(wide[i]);
}

/** Sets every element of the window. */
export function fill(out: Operand, value: number): void {
  if (out.elements === 0) return;
  const values = out.storage.values;
  if (out.dense) {
    values.fill(value, out.offset, out.offset + out.elements);
    return;
  }
  const { n, step } = rowOf(out);
  forEachRow(out, (offset) => {
    for (let i = 0, to = offset; i < n; i++, to += step) values[to] = value;
  });
}
