import { applyView } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { byPosition } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape, sizesFrom, wrapDim } from "../base/shape.ts";
import { view as viewOp } from "./define.ts";
import { normal } from "./samples.ts";
import type { Sizes } from "./views.ts";

const permuteOp = viewOp<{ readonly dims: readonly number[] }>()({
  name: "permute",
  summary: "Reorders dimensions.",
  geometry: (x, { dims }) => ({
    shape: dims.map((d) => x.shape[d]),
    strides: dims.map((d) => x.strides[d]),
    offset: x.offset,
  }),
  backward: { x: ({ grad, attrs }) => grad.permute(attrs.dims.map((_, d) => attrs.dims.indexOf(d))) },
  accepts: [normal([[2, 3, 4]], [2, 0, 1]), normal([[2, 3]], -1, 0), normal([[]], [])],
  rejects: [normal([[2, 3]], [0]), normal([[2, 3]], [0, 0])],
});

/** Reorders dimensions: dimension i of the result is `dims[i]` of the input. */
export const permute: (self: Tensor, ...dims: Sizes | [{ readonly dims: readonly number[] }]) => Tensor = (
  self,
  ...dims
) => reorder("permute", self, sizesFrom(byPosition("permute", dims, ["dims"]) as Sizes));

function reorder(op: string, self: Tensor, dims: readonly number[]): Tensor {
  const order = dims.map((dim) => wrapDim(op, dim, self.ndim));
  if (order.length !== self.ndim || new Set(order).size !== order.length) {
    throw new ShapeError(
      op,
      `${showShape(dims)} is not an order of the ${self.ndim} dimensions of ${showShape(self.shape)}: name each once`,
    );
  }
  return applyView(permuteOp, self, { dims: order });
}

interface Swap {
  readonly dim0: number;
  readonly dim1: number;
}

const transposeOp = viewOp<Swap>()({
  name: "transpose",
  summary: "Swaps two dimensions.",
  geometry: (x, attrs) => swapped(x, attrs),
  backward: { x: ({ grad, attrs }) => grad.transpose(attrs.dim0, attrs.dim1) },
  accepts: [normal([[2, 3]], 0, 1), normal([[2, 3, 4]], -1, 0), normal([[]], 0, -1)],
  rejects: [normal([[2, 3]], 0, 2)],
});

function swapped(x: Tensor, { dim0, dim1 }: Swap): { shape: number[]; strides: number[]; offset: number } {
  const shape = x.shape.slice();
  const strides = x.strides.slice();
  if (x.ndim > 0) {
    [shape[dim0], shape[dim1]] = [shape[dim1], shape[dim0]];
    [strides[dim0], strides[dim1]] = [strides[dim1], strides[dim0]];
  }
  return { shape, strides, offset: x.offset };
}

function swap(op: string, self: Tensor, dim0: number, dim1: number): Tensor {
  return applyView(transposeOp, self, { dim0: wrapDim(op, dim0, self.ndim), dim1: wrapDim(op, dim1, self.ndim) });
}

/** Swaps two dimensions. */
export const transpose: (self: Tensor, dim0: number, dim1: number) => Tensor = (self, dim0, dim1) =>
  swap("transpose", self, dim0, dim1);

/** The same as `transpose`. */
export const swapaxes: (self: Tensor, axis0: number, axis1: number) => Tensor = (self, axis0, axis1) =>
  swap("swapaxes", self, axis0, axis1);

/** The same as `transpose`. */
export const swapdims: (self: Tensor, dim0: number, dim1: number) => Tensor = (self, dim0, dim1) =>
  swap("swapdims", self, dim0, dim1);

const tOp = viewOp()({
  name: "t",
  summary: "Swaps the two dimensions of a matrix.",
  symbol: "ᵀ",
  geometry: (x) => (x.ndim < 2 ? x : swapped(x, { dim0: 0, dim1: 1 })),
  backward: { x: ({ grad }) => grad.t() },
  accepts: [normal([[2, 3]]), normal([[3]]), normal([[]])],
  rejects: [normal([[2, 3, 4]])],
});

/** A matrix transposed; vectors and numbers stay as they are. */
export const t: (self: Tensor) => Tensor = (self) => {
  if (self.ndim > 2) {
    throw new ShapeError(
      "t",
      `expects a tensor with <= 2 dimensions, but self is ${self.ndim}D (shape ${showShape(self.shape)}). Use mT or transpose().`,
    );
  }
  return applyView(tOp, self, undefined);
};

type Axes = number | readonly number[];

/** Moves dimensions to new places; the others keep their order. */
export const movedim: (self: Tensor, source: Axes, destination: Axes) => Tensor = (self, source, destination) =>
  move("movedim", self, [source].flat(), [destination].flat());

/** The same as `movedim`. */
export const moveaxis: (self: Tensor, source: Axes, destination: Axes) => Tensor = (self, source, destination) =>
  move("moveaxis", self, [source].flat(), [destination].flat());

function move(op: string, self: Tensor, source: readonly number[], destination: readonly number[]): Tensor {
  const from = source.map((dim) => wrapDim(op, dim, self.ndim));
  const to = destination.map((dim) => wrapDim(op, dim, self.ndim));
  if (from.length !== to.length) {
    throw new ShapeError(
      op,
      `Invalid source or destination dims: ${showShape(source)} and ${showShape(destination)} differ in length`,
    );
  }
  if (new Set(from).size !== from.length || new Set(to).size !== to.length) {
    throw new ShapeError(op, `repeated dim in ${showShape(source)} or ${showShape(destination)}`);
  }
  if (self.ndim === 0) return reorder(op, self, []);
  const rest = self.shape.map((_, d) => d).filter((d) => !from.includes(d));
  const order = self.shape.map((_, d) => (to.includes(d) ? from[to.indexOf(d)] : (rest.shift() as number)));
  return reorder(op, self, order);
}

/** The last two dimensions swapped: the transposes of a batch of matrices. */
export const adjoint: (self: Tensor) => Tensor = (self) => {
  if (self.ndim === 0) return self;
  if (self.ndim < 2) {
    throw new ShapeError(
      "adjoint",
      `tensor.adjoint() is only supported on matrices or batches of matrices, but got shape ${showShape(self.shape)}`,
    );
  }
  return swap("adjoint", self, -2, -1);
};
