import { inPlace } from "../autograd/inplace.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { contiguousStrides, dimOf, type Shape, sameShape, showShape } from "../base/shape.ts";
import { sort } from "./order.ts";
import { Slice } from "./slice.ts";
import { split } from "./splitting.ts";
import { type DiagonalArgs, diagonal } from "./windows.ts";

// A copy of a tensor with another one laid over a part of it, and what else is one step of other ops.

/** Options of `sliceScatter`. */
export interface SliceScatterOptions {
  /** Along which dimension. Default 0. */
  readonly dim?: number | undefined;
  /** The first index that is written; null for the beginning. */
  readonly start?: number | null | undefined;
  /** The first index that is not; null for the end. */
  readonly end?: number | null | undefined;
  /** How far from one to the next. Default 1. */
  readonly step?: number | undefined;
}

type SliceScatterArgs =
  | [options?: SliceScatterOptions]
  | [dim: number, start?: number | null, end?: number | null | SliceScatterOptions, step?: number];

/** A copy of `self` with `source` at the places that a slice along a dimension shows. */
export const sliceScatter: (self: Tensor, source: Tensor, ...args: SliceScatterArgs) => Tensor = (
  self,
  source,
  ...args
) => {
  const names = ["dim", "start", "end", "step"] as const;
  const {
    dim = 0,
    start = null,
    end = null,
    step = 1,
  } = readArguments<SliceScatterOptions>("sliceScatter", args, names);
  const along = dimOf("sliceScatter", dim, self.ndim);
  const { start: first, length } = new Slice(start, end, step).within(self.shape[along]);
  const view = (x: Tensor): Tensor =>
    x.asStrided(
      x.shape.map((size, d) => (d === along ? length : size)),
      x.strides.map((stride, d) => (d === along ? stride * step : stride)),
      x.offset + first * x.strides[along],
    );
  return laidOver("sliceScatter", self, source, view);
};

/** A copy of `self` with `source` on a diagonal, as `diagonal` shows it. */
export const diagonalScatter: (self: Tensor, source: Tensor, ...args: DiagonalArgs) => Tensor = (
  self,
  source,
  ...args
) => laidOver("diagonalScatter", self, source, (x) => diagonal(x, ...args));

function laidOver(op: string, self: Tensor, source: Tensor, view: (x: Tensor) => Tensor): Tensor {
  const copy = self.clone();
  const part = view(copy);
  if (!sameShape(part.shape, source.shape)) {
    throw new ShapeError(
      op,
      `expected source to have a size equal to the part it covers: ${showShape(part.shape)}, but got ${showShape(source.shape)}`,
    );
  }
  part.copy_(source);
  return copy;
}

/** Writes a number on the main diagonal, in place; of more than two dimensions, where all indices are the same. */
export const fillDiagonal_: (self: Tensor, value: number) => Tensor = (self, value) => {
  const { shape } = self;
  if (self.ndim < 2) {
    throw new ShapeError("fillDiagonal_", `dimensions must larger than 1, but got shape ${showShape(shape)}`);
  }
  if (self.ndim > 2 && shape.some((size) => size !== shape[0])) {
    throw new ShapeError(
      "fillDiagonal_",
      `all dimensions of input must be of equal length, unless there are two, but got shape ${showShape(shape)}`,
    );
  }
  const isDiagonal = empty(shape, "bool");
  const step = contiguousStrides(shape).reduce((sum, stride) => sum + stride, 0);
  for (let i = 0; i < Math.min(...shape); i++) isDiagonal.storage.values[i * step] = 1;
  return inPlace("fillDiagonal_", self, () => self.maskedFill(isDiagonal, value));
};

/** Sorted along the first dimension. */
export const msort: (self: Tensor) => Tensor = (self) => sort(self, 0).values;

/** Parts of the given sizes along a dimension; the same as `split` with a list. */
export const splitWithSizes: (self: Tensor, sizes: Shape, dim?: number) => Tensor[] = (self, sizes, dim = 0) =>
  split(self, sizes, dim);
