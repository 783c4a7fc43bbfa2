import { applyAll } from "../autograd/dispatch.ts";
import { empty, type Tensor, window } from "../autograd/tensor.ts";
import { markView } from "../autograd/views.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, IndexError, ShapeError } from "../base/errors.ts";
import { showShape, wrapDim } from "../base/shape.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { cat, stack } from "./joining.ts";
import { replaced, without } from "./partViews.ts";
import { normal } from "./samples.ts";

/** Options of what splits along a dimension. */
export interface SplitOptions {
  /** Default 0. */
  readonly dim?: number | undefined;
}

interface SplitAttributes {
  readonly dim: number;
  readonly sizes: readonly number[];
}

/** Marks the parts as views of `x` that are one of several: those may not be written to while gradients are recorded. */
function partsOf(x: Tensor, parts: readonly Tensor[]): readonly Tensor[] {
  for (const part of parts) markView(part, x, "multiple");
  return parts;
}

const splitOp = general<SplitAttributes>()({
  name: "split",
  summary: "Parts along a dimension, as views.",
  inputs: ["x"],
  flops: none,
  outputs: ["parts"],
  forward: ([x], { dim, sizes }) => {
    const self = x as Tensor;
    let offset = self.offset;
    const parts = sizes.map((size) => {
      const part = window(self, replaced(self.shape, dim, size), self.strides, offset);
      offset += size * self.strides[dim];
      return part;
    });
    return partsOf(self, parts);
  },
  backward: {
    x: (context) => {
      const { grads, attrs } = context;
      const { shape, dtype } = context.input(0);
      const parts = grads.map((grad, i) => grad ?? empty(replaced(shape, attrs.dim, attrs.sizes[i]), dtype));
      return cat(parts, attrs.dim);
    },
  },
  accepts: [normal([[5, 2]], 2), normal([[2, 5]], [1, 4], 1), normal([[2, 4]], 2, { dim: -1 }), normal([[0, 2]], 2)],
  rejects: [normal([[5]], [1, 2]), normal([[5]], 0), normal([[5]], 2, 1), normal([[]], 1)],
});

/** Parts of `size` (or of the given sizes) along `dim` (default 0), as views; the last may be smaller. */
export const split: (self: Tensor, size: number | readonly number[], dim?: number | SplitOptions) => Tensor[] = (
  self,
  size,
  which,
) => {
  const dim = dimOf("split", self, which);
  const n = self.shape[dim];
  if (typeof size !== "number") {
    const total = size.reduce((sum, part) => sum + part, 0);
    if (total !== n || size.some((part) => !Number.isInteger(part) || part < 0)) {
      throw new ShapeError(
        "split",
        `split_with_sizes expects split_sizes to sum exactly to ${n} (input tensor's size at dimension ${dim}), but got ${showShape(size)}`,
      );
    }
    return parts(self, dim, size);
  }
  if (!Number.isInteger(size) || size < 0 || (size === 0 && n > 0)) {
    throw new ArgumentError("split", `split expects split_size be positive, but got split_size=${size}`);
  }
  return parts(self, dim, evenSizes(n, size));
};

const parts = (self: Tensor, dim: number, sizes: readonly number[]): Tensor[] => [
  ...applyAll(splitOp, [self], { dim, sizes }),
];

function dimOf(op: string, self: Tensor, which: number | SplitOptions | undefined): number {
  const { dim = 0 } = readArguments<SplitOptions>(op, [which], ["dim"]);
  if (self.ndim === 0) throw new IndexError(op, `${op} expects at least a 1-dimensional tensor`);
  return wrapDim(op, dim, self.ndim);
}

/** Sizes of parts of `size` each, the last one being what is left. */
function evenSizes(n: number, size: number): number[] {
  if (n === 0) return [0];
  return Array.from({ length: Math.ceil(n / size) }, (_, i) => Math.min(size, n - i * size));
}

/** At most `chunks` parts of equal size along `dim` (default 0), as views; the last may be smaller. */
export const chunk: (self: Tensor, chunks: number, dim?: number | SplitOptions) => Tensor[] = (self, chunks, which) => {
  const dim = dimOf("chunk", self, which);
  if (!Number.isInteger(chunks) || chunks < 1) {
    throw new ArgumentError("chunk", `chunk expects chunks to be greater than 0, got: ${String(chunks)}`);
  }
  const n = self.shape[dim];
  const sizes = n === 0 ? new Array<number>(chunks).fill(0) : evenSizes(n, Math.ceil(n / chunks));
  return parts(self, dim, sizes);
};

/** That many parts, the first ones one larger where it does not divide; or cut before the given indices. Views. */
export const tensorSplit: (
  self: Tensor,
  indicesOrSections: number | readonly number[],
  dim?: number | SplitOptions,
) => Tensor[] = (self, cuts, which) => tensorSplitAlong("tensorSplit", self, cuts, dimOf("tensorSplit", self, which));

function tensorSplitAlong(op: string, self: Tensor, cuts: number | readonly number[], dim: number): Tensor[] {
  const n = self.shape[dim];
  if (typeof cuts === "number") {
    if (!Number.isInteger(cuts) || cuts < 1) {
      throw new ArgumentError(op, `number of sections must be larger than 0, got ${String(cuts)}`);
    }
    const sizes = Array.from({ length: cuts }, (_, i) => Math.floor(n / cuts) + (i < n % cuts ? 1 : 0));
    return parts(self, dim, sizes);
  }
  const clamped = cuts.map((cut) => Math.min(Math.max(cut < 0 ? cut + n : cut, 0), n));
  let start = 0;
  return [...clamped, n].map((stop) => {
    const part = self.narrow(dim, Math.min(start, n), Math.max(0, stop - start));
    start = stop;
    return part;
  });
}

/** A number of sections must divide the size, as it need not for `tensorSplit`. */
function dividedAlong(op: string, self: Tensor, cuts: number | readonly number[], dim: number): Tensor[] {
  const n = self.shape[dim];
  if (typeof cuts === "number" && n % cuts !== 0) {
    throw new ShapeError(
      op,
      `attempted to split along dimension ${dim}, but the size of the dimension ${n} is not divisible by the split_size ${cuts}: use tensorSplit`,
    );
  }
  return tensorSplitAlong(op, self, cuts, dim);
}

/** `tensorSplit` from left to right: along dimension 1, vectors along 0. */
export const hsplit: (self: Tensor, indicesOrSections: number | readonly number[]) => Tensor[] = (self, cuts) => {
  if (self.ndim === 0) throw new ShapeError("hsplit", "requires a tensor with at least 1 dimension");
  return dividedAlong("hsplit", self, cuts, self.ndim === 1 ? 0 : 1);
};

/** `tensorSplit` from top to bottom: along dimension 0. */
export const vsplit: (self: Tensor, indicesOrSections: number | readonly number[]) => Tensor[] = (self, cuts) => {
  if (self.ndim < 2)
    throw new ShapeError("vsplit", `requires a tensor with at least 2 dimensions, but got ${self.ndim}`);
  return dividedAlong("vsplit", self, cuts, 0);
};

/** `tensorSplit` along dimension 2. */
export const dsplit: (self: Tensor, indicesOrSections: number | readonly number[]) => Tensor[] = (self, cuts) => {
  if (self.ndim < 3)
    throw new ShapeError("dsplit", `requires a tensor with at least 3 dimensions, but got ${self.ndim}`);
  return dividedAlong("dsplit", self, cuts, 2);
};

const unbindOp = general<{ readonly dim: number }>()({
  name: "unbind",
  summary: "All slices along a dimension, as views.",
  inputs: ["x"],
  flops: none,
  outputs: ["slices"],
  forward: ([x], { dim }) => {
    const self = x as Tensor;
    const [shape, strides] = [without(self.shape, dim), without(self.strides, dim)];
    const slices = Array.from({ length: self.shape[dim] }, (_, i) =>
      window(self, shape, strides, self.offset + i * self.strides[dim]),
    );
    return partsOf(self, slices);
  },
  backward: {
    x: (context) => {
      const { grads, attrs } = context;
      const { shape, dtype } = context.input(0);
      return stack(
        grads.map((grad) => grad ?? empty(without(shape, attrs.dim), dtype)),
        attrs.dim,
      );
    },
  },
  accepts: [normal([[3, 2]]), normal([[2, 3]], 1), normal([[2]], { dim: -1 })],
  rejects: [normal([[3, 2]], 2), normal([[]])],
});

/** All slices along `dim` (default 0), as views. */
export const unbind: (self: Tensor, dim?: number | SplitOptions) => Tensor[] = (self, which) => {
  const dim = dimOf("unbind", self, which);
  return [...applyAll(unbindOp, [self], { dim })];
};
