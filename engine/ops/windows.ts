import { apply, applyView } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor, window } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, IndexError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape, wrapDim } from "../base/shape.ts";
import { gather, scatter } from "../kernels/copy.ts";
import { nextDim } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { partView, replaced, sliceOp, without } from "./partViews.ts";
import { normal } from "./samples.ts";

const selectOp = partView<{ readonly dim: number; readonly index: number }>({
  name: "select",
  summary: "One slice along a dimension, which goes away.",
  geometry: ({ shape, strides, offset }, { dim, index }) => ({
    shape: without(shape, dim),
    strides: without(strides, dim),
    offset: offset + index * strides[dim],
  }),
  accepts: [normal([[2, 3]], 0, 1), normal([[2, 3, 2]], -2, -1), normal([[2]], 0, 0)],
  rejects: [normal([[2, 3]], 0, 2), normal([[]], 0, 0)],
});

/** One slice along `dim`, which goes away; a negative index counts from the end. */
export const select: (self: Tensor, dim: number, index: number) => Tensor = (self, dim, index) =>
  applyView(selectOp, self, sliceAt("select", self, dim, index));

function sliceAt(op: string, self: Tensor, dim: number, index: number): { dim: number; index: number } {
  if (self.ndim === 0) throw new IndexError(op, `${op}() cannot be applied to a 0-dim tensor.`);
  const at = wrapDim(op, dim, self.ndim);
  const size = self.shape[at];
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new IndexError(op, `index ${String(index)} is out of bounds for dimension ${at} with size ${size}`);
  }
  return { dim: at, index: index < 0 ? index + size : index };
}

const selectScatterOp = general<{ readonly dim: number; readonly index: number }>()({
  name: "selectScatter",
  summary: "A copy with one slice along a dimension overwritten: the opposite of select.",
  inputs: ["x", "source"],
  flops: none,
  forward: ([x, source], { dim, index }) => {
    const [whole, slice] = [x as Tensor, densely(source as Tensor)];
    const out = empty(whole.shape, whole.dtype);
    gather(whole, out.storage.values, 0);
    const { strides } = out;
    scatter(slice.storage.values, slice.offset, window(out, slice.shape, without(strides, dim), index * strides[dim]));
    return out;
  },
  onBatch: nextDim,
  backward: {
    x: ({ grad, attrs: { dim, index } }) => selectScatter(grad, grad.select(dim, index).zerosLike(), dim, index),
    source: ({ grad, attrs: { dim, index } }) => grad.select(dim, index),
  },
  accepts: [
    normal([[2, 3], [2]], 1, 2),
    normal([[2, 3], [3]], 0, -1),
    normal([[4], []], 0, 1),
    normal([[0, 2], [0]], 1, 0),
  ],
  rejects: [normal([[2, 3], [3]], 1, 0), normal([[2, 3], [2]], 1, 3), normal([[], []], 0, 0)],
});

/** A copy with `source` as slice number `index` along `dim`; the slice itself is what `select` shows. */
export const selectScatter: (self: Tensor, source: Tensor, dim: number, index: number) => Tensor = (
  self,
  source,
  dim,
  index,
) => {
  const at = sliceAt("selectScatter", self, dim, index);
  const slice = without(self.shape, at.dim);
  if (!sameShape(source.shape, slice)) {
    throw new ShapeError(
      "selectScatter",
      `expected source of shape ${showShape(slice)}, but got ${showShape(source.shape)}`,
    );
  }
  return apply(selectScatterOp, [self, source.to(self.dtype)], at);
};

/** `length` slices along `dim` from `start` on. */
export const narrow: (self: Tensor, dim: number, start: number, length: number) => Tensor = (
  self,
  dim,
  start,
  length,
) => {
  if (self.ndim === 0) throw new IndexError("narrow", "narrow() cannot be applied to a 0-dim tensor.");
  const at = wrapDim("narrow", dim, self.ndim);
  const size = self.shape[at];
  const from = start < 0 ? start + size : start;
  if (!Number.isInteger(length) || length < 0) {
    throw new ArgumentError("narrow", `length must be non-negative, but got ${String(length)}`);
  }
  if (!Number.isInteger(from) || from < 0 || from + length > size) {
    throw new IndexError("narrow", `start (${start}) + length (${length}) exceeds dimension size (${size}).`);
  }
  return applyView(sliceOp, self, { dim: at, start: from, length, step: 1 });
};

interface DiagonalAttributes {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

/** Where a diagonal of a matrix of these dimensions starts, and how long it is. */
const diagonalLength = (rows: number, columns: number, offset: number): number =>
  Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));

const diagonalOp = partView<DiagonalAttributes>({
  name: "diagonal",
  summary: "A diagonal of a matrix, as the last dimension.",
  geometry: ({ shape, strides, offset: first }, { offset, dim1, dim2 }) => {
    const rest = shape.map((_, d) => d).filter((d) => d !== dim1 && d !== dim2);
    const length = diagonalLength(shape[dim1], shape[dim2], offset);
    const start = offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1];
    return {
      shape: [...rest.map((d) => shape[d]), length],
      strides: [...rest.map((d) => strides[d]), strides[dim1] + strides[dim2]],
      offset: length === 0 ? first : first + start,
    };
  },
  accepts: [normal([[3, 3]]), normal([[2, 4]], 1), normal([[3, 2, 4]], -1, 0, 2), normal([[2, 3]], { offset: 5 })],
  rejects: [normal([[3]]), normal([[2, 2]], 0, 1, 1)],
});

/** Options of `diagonal` and `diagEmbed`. */
export interface DiagonalOptions {
  /** Above (positive) or below (negative) the main diagonal. Default 0. */
  readonly offset?: number | undefined;
  /** The dimension along which rows are counted. Default 0 (`diagEmbed`: -2). */
  readonly dim1?: number | undefined;
  /** The dimension along which columns are counted. Default 1 (`diagEmbed`: -1). */
  readonly dim2?: number | undefined;
}

/** `offset`, `dim1` and `dim2`, by position or by name. */
export type DiagonalArgs = (number | DiagonalOptions | undefined)[];

/** A diagonal of the matrices in `dim1` and `dim2` (default 0 and 1), as the last dimension. */
export const diagonal: (self: Tensor, ...args: DiagonalArgs) => Tensor = (self, ...args) => {
  const options = readArguments<DiagonalOptions>("diagonal", args, ["offset", "dim1", "dim2"]);
  const { offset = 0, dim1 = 0, dim2 = 1 } = options;
  const rows = wrapDim("diagonal", dim1, self.ndim);
  const columns = wrapDim("diagonal", dim2, self.ndim);
  if (rows === columns) throw new ShapeError("diagonal", `diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  return applyView(diagonalOp, self, { offset, dim1: rows, dim2: columns });
};

interface UnfoldAttributes {
  readonly dim: number;
  readonly size: number;
  readonly step: number;
}

const unfoldOp = partView<UnfoldAttributes>({
  name: "unfold",
  overload: "dimension", // `F.unfold` takes patches of images
  summary: "All windows of a size along a dimension, as a new last dimension.",
  geometry: ({ shape, strides, offset }, { dim, size, step }) =>
    shape.length === 0
      ? { shape: [size], strides: [1], offset }
      : {
          shape: [...replaced(shape, dim, Math.floor((shape[dim] - size) / step) + 1), size],
          strides: [...replaced(strides, dim, strides[dim] * step), strides[dim]],
          offset,
        },
  accepts: [normal([[5]], 0, 3, 1), normal([[2, 5]], 1, 2, 2), normal([[4, 2]], 0, 4, 1)],
  rejects: [normal([[5]], 0, 6, 1), normal([[5]], 0, 2, 0)],
});

/** Windows of `size` elements along `dim`, `step` apart, as a new last dimension; they may overlap. */
export const unfold: (self: Tensor, dim: number, size: number, step: number) => Tensor = (self, dim, size, step) => {
  const at = wrapDim("unfold", dim, self.ndim);
  const most = self.ndim === 0 ? 1 : self.shape[at];
  if (!Number.isInteger(size) || size < 0 || size > most) {
    throw new ShapeError("unfold", `maximum size for tensor at dimension ${at} is ${most} but size is ${String(size)}`);
  }
  if (!Number.isInteger(step) || step <= 0)
    throw new ArgumentError("unfold", `step is ${String(step)} but must be > 0`);
  return applyView(unfoldOp, self, { dim: at, size, step });
};
