import { apply, applyView } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import { expandsTo, inferSize, type Shape, showShape, sizesFrom, viewStrides, wrapDim } from "../base/shape.ts";
import { forEachRow, gather, scatter } from "../kernels/copy.ts";
import { general, view as viewOp } from "./define.ts";
import { normal } from "./samples.ts";

/** A shape as one array or as separate numbers. */
type Sizes = (number | Shape)[];

const viewAs = viewOp<{ readonly shape: Shape; readonly strides: readonly number[] }>()({
  name: "view",
  summary: "The same elements in another shape, without copying.",
  geometry: (x, { shape, strides }) => ({ shape, strides, offset: x.offset }),
  backward: { x: (context) => context.grad.reshape(context.input(0).shape) },
  accepts: [normal([[2, 3]], [3, 2])],
  rejects: [normal([[2, 3]], [4])],
});

/** The same storage in another shape; one size may be -1. Throws ShapeError where only a copy can do: use `reshape`. */
export const view: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) => {
  const shape = inferSize("view", sizesFrom(sizes), self.elements);
  const strides = viewStrides(self.shape, self.strides, shape);
  if (strides === null) {
    throw new ShapeError("view", `view size is not compatible with input tensor's size and stride (${showShape(self.shape)}, strides ${showShape(self.strides)}). Use reshape() instead.`);
  }
  return applyView(viewAs, self, { shape, strides });
};

/** Another shape, as a view where possible and a copy otherwise; one size may be -1. */
export const reshape: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) => {
  const shape = inferSize("reshape", sizesFrom(sizes), self.elements);
  const strides = viewStrides(self.shape, self.strides, shape);
  return strides === null ? view(self.clone(), shape) : applyView(viewAs, self, { shape, strides });
};

const expandOp = viewOp<{ readonly shape: Shape }>()({
  name: "expand",
  summary: "Repeats dimensions of size 1 without copying.",
  geometry: (x, { shape }) => {
    const lead = shape.length - x.ndim;
    const strides = shape.map((size, d) => (d < lead || (x.shape[d - lead] === 1 && size !== 1) ? 0 : x.strides[d - lead]));
    return { shape, strides, offset: x.offset };
  },
  backward: { x: ({ grad }) => grad }, // backward sums every gradient to the shape of its tensor
  accepts: [normal([[2, 1]], [2, 3]), normal([[3]], [2, 3])],
  rejects: [normal([[2, 3]], [4, 3])],
});

/** Repeats dimensions of size 1 without copying; -1 keeps a size. */
export const expand: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) => {
  const asked = sizesFrom(sizes);
  const lead = asked.length - self.ndim;
  const shape = asked.map((size, d) => (size === -1 && d >= lead ? self.shape[d - lead] : size));
  if (!expandsTo(self.shape, shape)) {
    throw new ShapeError("expand", `the expanded size ${showShape(asked)} must match the existing size ${showShape(self.shape)} where that is not 1`);
  }
  return applyView(expandOp, self, { shape });
};

const permuteOp = viewOp<{ readonly dims: readonly number[] }>()({
  name: "permute",
  summary: "Reorders dimensions.",
  geometry: (x, { dims }) => ({ shape: dims.map((d) => x.shape[d]), strides: dims.map((d) => x.strides[d]), offset: x.offset }),
  backward: { x: ({ grad, attrs }) => grad.permute(attrs.dims.map((_, d) => attrs.dims.indexOf(d))) },
  accepts: [normal([[2, 3, 4]], [2, 0, 1])],
  rejects: [normal([[2, 3]], [0])],
});

/** Reorders dimensions: dimension i of the result is `dims[i]` of the input. */
export const permute: (self: Tensor, ...dims: Sizes) => Tensor = (self, ...dims) => {
  const order = sizesFrom(dims).map((dim) => wrapDim("permute", dim, self.ndim));
  if (order.length !== self.ndim || new Set(order).size !== order.length) {
    throw new ShapeError("permute", `${showShape(order)} is not an order of the ${self.ndim} dimensions of ${showShape(self.shape)}`);
  }
  return applyView(permuteOp, self, { dims: order });
};

const transposeOp = viewOp<{ readonly dim0: number; readonly dim1: number }>()({
  name: "transpose",
  summary: "Swaps two dimensions.",
  geometry: (x, { dim0, dim1 }) => {
    const shape = x.shape.slice();
    const strides = x.strides.slice();
    [shape[dim0], shape[dim1]] = [shape[dim1], shape[dim0]];
    [strides[dim0], strides[dim1]] = [strides[dim1], strides[dim0]];
    return { shape, strides, offset: x.offset };
  },
  backward: { x: ({ grad, attrs }) => grad.transpose(attrs.dim0, attrs.dim1) },
  accepts: [normal([[2, 3]], 0, 1)],
});

/** Swaps two dimensions. */
export const transpose: (self: Tensor, dim0: number, dim1: number) => Tensor = (self, dim0, dim1) =>
  self.ndim === 0
    ? self
    : applyView(transposeOp, self, { dim0: wrapDim("transpose", dim0, self.ndim), dim1: wrapDim("transpose", dim1, self.ndim) });

const asStridedOp = viewOp<{ readonly shape: Shape; readonly strides: readonly number[]; readonly offset: number }>()({
  name: "asStrided",
  summary: "A window on the same storage with the given shape, strides and offset from the tensor's own first element.",
  geometry: (x, { shape, strides, offset }) => ({ shape, strides, offset: x.offset + offset }),
  backward: { x: (context) => context.grad.asStridedSum(context.input(0).shape, context.attrs.strides, context.attrs.offset) },
  accepts: [normal([[6]], [2, 2], [2, 1], 1)],
});

/** A window with the given shape and strides (in elements), `offset` elements after the tensor's first. */
export const asStrided: (self: Tensor, shape: Shape, strides: readonly number[], offset?: number) => Tensor = (self, shape, strides, offset = 0) =>
  applyView(asStridedOp, self, { shape, strides, offset });

const asStridedSumOp = general<{ readonly shape: Shape; readonly strides: readonly number[]; readonly offset: number }>()({
  name: "asStridedSum",
  summary: "Adjoint of asStrided: adds the elements to the places of a zero tensor that the window shows.",
  inputs: ["x"],
  forward: ([x], { shape, strides, offset }) => {
    const source = x as Tensor;
    const out = empty(shape, source.dtype);
    const from = source.dense ? source : source.clone();
    const values = out.storage.values;
    const read = from.storage.values;
    let at = from.offset;
    const n = source.ndim === 0 ? 1 : source.shape[source.ndim - 1];
    const step = source.ndim === 0 ? 0 : strides[source.ndim - 1];
    if (source.elements === 0) return out;
    forEachRow({ storage: out.storage, offset, shape: source.shape, strides, elements: source.elements, dense: false, dtype: source.dtype }, (row) => {
      for (let i = 0, to = row; i < n; i++, to += step) values[to] += read[at++];
    });
    return out;
  },
  backward: { x: (context) => context.grad.contiguous().asStrided(context.input(0).shape, context.attrs.strides, context.attrs.offset) },
});

/** Zeros of `shape` with the elements added at the places that a window with these strides and offset shows. */
export const asStridedSum: (self: Tensor, shape: Shape, strides: readonly number[], offset: number) => Tensor = (self, shape, strides, offset) =>
  apply(asStridedSumOp, [self], { shape, strides, offset });

const asStridedScatterOp = general<{ readonly shape: Shape; readonly strides: readonly number[]; readonly offset: number }>()({
  name: "asStridedScatter",
  summary: "A copy of the tensor with the places that a window shows overwritten.",
  inputs: ["x", "source"],
  forward: ([x, source], { shape, strides, offset }) => {
    const base = x as Tensor;
    const from = (source as Tensor).contiguous();
    const out = empty(base.shape, base.dtype);
    gather(base, out.storage.values, 0);
    scatter(from.storage.values, from.offset, { storage: out.storage, offset, shape, strides, elements: from.elements, dense: false, dtype: out.dtype });
    return out;
  },
  backward: {
    x: ({ grad, attrs }) => grad.asStridedScatter(grad.contiguous().asStrided(attrs.shape, attrs.strides, attrs.offset).zerosLike(), attrs.shape, attrs.strides, attrs.offset),
    source: ({ grad, attrs }) => grad.contiguous().asStrided(attrs.shape, attrs.strides, attrs.offset),
  },
});

/** A copy with `source` written where a window with these strides and offset lies. */
export const asStridedScatter: (self: Tensor, source: Tensor, shape: Shape, strides: readonly number[], offset?: number) => Tensor = (self, source, shape, strides, offset = 0) =>
  apply(asStridedScatterOp, [self, source], { shape, strides, offset });

