import type { TypedArray } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { gather } from "./copy.ts";
import type { Operand } from "./operand.ts";
import { limits } from "./switch.ts";
import type { PairName } from "./wasm/machine.ts";
import { pairsInWasm } from "./wasm/pointwise.ts";

/**
 * The inner loop of a binary kernel over a grid of `rows` x `columns`: operand `a` starts at `ao` and advances `ar` per
 * row and `ac` per column; a step of 0 repeats it. `out` is written densely from `oo` on.
 */
export type GridLoop<A = void> = (
  rows: number,
  columns: number,
  a: TypedArray,
  ao: number,
  ar: number,
  ac: number,
  b: TypedArray,
  bo: number,
  br: number,
  bc: number,
  out: TypedArray,
  oo: number,
  attrs: A,
) => void;

/** The twin of a loop in WebAssembly. */
export interface PairTwin<A> {
  readonly name: PairName;
  /** From how many elements on it is used. */
  readonly limit: "plain" | "curve";
  /** The numbers that it takes from the attributes. */
  readonly numbers?: (attrs: A) => readonly number[];
}

/**
 * Where a plain second operand stands while its loop runs: next to float32 as one of these where it is one, because a loop
 * that meets arrays of one type only is compiled to better code.
 */
const constant = new Float64Array(1);
const single = new Float32Array(1);

function written(value: number, beside: TypedArray): TypedArray {
  if (beside instanceof Float32Array) {
    single[0] = value;
    if (single[0] === value) return single;
  }
  constant[0] = value;
  return constant;
}

/** How an operand lies on the grid. */
interface Laid {
  readonly values: TypedArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/** A binary kernel from its grid loop: broadcasts, and takes plain numbers. */
export function broadcasting<A = void>(
  plain: GridLoop<A>,
  twin: PairTwin<A> | null = null,
): (a: Operand | number, b: Operand | number, out: Operand, attrs: A) => void {
  const loop = twin === null ? plain : withTwin(plain, twin);
  return (a, b, out, attrs) => {
    const n = out.elements;
    if (n === 0) return;
    if (typeof a !== "number" && typeof b !== "number" && a.elements === n && b.elements === n && a.dense && b.dense) {
      loop(
        1,
        n,
        a.storage.values,
        a.offset,
        0,
        1,
        b.storage.values,
        b.offset,
        0,
        1,
        out.storage.values,
        out.offset,
        attrs,
      );
      return;
    }
    if (typeof b === "number" && typeof a !== "number" && a.dense) {
      const { values } = a.storage;
      loop(1, n, values, a.offset, 0, 1, written(b, values), 0, 0, 0, out.storage.values, out.offset, attrs);
      return;
    }
    const split = splitOf(a, b, out.shape);
    let columns = 1;
    for (let d = split; d < out.shape.length; d++) columns *= out.shape[d];
    const x = lay(a, out.shape, split, columns, n);
    const y = lay(b, out.shape, split, columns, n);
    loop(
      n / columns,
      columns,
      x.values,
      x.offset,
      x.row,
      x.column,
      y.values,
      y.offset,
      y.row,
      y.column,
      out.storage.values,
      out.offset,
      attrs,
    );
  };
}

/** The loop, or its twin where there are enough elements. */
function withTwin<A>(plain: GridLoop<A>, { name, limit, numbers }: PairTwin<A>): GridLoop<A> {
  return (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, attrs) => {
    if (rows * columns >= limits[limit]) {
      const given = numbers === undefined ? NONE : numbers(attrs);
      if (pairsInWasm(name, rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, given)) return;
    }
    plain(rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, attrs);
  };
}

const NONE: readonly number[] = [];

/** The dimension at which the columns of the grid begin: as early as both operands advance evenly before and after it. */
function splitOf(a: Operand | number, b: Operand | number, shape: Shape): number {
  for (let d = 0; d < shape.length; d++) if (isEven(a, shape, d) && isEven(b, shape, d)) return d;
  return 0; // `lay` writes out what is not even
}

const isEven = (x: Operand | number, shape: Shape, split: number): boolean =>
  typeof x === "number" || (stepOf(x, shape, split, shape.length) >= 0 && stepOf(x, shape, 0, split) >= 0);

/** By how much an operand advances at each step through dimensions `from` to `to` of the full shape; −1 when not evenly. */
function stepOf(x: Operand, shape: Shape, from: number, to: number): number {
  const lead = shape.length - x.shape.length;
  let step = 0;
  let next = -1;
  for (let d = to - 1; d >= from; d--) {
    const size = shape[d];
    if (size === 1) continue;
    const stride = d < lead || x.shape[d - lead] === 1 ? 0 : x.strides[d - lead];
    if (next === -1) step = stride;
    else if (stride !== next) return -1;
    next = stride * size;
  }
  return step;
}

function lay(x: Operand | number, shape: Shape, split: number, columns: number, n: number): Laid {
  if (typeof x === "number") return { values: Float64Array.of(x), offset: 0, row: 0, column: 0 };
  const column = stepOf(x, shape, split, shape.length);
  const row = stepOf(x, shape, 0, split);
  if (column >= 0 && row >= 0) return { values: x.storage.values, offset: x.offset, row, column };
  return { values: expanded(x, shape, n), offset: 0, row: columns, column: 1 };
}

/** The operand's elements written out in the full shape. */
export function expanded(x: Operand, shape: Shape, n: number): TypedArray {
  const lead = shape.length - x.shape.length;
  const strides = shape.map((_, d) => (d < lead || x.shape[d - lead] === 1 ? 0 : x.strides[d - lead]));
  const full = new (x.storage.values.constructor as new (n: number) => TypedArray)(n);
  gather({ storage: x.storage, offset: x.offset, shape, strides, elements: n, dense: false, dtype: x.dtype }, full, 0);
  return full;
}
