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

/** Rows of neighbours, or of elements that are `step` apart, `row` apart from each other. */
type PlaneVisitor = (offset: number, rows: number, row: number, n: number, step: number) => void;

/**
 * Calls `visit` with planes of rows that together are the window, row-major. Dimensions that run on into each other count as
 * one, so that rows and planes are as long as they can be.
 */
function forEachPlane({ shape, strides, offset }: Operand, visit: PlaneVisitor): void {
  const sizes: number[] = [];
  const steps: number[] = [];
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === strides[d] * shape[d]) {
      sizes[last] *= shape[d];
      steps[last] = strides[d];
    } else {
      sizes.push(shape[d]);
      steps.push(strides[d]);
    }
  }
  const n = sizes.pop() ?? 1;
  const step = steps.pop() ?? 0;
  const rows = sizes.pop() ?? 1;
  const row = steps.pop() ?? 0;
  const index = new Array<number>(sizes.length).fill(0);
  let at = offset;
  for (;;) {
    visit(at, rows, row, n, step);
    let d = sizes.length - 1;
    for (; d >= 0; d--) {
      at += steps[d];
      if (++index[d] < sizes[d]) break;
      at -= steps[d] * sizes[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

/** From so many neighbours on a call that copies them beats a loop. */
const LONG = 96;

/** Writes the elements of `x` row-major into `out` from `at` on. Numbers are converted as typed arrays convert; use `cast` for dtypes. */
export function gather(x: Operand, out: TypedArray, at: number): void {
  if (x.elements === 0) return;
  const values = x.storage.values;
  if (x.dense) {
    if (x.elements < LONG) for (let i = 0; i < x.elements; i++) out[at + i] = values[x.offset + i];
    else out.set(values.subarray(x.offset, x.offset + x.elements), at);
    return;
  }
  let to = at;
  forEachPlane(x, (offset, rows, row, n, step) => {
    if (n >= LONG && (step === 0 || step === 1)) gatherLong(values, offset, rows, row, n, step, out, to);
    else gatherPlane(values, offset, rows, row, n, step, out, to);
    to += rows * n;
  });
}

/** Whole rows at once: the part of a row that a slice shows, or one element repeated. */
function gatherLong(
  values: TypedArray,
  offset: number,
  rows: number,
  row: number,
  n: number,
  step: number,
  out: TypedArray,
  at: number,
): void {
  for (let r = 0, from = offset, to = at; r < rows; r++, from += row, to += n) {
    if (step === 0) out.fill(values[from], to, to + n);
    else out.set(values.subarray(from, from + n), to);
  }
}

function gatherPlane(
  values: TypedArray,
  offset: number,
  rows: number,
  row: number,
  n: number,
  step: number,
  out: TypedArray,
  at: number,
): void {
  let to = at;
  for (let r = 0, start = offset; r < rows; r++, start += row) {
    for (let i = 0, from = start; i < n; i++, from += step) out[to++] = values[from];
  }
}

/** Writes row-major `source` from `at` on into the strided window `out`. */
export function scatter(source: TypedArray, at: number, out: Operand): void {
  if (out.elements === 0) return;
  const values = out.storage.values;
  if (out.dense) {
    if (out.elements < LONG) for (let i = 0; i < out.elements; i++) values[out.offset + i] = source[at + i];
    else values.set(source.subarray(at, at + out.elements), out.offset);
    return;
  }
  let from = at;
  forEachPlane(out, (offset, rows, row, n, step) => {
    if (n >= LONG && step === 1) scatterLong(source, from, values, offset, rows, row, n);
    else scatterPlane(source, from, values, offset, rows, row, n, step);
    from += rows * n;
  });
}

/** Whole rows at once. */
function scatterLong(
  source: TypedArray,
  at: number,
  values: TypedArray,
  offset: number,
  rows: number,
  row: number,
  n: number,
): void {
  for (let r = 0, from = at, to = offset; r < rows; r++, from += n, to += row) {
    values.set(source.subarray(from, from + n), to);
  }
}

function scatterPlane(
  source: TypedArray,
  at: number,
  values: TypedArray,
  offset: number,
  rows: number,
  row: number,
  n: number,
  step: number,
): void {
  let from = at;
  for (let r = 0, start = offset; r < rows; r++, start += row) {
    for (let i = 0, to = start; i < n; i++, to += step) values[to] = source[from++];
  }
}

/** Adds row-major `source` from `at` on to the strided window `out`, whose elements may overlap. */
export function scatterAdd(source: TypedArray, at: number, out: Operand): void {
  if (out.elements === 0) return;
  const values = out.storage.values;
  let from = at;
  forEachPlane(out, (offset, rows, row, n, step) => {
    addPlane(source, from, values, offset, rows, row, n, step);
    from += rows * n;
  });
}

function addPlane(
  source: TypedArray,
  at: number,
  values: TypedArray,
  offset: number,
  rows: number,
  row: number,
  n: number,
  step: number,
): void {
  let from = at;
  for (let r = 0, start = offset; r < rows; r++, start += row) {
    for (let i = 0, to = start; i < n; i++, to += step) values[to] += source[from++];
  }
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
  forEachPlane(out, (offset, rows, row, n, step) => {
    for (let r = 0, start = offset; r < rows; r++, start += row) {
      for (let i = 0, to = start; i < n; i++, to += step) values[to] = value;
    }
  });
}
