import { ArgumentError, IndexError, ShapeError } from "./errors.ts";

/** Sizes per dimension; never changed once made, so tensors may share one. */
export type Shape = readonly number[];

/** Number of elements. */
export function elementCount(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}

/** Row-major strides, in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] === 0 ? 1 : shape[i];
  }
  return strides;
}

/** Whether strides are those of `contiguousStrides`, in dimensions of size 1, too. */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (strides[i] !== step) return false;
    step *= shape[i] === 0 ? 1 : shape[i];
  }
  return true;
}

/** Whether elements lie row-major without gaps; strides of dimensions of size 1 do not matter. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 0) return true;
    if (shape[i] !== 1) {
      if (strides[i] !== step) return false;
      step *= shape[i];
    }
  }
  return true;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The shape two tensors broadcast to. Throws ShapeError naming sizes and dimension. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const n = Math.max(a.length, b.length);
  const out = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = i < n - a.length ? 1 : a[i - (n - a.length)];
    const y = i < n - b.length ? 1 : b[i - (n - b.length)];
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        op,
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${i} (shapes ${showShape(a)} and ${showShape(b)})`,
      );
    }
    out[i] = x === 1 ? y : x;
  }
  return out;
}

/** Whether a tensor of shape `from` can be expanded to `to`. */
export function expandsTo(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  for (let i = 1; i <= from.length; i++) {
    const size = from[from.length - i];
    if (size !== 1 && size !== to[to.length - i]) return false;
  }
  return true;
}

/** A dimension counted from either end as an index from 0. 0-d tensors accept 0 and -1, as in PyTorch. */
export function wrapDim(op: string, dim: number, ndim: number): number {
  const n = Math.max(ndim, 1);
  if (!Number.isInteger(dim) || dim < -n || dim >= n) {
    throw new IndexError(op, `Dimension out of range (expected to be in range of [${-n}, ${n - 1}], but got ${dim})`);
  }
  return dim < 0 ? dim + n : dim;
}

/** As `wrapDim`, for ops that PyTorch gives no dimension of a number. */
export function dimOf(op: string, dim: number, ndim: number): number {
  const along = wrapDim(op, dim, ndim);
  if (ndim > 0) return along;
  throw new IndexError(op, `Dimension specified as ${dim} but tensor has no dimensions: reshape it to [1] first`);
}

/** Dimensions as sorted unique indices from 0; null or an empty list means all. */
export function wrapDims(op: string, dims: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (dims === null || dims === undefined) return Array.from({ length: ndim }, (_, i) => i);
  if (typeof dims !== "number" && !Array.isArray(dims)) {
    throw new ArgumentError(op, `dim must be a whole number or a list of them, but got ${JSON.stringify(dims)}`);
  }
  const list = typeof dims === "number" ? [dims] : (dims as readonly number[]);
  if (list.length === 0) return Array.from({ length: ndim }, (_, i) => i);
  const out = list.map((dim) => wrapDim(op, dim, ndim));
  if (new Set(out).size !== out.length) {
    const twice = out.find((dim, i) => out.indexOf(dim) !== i);
    throw new ShapeError(op, `dim ${twice} appears multiple times in the list of dims`);
  }
  return ndim === 0 ? [] : out.sort((a, b) => a - b);
}

/** A size list given as an array or as separate numbers. */
export function sizesFrom(args: readonly (number | Shape)[]): number[] {
  return args.length === 1 && typeof args[0] !== "number" ? [...args[0]] : (args as number[]).slice();
}

/** Replaces one -1 by what is left of `n` elements. */
export function inferSize(op: string, sizes: Shape, n: number): number[] {
  const shown = showShape(sizes);
  let unknown = -1;
  let known = 1;
  for (let i = 0; i < sizes.length; i++) {
    if (sizes[i] === -1) {
      if (unknown !== -1) throw new ShapeError(op, "only one dimension can be inferred");
      unknown = i;
    } else if (!Number.isInteger(sizes[i]) || sizes[i] < 0) {
      throw new ShapeError(op, `invalid shape dimension ${sizes[i]} in ${shown}`);
    } else known *= sizes[i];
  }
  const out = sizes.slice();
  if (unknown !== -1 && known > 0 && n % known === 0) out[unknown] = n / known;
  else if (unknown !== -1 && known === 0 && n === 0) {
    throw new ShapeError(
      op,
      `cannot reshape tensor of 0 elements into shape ${shown} because the unspecified dimension size -1 can be any value`,
    );
  } else if (unknown !== -1 || known !== n) {
    throw new ShapeError(op, `shape '${shown}' is invalid for input of size ${n}`);
  }
  return out;
}

/** Whether no two indices of a window meet in memory, as far as can be told from sizes and strides one by one. */
export function isOneToOne(shape: Shape, strides: readonly number[]): boolean {
  const dims = shape.map((_, d) => d).filter((d) => shape[d] > 1);
  dims.sort((a, b) => strides[a] - strides[b]);
  let reach = 0;
  for (const d of dims) {
    if (strides[d] <= reach) return false;
    reach += (shape[d] - 1) * strides[d];
  }
  return true;
}

/** Strides of the same elements seen in another shape without copying, or null when that needs a copy. */
export function viewStrides(shape: Shape, strides: readonly number[], target: Shape): number[] | null {
  const n = elementCount(shape);
  if (n === 0) return contiguousStrides(target);
  const out = new Array<number>(target.length);
  let t = target.length - 1;
  let viewed = 1;
  let block = 1;
  let base = shape.length === 0 ? 1 : strides[shape.length - 1];
  for (let d = shape.length - 1; d >= 0; d--) {
    block *= shape[d];
    const endsHere = d === 0 || (shape[d - 1] !== 1 && strides[d - 1] !== block * base);
    if (!endsHere) continue;
    while (t >= 0 && (viewed < block || target[t] === 1)) {
      out[t] = viewed * base;
      viewed *= target[t];
      t--;
    }
    if (viewed !== block) return null;
    if (d > 0) {
      base = strides[d - 1];
      block = 1;
      viewed = 1;
    }
  }
  while (t >= 0) {
    if (target[t] !== 1) return null;
    out[t--] = 1;
  }
  return out;
}

/** `[2, 3]` */
export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;
