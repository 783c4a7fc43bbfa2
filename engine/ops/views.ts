import { applyView } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import {
  expandsTo,
  inferSize,
  type Shape,
  sameShape,
  showShape,
  sizesFrom,
  viewStrides,
  wrapDim,
} from "../base/shape.ts";
import { view as viewOp } from "./define.ts";
import { normal } from "./samples.ts";

/** A shape as one array or as separate numbers. */
export type Sizes = (number | Shape)[];

const viewAsOp = viewOp<{ readonly shape: Shape; readonly strides: readonly number[] }>()({
  name: "view",
  summary: "The same elements in another shape, without copying.",
  geometry: (x, { shape, strides }) => ({ shape, strides, offset: x.offset }),
  backward: { x: (context) => context.grad.reshape(context.input(0).shape) },
  accepts: [normal([[2, 3]], [3, 2]), normal([[2, 3]], [-1]), normal([[]], [1, 1]), normal([[0, 3]], [3, 0])],
  rejects: [normal([[2, 3]], [4])],
});

/** The same storage in another shape; one size may be -1. Throws ShapeError where only a copy can do: use `reshape`. */
export const view: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) => {
  const shape = inferSize("view", sizesFrom(sizes), self.elements);
  const strides = viewStrides(self.shape, self.strides, shape);
  if (strides === null) {
    throw new ShapeError(
      "view",
      `view size is not compatible with input tensor's size and stride (${showShape(self.shape)}, strides ${showShape(self.strides)}). Use reshape() instead.`,
    );
  }
  return applyView(viewAsOp, self, { shape, strides });
};

/** Another shape, as a view where possible and a copy otherwise; one size may be -1. */
export const reshape: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) => {
  const shape = inferSize("reshape", sizesFrom(sizes), self.elements);
  const strides = viewStrides(self.shape, self.strides, shape);
  return strides === null ? view(self.clone(), shape) : applyView(viewAsOp, self, { shape, strides });
};

/** The shape of another tensor, without copying. */
export const viewAs: (self: Tensor, other: Tensor) => Tensor = (self, other) => view(self, other.shape);

/** The shape of another tensor, copying where needed. */
export const reshapeAs: (self: Tensor, other: Tensor) => Tensor = (self, other) => reshape(self, other.shape);

/** Options of `flatten`. */
export interface FlattenOptions {
  /** Default 0. */
  readonly startDim?: number | undefined;
  /** Default -1. */
  readonly endDim?: number | undefined;
}

/** Dimensions from `startDim` to `endDim` (both included; default all) as one. */
export const flatten: (self: Tensor, ...args: (number | FlattenOptions | undefined)[]) => Tensor = (self, ...args) => {
  const { startDim = 0, endDim = -1 } = readArguments<FlattenOptions>("flatten", args, ["startDim", "endDim"]);
  const start = wrapDim("flatten", startDim, self.ndim);
  const end = wrapDim("flatten", endDim, self.ndim);
  if (self.ndim === 0) return reshape(self, [1]);
  if (start > end) {
    throw new ShapeError(
      "flatten",
      `flatten() has invalid args: startDim (${startDim}) cannot come after endDim (${endDim})`,
    );
  }
  if (start === end) return self;
  const size = self.shape.slice(start, end + 1).reduce((n, more) => n * more, 1);
  return reshape(self, [...self.shape.slice(0, start), size, ...self.shape.slice(end + 1)]);
};

/** All elements as one dimension. */
export const ravel: (self: Tensor) => Tensor = (self) => reshape(self.contiguous(), [self.elements]);

/** One dimension as several; one of their sizes may be -1. */
export const unflatten: (self: Tensor, dim: number, sizes: Shape) => Tensor = (self, dim, sizes) => {
  const at = wrapDim("unflatten", dim, self.ndim);
  if (!Array.isArray(sizes))
    throw new ShapeError("unflatten", `sizes must be a list of numbers, but got ${typeof sizes}`);
  if (sizes.length === 0) throw new ShapeError("unflatten", "sizes must be non-empty");
  const inner = inferSize("unflatten", sizes, self.shape[at]);
  return reshape(self, [...self.shape.slice(0, at), ...inner, ...self.shape.slice(at + 1)]);
};

const squeezeOp = viewOp<{ readonly dims: readonly number[] }>()({
  name: "squeeze",
  summary: "Leaves out dimensions of size 1.",
  geometry: (x, { dims }) => ({
    shape: x.shape.filter((_, d) => !dims.includes(d)),
    strides: x.strides.filter((_, d) => !dims.includes(d)),
    offset: x.offset,
  }),
  backward: { x: (context) => context.grad.reshape(context.input(0).shape) },
  accepts: [
    normal([[2, 1, 3]]),
    normal([[2, 1, 1]], 1),
    normal([[1, 2, 1]], [0, 2]),
    normal([[2, 3]], 0),
    normal([[]]),
  ],
  rejects: [normal([[2, 1]], 2)],
});

/** Options of `squeeze` and `unsqueeze`. */
export interface SqueezeOptions {
  /** Which dimensions; all of size 1 when left out. */
  readonly dim?: number | readonly number[] | undefined;
}

/** Leaves out dimensions of size 1: all of them, or of those given the ones that have size 1. */
export const squeeze: (self: Tensor, dim?: number | readonly number[] | SqueezeOptions) => Tensor = (self, which) => {
  const { dim } = readArguments<SqueezeOptions>("squeeze", [which], ["dim"]);
  const asked =
    dim === undefined ? self.shape.map((_, d) => d) : [dim].flat().map((d) => wrapDim("squeeze", d, self.ndim));
  const dims = asked.filter((d) => self.shape[d] === 1);
  return applyView(squeezeOp, self, { dims });
};

const unsqueezeOp = viewOp<{ readonly dim: number }>()({
  name: "unsqueeze",
  summary: "Adds a dimension of size 1.",
  geometry: (x, { dim }) => ({
    shape: [...x.shape.slice(0, dim), 1, ...x.shape.slice(dim)],
    strides: [...x.strides.slice(0, dim), dim < x.ndim ? x.shape[dim] * x.strides[dim] : 1, ...x.strides.slice(dim)],
    offset: x.offset,
  }),
  backward: { x: ({ grad, attrs }) => grad.squeeze(attrs.dim) },
  accepts: [normal([[2, 3]], 0), normal([[2, 3]], -1), normal([[]], 0)],
  rejects: [normal([[2, 3]], 3)],
});

/** Adds a dimension of size 1 before dimension `dim`; -1 adds it at the end. */
export const unsqueeze: (self: Tensor, dim: number | { readonly dim: number }) => Tensor = (self, which) => {
  const [dim] = byPosition("unsqueeze", [which], ["dim"]) as [number];
  return applyView(unsqueezeOp, self, { dim: wrapDim("unsqueeze", dim, self.ndim + 1) });
};

const expandOp = viewOp<{ readonly shape: Shape }>()({
  name: "expand",
  summary: "Repeats dimensions of size 1 without copying.",
  geometry: (x, { shape }) => {
    const lead = shape.length - x.ndim;
    const strides = shape.map((size, d) =>
      d < lead || (x.shape[d - lead] === 1 && size !== 1) ? 0 : x.strides[d - lead],
    );
    return { shape, strides, offset: x.offset };
  },
  backward: { x: ({ grad }) => grad }, // backward sums every gradient to the shape of its tensor
  accepts: [normal([[2, 1]], [2, 3]), normal([[3]], [2, 3]), normal([[]], [2]), normal([[1]], [0])],
  rejects: [normal([[2, 3]], [4, 3])],
});

/** Repeats dimensions of size 1 without copying; -1 keeps a size. */
export const expand: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) =>
  expandTo("expand", self, sizesFrom(sizes));

function expandTo(op: string, self: Tensor, asked: Shape): Tensor {
  const lead = asked.length - self.ndim;
  const unknown = asked.findIndex((size, d) => size < 0 && (size !== -1 || d < lead));
  if (unknown !== -1) {
    throw new ShapeError(
      op,
      `The expanded size of the tensor (${asked[unknown]}) isn't allowed in a leading, non-existing dimension ${unknown}: -1 keeps a size, and shape ${showShape(self.shape)} has none there`,
    );
  }
  const shape = asked.map((size, d) => (size === -1 ? self.shape[d - lead] : size));
  if (!expandsTo(self.shape, shape)) {
    throw new ShapeError(
      op,
      `the expanded size ${showShape(asked)} must match the existing size ${showShape(self.shape)} where that is not 1`,
    );
  }
  return applyView(expandOp, self, { shape });
}

/** Repeats dimensions of size 1 up to the shape of another tensor. */
export const expandAs: (self: Tensor, other: Tensor) => Tensor = (self, other) =>
  expandTo("expandAs", self, other.shape);

/** The same as `expand`. */
export const broadcastTo: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) =>
  expandTo("broadcastTo", self, sizesFrom(sizes));

/** Sums over what was broadcast, down to the given shape. */
export const sumToSize: (self: Tensor, ...sizes: Sizes) => Tensor = (self, ...sizes) => {
  const shape = sizesFrom(sizes);
  if (sameShape(shape, self.shape)) return self;
  if (!expandsTo(shape, self.shape)) {
    throw new ShapeError("sumToSize", `size ${showShape(shape)} is not expandable to size ${showShape(self.shape)}`);
  }
  const lead = self.ndim - shape.length;
  const dims = self.shape.map((_, d) => d).filter((d) => d < lead || shape[d - lead] !== self.shape[d]);
  return reshape(self.sum({ dim: dims, keepdim: true }), shape);
};
