import { densely, empty, fromBuffer, Tensor } from "../autograd/tensor.ts";
import { ArgumentError, DTypeError, IndexError } from "../base/errors.ts";
import { broadcastShapes, type Shape, showShape } from "../base/shape.ts";
import { places } from "../kernels/select.ts";
import { sliceAlong } from "./partViews.ts";
import type { Folded } from "./placing.ts";
import { Slice } from "./slice.ts";

/**
 * One part of an index: a whole number picks one slice, a `slice(…)` a range, null adds a dimension, "..." stands for all
 * dimensions not mentioned, and tensors (or lists) of whole numbers or booleans pick elements.
 */
export type IndexPart = number | boolean | null | "..." | Slice | Tensor | readonly number[] | readonly boolean[];

/** What is left to do after the basic parts: whole-number tensors, each for a dimension of `x`. */
export interface Advanced {
  readonly x: Tensor;
  /** Sorted. */
  readonly dims: readonly number[];
  readonly indices: readonly Tensor[];
}

/** Applies the basic parts, which make views; gives what the tensors among the parts are to be applied to. */
export function applyBasic(op: string, self: Tensor, parts: readonly IndexPart[]): Advanced {
  const list = parts.map((part) =>
    Array.isArray(part) ? listTensor(op, part) : (part as Exclude<IndexPart, readonly unknown[]>),
  );
  const mentioned = list.reduce<number>((n, part) => n + dimensionsOf(part), 0);
  if (mentioned > self.ndim) {
    throw new IndexError(op, `too many indices for tensor of dimension ${self.ndim}: got ${mentioned}`);
  }
  if (list.filter((part) => part === "...").length > 1) {
    throw new IndexError(op, "an index can only have a single ellipsis ('...')");
  }
  let x = self;
  let dim = 0;
  const found: [dim: number, index: Tensor][] = [];
  for (const part of list) {
    if (part === "...") dim += self.ndim - mentioned;
    else if (part === null) x = x.unsqueeze(dim++);
    else if (typeof part === "number") x = selected(op, self, x, dim, part);
    else if (part instanceof Slice) x = sliced(x, dim++, part);
    else if (typeof part === "boolean") {
      x = x.unsqueeze(dim);
      found.push([dim++, rangeOf(part ? 1 : 0)]);
    } else if (part instanceof Tensor) {
      if (part.ndim === 0 && part.dtype !== "bool") {
        x = selected(op, self, x, dim, wholeNumber(op, part));
        continue;
      }
      if (part.ndim === 0) x = x.unsqueeze(dim);
      const indices = part.ndim === 0 ? [rangeOf(part.item() === 0 ? 0 : 1)] : indicesOf(op, part, x, dim);
      for (const index of indices) found.push([dim++, index]);
    } else {
      throw new ArgumentError(
        op,
        `only integers, slice(…), "...", null and int64 or bool tensors are valid indices, but got ${typeof part}`,
      );
    }
  }
  return { x, dims: found.map(([d]) => d), indices: found.map(([, index]) => index) };
}

/** How many dimensions of the tensor a part uses up. */
function dimensionsOf(part: Exclude<IndexPart, readonly unknown[]>): number {
  if (typeof part === "number" || part instanceof Slice) return 1;
  if (part instanceof Tensor) return part.dtype === "bool" ? part.ndim : 1;
  return 0;
}

function listTensor(op: string, list: readonly (number | boolean)[]): Tensor {
  const kind = typeof list[0];
  if (list.some((item) => typeof item !== kind || (kind !== "number" && kind !== "boolean"))) {
    throw new ArgumentError(op, "a list in an index must hold whole numbers, or booleans");
  }
  const out = empty([list.length], kind === "boolean" ? "bool" : "int64");
  out.storage.values.set(list.map(Number));
  return out;
}

function selected(op: string, self: Tensor, x: Tensor, dim: number, index: number): Tensor {
  const size = x.shape[dim];
  if (!Number.isInteger(index)) throw new ArgumentError(op, `an index must be a whole number, but got ${index}`);
  if (index < -size || index >= size) {
    throw new IndexError(
      op,
      `index ${index} is out of bounds for dimension ${dim} with size ${size} (shape ${showShape(self.shape)})`,
    );
  }
  return x.select(dim, index);
}

function sliced(x: Tensor, dim: number, part: Slice): Tensor {
  const size = x.shape[dim];
  const { start, length } = part.within(size);
  return start === 0 && length === size ? x : sliceAlong(x, dim, start, length, part.step);
}

function wholeNumber(op: string, index: Tensor): number {
  if (index.dtype === "int64" || index.dtype === "int32") return index.item();
  throw new DTypeError(op, `tensors used as indices must be int64 or bool tensors, but got ${index.dtype}`);
}

const rangeOf = (n: number): Tensor => {
  const out = empty([n], "int64");
  for (let i = 0; i < n; i++) out.storage.values[i] = i;
  return out;
};

/** A tensor part as one whole-number index per dimension; a mask names the places where it is true. */
function indicesOf(op: string, part: Tensor, x: Tensor, dim: number): readonly Tensor[] {
  if (part.dtype === "int64" || part.dtype === "int32") return [part];
  if (part.dtype !== "bool") {
    throw new DTypeError(op, `tensors used as indices must be int64 or bool tensors, but got ${part.dtype}`);
  }
  part.shape.forEach((size, d) => {
    if (size === x.shape[dim + d]) return;
    throw new IndexError(
      op,
      `The shape of the mask ${showShape(part.shape)} at index ${d} does not match the shape of the indexed tensor ${showShape(x.shape)} at index ${dim + d}`,
    );
  });
  return placesOf(part);
}

/** Coordinates of all elements that are not zero, one vector per dimension. */
export function placesOf(x: Tensor): Tensor[] {
  const dense = densely(x);
  const flat = places(dense.storage.values, dense.offset, x.elements);
  let step = x.elements;
  return x.shape.map((size) => {
    step /= size;
    return fromBuffer(
      Float64Array.from(flat, (at) => Math.floor(at / step) % size),
      [flat.length],
      "int64",
    );
  });
}

/** How rows of `x` are named: `x` with the indexed dimensions side by side, and positions in those. */
export interface Resolved {
  readonly x: Tensor;
  readonly fold: Folded;
  readonly positions: Tensor;
}

/**
 * Turns several index tensors into one list of positions. Indexed dimensions that are not neighbours come first in the
 * result, as in NumPy, so they are moved to the front.
 */
export function resolve(op: string, { x: viewed, dims, indices }: Advanced): Resolved {
  const neighbours = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1);
  const rest = viewed.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const x = neighbours ? viewed : viewed.permute([...dims, ...rest]);
  const first = neighbours ? dims[0] : 0;
  const sizes = x.shape.slice(first, first + dims.length);
  const common = commonShape(op, indices);
  const before = x.shape.slice(0, first);
  const after = x.shape.slice(first + dims.length);
  const product = (shape: Shape): number => shape.reduce((n, size) => n * size, 1);
  const fold = {
    outer: product(before),
    n: product(sizes),
    inner: product(after),
    from: x.shape,
    to: [...before, ...common, ...after],
  };
  return { x, fold, positions: positionsOf(op, indices, common, sizes, dims) };
}

function commonShape(op: string, indices: readonly Tensor[]): Shape {
  try {
    return indices.reduce<Shape>((met, index) => broadcastShapes(op, met, index.shape), []);
  } catch {
    const shapes = indices.map((index) => showShape(index.shape)).join(", ");
    throw new IndexError(op, `shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes}`);
  }
}

function positionsOf(
  op: string,
  indices: readonly Tensor[],
  common: Shape,
  sizes: Shape,
  dims: readonly number[],
): Tensor {
  const count = common.reduce((n, size) => n * size, 1);
  const positions = new Int32Array(count);
  indices.forEach((index, d) => {
    const { storage, offset } = densely(index.shape.join() === common.join() ? index : index.detach().expand(common));
    const size = sizes[d];
    for (let j = 0; j < count; j++) {
      const value = storage.values[offset + j];
      if (value < -size || value >= size) {
        throw new IndexError(op, `index ${value} is out of bounds for dimension ${dims[d]} with size ${size}`);
      }
      positions[j] = positions[j] * size + (value < 0 ? value + size : value);
    }
  });
  return fromBuffer(positions, [count], "int32");
}
