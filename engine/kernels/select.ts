import type { TypedArray } from "../base/dtype.ts";
import { IndexError } from "../base/errors.ts";
import { contiguousStrides, type Shape } from "../base/shape.ts";
import type { Block } from "./block.ts";
import { forEachRow } from "./copy.ts";

/** Below this many elements a loop copies faster than `set` on a subarray. */
const ROW = 24;

/** out[o, j, i] = x[o, positions[j], i] */
export function take(x: Block, positions: Int32Array, out: TypedArray): void {
  const { values, offset, outer, n, inner } = x;
  const m = positions.length;
  if (inner === 1) {
    for (let o = 0, to = 0; o < outer; o++) {
      const base = offset + o * n;
      for (let j = 0; j < m; j++) out[to++] = values[base + positions[j]];
    }
    return;
  }
  for (let o = 0, to = 0; o < outer; o++) {
    for (let j = 0; j < m; j++, to += inner) copyRow(values, offset + (o * n + positions[j]) * inner, inner, out, to);
  }
}

/** Copies `n` neighbours. */
export function copyRow(x: TypedArray, at: number, n: number, out: TypedArray, to: number): void {
  if (n >= ROW) out.set(x.subarray(at, at + n), to);
  else for (let i = 0; i < n; i++) out[to + i] = x[at + i];
}

/** out[o, positions[j], i] = source[o, j, i]; of several with the same position the last stays. `source` is dense from `so` on. */
export function put(out: Block, positions: Int32Array, source: TypedArray, so: number): void {
  const { values, offset, outer, n, inner } = out;
  for (let o = 0, from = so; o < outer; o++) {
    for (let j = 0; j < positions.length; j++, from += inner) {
      const to = offset + (o * n + positions[j]) * inner;
      for (let i = 0; i < inner; i++) values[to + i] = source[from + i];
    }
  }
}

/** out[o, positions[j], i] += factor · source[o, j, i] */
export function add(out: Block, positions: Int32Array, source: TypedArray, so: number, factor: number): void {
  const { values, offset, outer, n, inner } = out;
  for (let o = 0, from = so; o < outer; o++) {
    for (let j = 0; j < positions.length; j++, from += inner) {
      const to = offset + (o * n + positions[j]) * inner;
      for (let i = 0; i < inner; i++) values[to + i] += factor * source[from + i];
    }
  }
}

/** out[o, positions[j], i] = value */
export function fill(out: Block, positions: Int32Array, value: number): void {
  const { values, offset, outer, n, inner } = out;
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < positions.length; j++) {
      const to = offset + (o * n + positions[j]) * inner;
      for (let i = 0; i < inner; i++) values[to + i] = value;
    }
  }
}

/** Where `n` elements from `at` on are not zero, counted from `at`. */
export function places(x: TypedArray, at: number, n: number): Int32Array {
  const found = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    // Without a branch: on a random mask the processor would guess wrong half of the time.
    found[count] = i;
    count = (count + Number(x[at + i] !== 0)) | 0;
  }
  return found.slice(0, count);
}

/** Indices into one dimension as positions. Negative ones count from the end where the op allows it. */
export function positionsIn(
  op: string,
  index: TypedArray,
  io: number,
  count: number,
  dim: number,
  size: number,
  negative: boolean,
): Int32Array {
  const positions = new Int32Array(count);
  for (let j = 0; j < count; j++) {
    const value = index[io + j];
    if (value >= size || value < (negative ? -size : 0)) throw outOfBounds(op, value, dim, size);
    positions[j] = value < 0 ? value + size : value;
  }
  return positions;
}

/**
 * Flat positions in a dense tensor of shape `target` of the elements that `index` (dense, of shape `shape`) names: those at
 * the same coordinates but for `dim`, where the index counts.
 */
export function positionsAlong(
  op: string,
  index: TypedArray,
  io: number,
  shape: Shape,
  target: Shape,
  dim: number,
): Int32Array {
  const size = target.length === 0 ? 1 : target[dim];
  const strides = contiguousStrides(target);
  const step = target.length === 0 ? 0 : strides[dim];
  strides[dim] = 0;
  const count = shape.reduce((product, n) => product * n, 1);
  const positions = new Int32Array(count);
  if (count === 0) return positions;
  const last = shape.length === 0 ? 1 : shape[shape.length - 1];
  const along = shape.length === 0 ? 0 : strides[shape.length - 1];
  let j = 0;
  const rows = { storage: { values: index }, offset: 0, shape, strides, elements: count, dense: false } as const;
  forEachRow({ ...rows, dtype: "int64" }, (start) => {
    for (let k = 0, at = start; k < last; k++, at += along, j++) {
      const value = index[io + j];
      if (value < 0 || value >= size) throw outOfBounds(op, value, dim, size);
      positions[j] = at + value * step;
    }
  });
  return positions;
}

const outOfBounds = (op: string, value: number, dim: number, size: number): IndexError =>
  new IndexError(op, `index ${value} is out of bounds for dimension ${dim} with size ${size}`);
