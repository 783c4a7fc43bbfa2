import type { TypedArray } from "../base/dtype.ts";
import { elementCount, type Shape } from "../base/shape.ts";
import { gather } from "./copy.ts";
import type { Operand } from "./operand.ts";

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

/** Where a plain second operand stands while its loop runs. */
const constant = new Float64Array(1);

/** How an operand lies on the grid. */
interface Laid {
  readonly values: TypedArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/** A binary kernel from its grid loop: broadcasts, and takes plain numbers. */
export function broadcasting<A = void>(
  loop: GridLoop<A>,
): (a: Operand | number, b: Operand | number, out: Operand, attrs: A) => void {
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
      constant[0] = b;
      loop(1, n, a.storage.values, a.offset, 0, 1, constant, 0, 0, 0, out.storage.values, out.offset, attrs);
      return;
    }
    const columns = gridColumns(a, b, out);
    const x = lay(a, out.shape, columns, n);
    const y = lay(b, out.shape, columns, n);
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

/** The number of columns that lets a smaller operand repeat per row: its own size when it lies along the last dimensions. */
function gridColumns(a: Operand | number, b: Operand | number, out: Operand): number {
  for (const x of [a, b]) {
    if (typeof x === "number" || !x.dense || x.elements === out.elements || x.elements === 1) continue;
    const suffix = suffixLength(x.shape, out.shape);
    if (suffix !== null) return suffix;
    const prefix = prefixLength(x.shape, out.shape);
    if (prefix !== null) return out.elements / prefix;
  }
  return out.elements;
}

/** Elements of a shape that equals the last dimensions of `full` (a bias per column), or null. */
function suffixLength(shape: Shape, full: Shape): number | null {
  let lead = 0;
  while (lead < shape.length && shape[lead] === 1) lead++;
  const rest = shape.length - lead;
  if (rest > full.length) return null;
  for (let i = 1; i <= rest; i++) if (shape[shape.length - i] !== full[full.length - i]) return null;
  return elementCount(shape);
}

/** Elements of a shape that equals the first dimensions of `full` followed by ones (a value per row), or null. */
function prefixLength(shape: Shape, full: Shape): number | null {
  if (shape.length !== full.length) return null;
  let d = 0;
  while (d < shape.length && shape[d] === full[d]) d++;
  for (let i = d; i < shape.length; i++) if (shape[i] !== 1) return null;
  return elementCount(shape);
}

function lay(x: Operand | number, shape: Shape, columns: number, n: number): Laid {
  if (typeof x === "number") return { values: Float64Array.of(x), offset: 0, row: 0, column: 0 };
  const { values } = x.storage;
  if (x.elements === 1) return { values, offset: x.offset, row: 0, column: 0 };
  if (x.dense && x.elements === n) return { values, offset: x.offset, row: columns, column: 1 };
  if (x.dense && x.elements === columns && suffixLength(x.shape, shape) !== null)
    return { values, offset: x.offset, row: 0, column: 1 };
  if (x.dense && x.elements === n / columns && prefixLength(x.shape, shape) !== null)
    return { values, offset: x.offset, row: 1, column: 0 };
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
