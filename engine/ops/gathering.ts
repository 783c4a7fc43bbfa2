import { apply } from "../autograd/dispatch.ts";
import { densely, empty, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { DTypeError, IndexError, ShapeError } from "../base/errors.ts";
import { broadcastShapes, dimOf, elementCount, showShape, wrapDim } from "../base/shape.ts";
import { places, take as takeKernel } from "../kernels/select.ts";
import { nextDim, nextDimOfFirst } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { checkIndex, foldAlong, rowPositions } from "./indexTensors.ts";
import { type Folded, flat, indexPositions, placeAlong, placeRows, takeAt } from "./placing.ts";
import { arranged, mixed, normal, type Sample } from "./samples.ts";

/** A sample of a function that takes tensor, dimension and index. */
const along = (sample: Sample, dim: number): Sample =>
  arranged(sample, `along ${dim}`, ([x, index]) => [x, dim, index]);

const gatherOp = general<{ readonly dim: number }>()({
  name: "gather",
  summary: "Elements that an index names along a dimension.",
  inputs: ["x", "index"],
  flops: none,
  saves: ["index"],
  forward: ([x, index], { dim }) => {
    const self = densely(x as Tensor);
    const out = empty((index as Tensor).shape, self.dtype);
    const positions = indexPositions("gather", index as Tensor, self.shape, dim);
    takeKernel(flat(self), positions, out.storage.values);
    return out;
  },
  onBatch: nextDim,
  backward: {
    x: (context) => placeAlong(context.grad, context.index, context.attrs.dim, context.input(0).shape),
    index: null,
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [4, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 4]],
        [{ index: 4 }, [2, 3]],
      ]),
      -1,
    ),
    along(
      mixed([
        ["normal", []],
        [{ index: 1 }, []],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [2, 3]],
        [{ index: 1 }, [0, 3]],
      ]),
      0,
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 3]],
      ]),
      0,
    ),
    along(normal([[2], [2]]), 0),
  ],
});

/** out[i][j] = x[index[i][j]][j] for dim 0, and so on: elements along `dim` at indices of the shape of the result. */
export const gather: (self: Tensor, dim: number, index: Tensor) => Tensor = (self, dim, index) => {
  const along = wrapDim("gather", dim, self.ndim);
  checkIndex("gather", index);
  // Nothing is gathered from anywhere, so an empty index may have any shape.
  if (index.elements === 0) return apply(gatherOp, [self, index], { dim: along });
  if (Math.max(1, index.ndim) !== Math.max(1, self.ndim)) {
    throw new ShapeError(
      "gather",
      `Index tensor must have the same number of dimensions as input tensor, but got ${showShape(index.shape)} and ${showShape(self.shape)}`,
    );
  }
  index.shape.forEach((size, d) => {
    if (d === along || size <= (self.shape[d] ?? 1)) return;
    throw new ShapeError(
      "gather",
      `Size does not match at dimension ${d} expected index ${showShape(index.shape)} to be smaller than self ${showShape(self.shape)} apart from dimension ${along}`,
    );
  });
  return apply(gatherOp, [self, index], { dim: along });
};

/** Options of `takeAlongDim`. */
export interface TakeAlongDimOptions {
  /** The flattened tensors when left out. */
  readonly dim?: number | null | undefined;
}

/** As `gather`, but tensor and index broadcast; the index is often one from `argsort` or `argmax`. */
export const takeAlongDim: (self: Tensor, index: Tensor, dim?: number | null | TakeAlongDimOptions) => Tensor = (
  self,
  index,
  which,
) => {
  const { dim = null } = readArguments<TakeAlongDimOptions>("takeAlongDim", [which], ["dim"]);
  if (dim === null) return gather(self.reshape([-1]), 0, index.reshape([-1]));
  const along = dimOf("takeAlongDim", dim, self.ndim);
  if (self.ndim !== index.ndim) {
    throw new ShapeError(
      "takeAlongDim",
      `input and indices should have the same number of dimensions, but got ${self.ndim} dimensions for input, and ${index.ndim} dimensions for indices`,
    );
  }
  const common = broadcastShapes(
    "takeAlongDim",
    self.shape.map((size, d) => (d === along ? 1 : size)),
    index.shape.map((size, d) => (d === along ? 1 : size)),
  );
  const spread = (x: Tensor): Tensor => x.expand(common.map((size, d) => (d === along ? x.shape[d] : size)));
  return gather(spread(self), along, spread(index));
};

interface SelectAttributes {
  readonly dim: number;
}

const indexSelectOp = general<SelectAttributes>()({
  name: "indexSelect",
  summary: "Slices along a dimension, by their indices.",
  inputs: ["x", "index"],
  flops: none,
  saves: ["index"],
  forward: ([x, index], { dim }) => {
    const self = x as Tensor;
    const fold = foldAlong(self.shape, dim, index as Tensor);
    return takeAt(self, rowPositions("indexSelect", index as Tensor, dim, fold.n, false), fold);
  },
  onBatch: nextDimOfFirst,
  backward: {
    x: (context) => {
      const { grad, index, attrs } = context;
      const fold = foldAlong(context.input(0).shape, attrs.dim, index);
      return placeRows(grad, rowPositions("indexSelect", index, attrs.dim, fold.n, false), fold);
    },
    index: null,
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [4]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [2, 3, 2]],
        [{ index: 3 }, [2]],
      ]),
      1,
    ),
    along(
      mixed([
        ["normal", [2, 3]],
        [{ index: 3 }, []],
      ]),
      -1,
    ),
    along(
      mixed([
        ["normal", [2, 3]],
        [{ index: 3 }, [0]],
      ]),
      1,
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3]],
        [{ index: 3 }, [2]],
      ]),
      1,
    ),
    along(normal([[2], [2]]), 0),
  ],
});

/** The slices of `dim` at the given indices (1-D), in their order. */
export const indexSelect: (self: Tensor, dim: number, index: Tensor) => Tensor = (self, dim, index) => {
  const along = wrapDim("indexSelect", dim, self.ndim);
  checkIndex("indexSelect", index);
  if (index.ndim > 1) {
    throw new IndexError("indexSelect", `Index is supposed to be a vector, but got shape ${showShape(index.shape)}`);
  }
  if (self.ndim === 0 && index.elements !== 1) {
    throw new IndexError("indexSelect", `Index to scalar can have only 1 value, got ${index.elements} value(s)`);
  }
  return apply(indexSelectOp, [self, index], { dim: along });
};

/** A flattened tensor as the one dimension that positions count in. */
const flatFold = (x: { readonly shape: readonly number[] }, index: Tensor): Folded => ({
  outer: 1,
  n: elementCount(x.shape),
  inner: 1,
  from: x.shape,
  to: index.shape,
});

const takeOp = general()({
  name: "take",
  summary: "Elements by their indices in the flattened tensor.",
  inputs: ["x", "index"],
  flops: none,
  saves: ["index"],
  forward: ([x, index]) => {
    const self = x as Tensor;
    return takeAt(self, rowPositions("take", index as Tensor, 0, self.elements, true), flatFold(self, index as Tensor));
  },
  backward: {
    x: (context) => {
      const fold = flatFold(context.input(0), context.index);
      return placeRows(context.grad, rowPositions("take", context.index, 0, fold.n, true), fold);
    },
    index: null,
  },
  accepts: [
    mixed([
      ["normal", [2, 3]],
      [{ index: 6 }, [2, 2]],
    ]),
    mixed([
      ["normal", [3]],
      [{ index: 3 }, []],
    ]),
  ],
  rejects: [normal([[2, 3], [2]])],
});

/** Elements at indices into the flattened tensor, in the shape of the index; negative ones count from the end. */
export const take: (self: Tensor, index: Tensor) => Tensor = (self, index) => {
  checkIndex("take", index);
  return apply(takeOp, [self, index], undefined);
};

const maskedSelectOp = general<Folded>()({
  name: "maskedSelect",
  summary: "The elements where a mask is true, as a vector.",
  inputs: ["x", "mask", "positions"],
  flops: none,
  saves: ["positions"],
  forward: ([x, , positions], fold) => takeAt(x as Tensor, positions as Tensor, fold),
  backward: {
    x: ({ grad, positions, attrs }) => placeRows(grad, positions, attrs),
    mask: null,
    positions: null,
  },
  accepts: [
    mixed([
      ["normal", [2, 3]],
      ["mask", [2, 3]],
    ]),
    mixed([
      ["normal", [2, 3]],
      ["mask", [3]],
    ]),
  ],
  rejects: [
    normal([
      [2, 3],
      [2, 3],
    ]),
    mixed([
      ["normal", [2, 3]],
      ["mask", [2]],
    ]),
  ],
});

/** The elements where the mask is true, as a vector; tensor and mask broadcast. */
export const maskedSelect: (self: Tensor, mask: Tensor) => Tensor = (self, mask) => {
  if (mask.dtype !== "bool") {
    throw new DTypeError(
      "maskedSelect",
      `expected BoolTensor for mask, but got ${mask.dtype}${isFloat(mask.dtype) ? ": compare it with something" : ""}`,
    );
  }
  const shape = broadcastShapes("maskedSelect", self.shape, mask.shape);
  const [x, where] = [self.expand(shape), densely(mask.expand(shape))];
  const chosen = places(where.storage.values, where.offset, where.elements);
  const count = chosen.length;
  const found = fromBuffer(chosen, [count], "int32");
  const fold = { outer: 1, n: x.elements, inner: 1, from: shape, to: [count] };
  return apply(maskedSelectOp, [x, mask, found], fold);
};
