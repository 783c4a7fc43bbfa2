import { apply } from "../autograd/dispatch.ts";
import { densely, empty, Tensor, window } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import { asElement, isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { broadcastShapes, elementCount, type Shape, sameShape, showShape, wrapDim } from "../base/shape.ts";
import * as kernels from "../kernels/select.ts";
import { addingBooleans } from "./addingBooleans.ts";
import { nextDim, nextDimOfFirst } from "./batching.ts";
import { general } from "./define.ts";
import { checkIndex, checkRows, foldAlong, rowPositions } from "./indexTensors.ts";
import { flat, folded, indexPositions } from "./placing.ts";
import { arranged, mixed, normal, type Sample } from "./samples.ts";
import { type Reduction, scatterReduced } from "./scatterReduction.ts";

// Out of place: a copy of the input, written to. The in-place methods (`scatter_` …) come from these.

const copyOf = (x: Tensor): Tensor => {
  const dense = densely(x);
  const out = empty(x.shape, x.dtype);
  kernels.copyRow(dense.storage.values, dense.offset, x.elements, out.storage.values, 0);
  return out;
};

/** The part of `source` that an index of shape `shape` reaches, dense. */
const reached = (source: Tensor, shape: Shape): Tensor =>
  densely(sameShape(source.shape, shape) ? source : window(source, shape, source.strides, source.offset));

/** Checks tensor, index and source of a scatter against each other. */
function checkScatter(op: string, self: Tensor, dim: number, index: Tensor, source: Tensor | null): number {
  const along = wrapDim(op, dim, self.ndim);
  checkIndex(op, index);
  if (index.elements === 0) return along;
  const ndim = Math.max(1, self.ndim);
  if (Math.max(1, index.ndim) !== ndim || (source !== null && Math.max(1, source.ndim) !== ndim)) {
    throw new ShapeError(
      op,
      `Index tensor must have the same number of dimensions as self tensor: index ${showShape(index.shape)}, self ${showShape(self.shape)}${source === null ? "" : `, src ${showShape(source.shape)}`}`,
    );
  }
  index.shape.forEach((size, d) => {
    const fits = (d === along || size <= (self.shape[d] ?? 1)) && (source === null || size <= (source.shape[d] ?? 1));
    if (fits) return;
    throw new ShapeError(
      op,
      `Expected index ${showShape(index.shape)} to be smaller than self ${showShape(self.shape)} apart from dimension ${along}${source === null ? "" : ` and to be smaller size than src ${showShape(source.shape)}`}`,
    );
  });
  if (source !== null && source.dtype !== self.dtype) {
    throw new DTypeError(op, `Expected self.dtype to be equal to src.dtype, but got ${self.dtype} and ${source.dtype}`);
  }
  return along;
}

/** A sample of a function that takes tensor, dimension, index and source. */
const along = (sample: Sample, dim: number): Sample =>
  arranged(sample, `along ${dim}`, ([x, index, source]) => [x, dim, index, source]);

interface Along {
  readonly dim: number;
}

const scatterOp = general<Along>()({
  name: "scatter",
  summary: "A copy with elements written where an index says along a dimension.",
  inputs: ["x", "index", "src"],
  saves: ["index"],
  forward: ([x, index, src], { dim }) => {
    const out = copyOf(x as Tensor);
    const source = reached(src as Tensor, (index as Tensor).shape);
    const positions = indexPositions("scatter", index as Tensor, out.shape, dim);
    kernels.put(flat(out), positions, source.storage.values, source.offset);
    return out;
  },
  onBatch: nextDim,
  backward: {
    x: ({ grad, index, attrs }) => grad.scatter(attrs.dim, index, 0),
    index: null,
    src: (context) => fromReached(context.grad.gather(context.attrs.dim, context.index), context.input(2).shape),
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [1, 2]],
        ["normal", [1, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [1, 1]],
        ["normal", [4, 2]],
      ]),
      0,
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", [2, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
        ["normal", [1, 2]],
      ]),
      0,
    ),
  ],
});

/** The gradient of a source of which only the first part was used. */
function fromReached(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const strides = empty(shape, "bool").strides;
  return grad.asStridedSum(shape, strides, 0);
}

const scatterValueOp = general<Along & { readonly value: number }>()({
  name: "scatter",
  overload: "value",
  node: "ScatterBackward1",
  summary: "A copy with elements written where an index says along a dimension.",
  inputs: ["x", "index"],
  saves: ["index"],
  forward: ([x, index], { dim, value }) => {
    const out = copyOf(x as Tensor);
    kernels.fill(flat(out), indexPositions("scatter", index as Tensor, out.shape, dim), value);
    return out;
  },
  onBatch: nextDim,
  backward: { x: ({ grad, index, attrs }) => grad.scatter(attrs.dim, index, 0), index: null },
  accepts: [
    arranged(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
      ]),
      "a number",
      ([x, index]) => [x, 0, index, 2],
    ),
  ],
  rejects: [
    arranged(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
      ]),
      "a number",
      ([x, index]) => [x, 0, index, 2],
    ),
  ],
});

/** Options of `scatter`. */
export interface ScatterOptions {
  /** Combine with what is there instead of overwriting it. */
  readonly reduce?: "add" | "multiply" | undefined;
}

/** A copy with out[index[i][j]][j] = src[i][j] for dim 0, and so on. Where places repeat, the last one stays. */
export const scatter: (
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean,
  options?: ScatterOptions,
) => Tensor = (self, dim, index, src, options) => {
  const { reduce } = readArguments<ScatterOptions>("scatter", [options], ["reduce"]);
  const source = src instanceof Tensor ? src : null;
  const along = checkScatter("scatter", self, dim, index, source);
  if (reduce !== undefined) return scatterCombined(self, along, index, src, reduce);
  if (source !== null) return apply(scatterOp, [self, index, source], { dim: along });
  return apply(scatterValueOp, [self, index], { dim: along, value: asElement("scatter", self.dtype, Number(src)) });
};

function scatterCombined(
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean,
  reduce: string,
): Tensor {
  if (reduce !== "add" && reduce !== "multiply") {
    throw new ArgumentError("scatter", `reduce argument must be either add or multiply, but got ${String(reduce)}`);
  }
  const source = src instanceof Tensor ? src : filled(index.shape, asElement("scatter", self.dtype, Number(src)), self);
  return reduce === "add" ? scatterAdd(self, dim, index, source) : scatterReduce(self, dim, index, source, "prod");
}

function filled(shape: Shape, value: number, like: Tensor): Tensor {
  const out = empty(shape, like.dtype);
  out.storage.values.fill(value);
  return out;
}

const scatterAddOp = general<Along>()({
  name: "scatterAdd",
  summary: "A copy with elements added where an index says along a dimension.",
  inputs: ["x", "index", "src"],
  saves: { src: ["index"] },
  forward: ([x, index, src], { dim }) => {
    const out = copyOf(x as Tensor);
    const source = reached(src as Tensor, (index as Tensor).shape);
    const positions = indexPositions("scatterAdd", index as Tensor, out.shape, dim);
    kernels.add(flat(out), positions, source.storage.values, source.offset, 1);
    return out;
  },
  onBatch: nextDim,
  backward: {
    x: ({ grad }) => grad,
    index: null,
    src: (context) => fromReached(context.grad.gather(context.attrs.dim, context.index), context.input(2).shape),
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
        ["normal", [2, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 1]],
        ["normal", [4, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", []],
        [{ index: 1 }, []],
        ["normal", []],
      ]),
      0,
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", [2, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
        ["normal", [1, 2]],
      ]),
      0,
    ),
    along(normal([[2], [2], [2]]), 0),
  ],
});

/** A copy with out[index[i][j]][j] += src[i][j] for dim 0, and so on; repeated places add up. */
export const scatterAdd: (self: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor = (
  self,
  dim,
  index,
  src,
) => {
  const along = checkScatter("scatterAdd", self, dim, index, src);
  return addingBooleans(self, src, (x, from) => apply(scatterAddOp, [x, index, from], { dim: along }));
};

/** Options of `scatterReduce`. */
export interface ScatterReduceOptions {
  /** Whether what is there takes part. Default true. */
  readonly includeSelf?: boolean | undefined;
}

interface NamedScatterReduce extends ScatterReduceOptions {
  readonly reduce: Reduction;
}

/** A copy where all elements of `src` that go to one place are combined: their sum, prod, mean, amax or amin. */
export const scatterReduce: (
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: Reduction | NamedScatterReduce,
  options?: ScatterReduceOptions,
) => Tensor = (self, dim, index, src, ...args) => {
  const [reduce, options] = byPosition("scatterReduce", args, ["reduce"]) as [Reduction, ScatterReduceOptions?];
  const { includeSelf = true } = readArguments<ScatterReduceOptions>("scatterReduce", [options], ["includeSelf"]);
  const along = checkScatter("scatterReduce", self, dim, index, src);
  return addingBooleans(self, src, (x, from) => scatterReduced(x, index, from, { dim: along, reduce, includeSelf }));
};

interface Rows {
  readonly dim: number;
  readonly alpha: number;
}

/** Positions of the slices that a vector names. */
const rowsOf = (
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
): { fold: ReturnType<typeof foldAlong>; at: Int32Array } => {
  const fold = foldAlong(x.shape, dim, index);
  return { fold, at: rowPositions(op, index, dim, fold.n, false).storage.values as Int32Array };
};

const indexAddOp = general<Rows>()({
  name: "indexAdd",
  summary: "A copy with slices added at the given indices of a dimension.",
  inputs: ["x", "index", "source"],
  saves: { source: ["index"] },
  forward: ([x, index, source], { dim, alpha }) => {
    const out = copyOf(x as Tensor);
    const from = densely(source as Tensor);
    const { fold, at } = rowsOf("indexAdd", out, dim, index as Tensor);
    kernels.add(folded(out, fold), at, from.storage.values, from.offset, alpha);
    return out;
  },
  backward: {
    x: ({ grad }) => grad,
    index: null,
    source: (context) => {
      const { grad, index, attrs } = context;
      return grad.indexSelect(attrs.dim, index).mul(attrs.alpha).reshape(context.input(2).shape);
    },
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [4]],
        ["normal", [4, 2]],
      ]),
      0,
    ),
    arranged(
      mixed([
        ["normal", [2, 3]],
        [{ index: 3 }, [2]],
        ["normal", [2, 2]],
      ]),
      "alpha",
      ([x, index, src]) => [x, 1, index, src, { alpha: -2 }],
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", [3, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
        ["normal", [2, 2]],
      ]),
      0,
    ),
  ],
});

/** Options of `indexAdd`. */
export interface IndexAddOptions {
  /** Factor of the source. Default 1. */
  readonly alpha?: number | undefined;
}

/** A copy with slice i of `source` (times alpha) added to slice index[i] along `dim`; repeated ones add up. */
export const indexAdd: (self: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions) => Tensor =
  (self, dim, index, source, options) => {
    const { alpha = 1 } = readArguments<IndexAddOptions>("indexAdd", [options], ["alpha"]);
    const along = checkRows("indexAdd", self, dim, index, source);
    const factor = isFloat(self.dtype) ? alpha : Math.trunc(alpha);
    return addingBooleans(self, source, (x, from) =>
      apply(indexAddOp, [x, index, from], { dim: along, alpha: factor }),
    );
  };

const indexCopyOp = general<Along>()({
  name: "indexCopy",
  summary: "A copy with slices overwritten at the given indices of a dimension.",
  inputs: ["x", "index", "source"],
  saves: ["index"],
  forward: ([x, index, source], { dim }) => {
    const out = copyOf(x as Tensor);
    const from = densely(source as Tensor);
    const { fold, at } = rowsOf("indexCopy", out, dim, index as Tensor);
    kernels.put(folded(out, fold), at, from.storage.values, from.offset);
    return out;
  },
  backward: {
    x: ({ grad, index, attrs }) => grad.indexFill(attrs.dim, index, 0),
    index: null,
    source: (context) => context.grad.indexSelect(context.attrs.dim, context.index).reshape(context.input(2).shape),
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [1]],
        ["normal", [1, 2]],
      ]),
      0,
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", [3, 2]],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2, 2]],
        ["normal", [2, 2]],
      ]),
      0,
    ),
  ],
});

/** A copy with slice index[i] along `dim` overwritten by slice i of `source`. */
export const indexCopy: (self: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor = (
  self,
  dim,
  index,
  source,
) => {
  // A number counts as one slice.
  if (self.ndim === 0 && source.ndim === 1) return indexCopy(self.reshape(1), dim, index, source).reshape([]);
  const slices = self.ndim === 1 && source.ndim === 0 ? source.reshape(1) : source;
  return apply(indexCopyOp, [self, index, slices], { dim: checkRows("indexCopy", self, dim, index, slices) });
};

const indexFillOp = general<Along>()({
  name: "indexFill",
  summary: "A copy with slices filled at the given indices of a dimension.",
  inputs: ["x", "index", "value"],
  saves: ["index"],
  forward: ([x, index, value], { dim }) => {
    const out = copyOf(x as Tensor);
    const { fold, at } = rowsOf("indexFill", out, dim, index as Tensor);
    const { storage, offset } = value as Tensor;
    kernels.fill(folded(out, fold), at, storage.values[offset]);
    return out;
  },
  onBatch: nextDimOfFirst,
  backward: {
    x: ({ grad, index, attrs }) => grad.indexFill(attrs.dim, index, 0),
    index: null,
    // Slices named twice were filled once.
    value: ({ grad, index, attrs }) => grad.indexSelect(attrs.dim, index.unique()).sum(),
  },
  accepts: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", []],
      ]),
      0,
    ),
    along(
      mixed([
        ["normal", [2, 3]],
        [{ index: 2 }, [3]],
        ["normal", []],
      ]),
      0,
    ),
  ],
  rejects: [
    along(
      mixed([
        ["normal", [3, 2]],
        [{ index: 3 }, [2]],
        ["normal", [2]],
      ]),
      0,
    ),
  ],
});

/** Indices below 0 count from the end; those out of range stay so. */
function fromTheFront(index: Tensor, n: number): Tensor {
  const isNegative = index.toArray().some((value) => value < 0 && value >= -n);
  return isNegative ? index.add(n).where(index.lt(0), index) : index;
}

/** A copy with the slices of `dim` at the given indices (negative ones count from the end) filled with a number or a 0-d tensor. */
export const indexFill: (self: Tensor, dim: number, index: Tensor, value: Tensor | number | boolean) => Tensor = (
  self,
  dim,
  index,
  value,
) => {
  const along = wrapDim("indexFill", dim, self.ndim);
  checkIndex("indexFill", index);
  if (index.ndim > 1) throw new ShapeError("indexFill", "Index has to be a vector/scalar");
  if (value instanceof Tensor && value.ndim > 0) {
    throw new ShapeError(
      "indexFill",
      `only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
    );
  }
  const fill =
    value instanceof Tensor
      ? value.to(self.dtype)
      : filled([], asElement("indexFill", self.dtype, Number(value)), self);
  return apply(indexFillOp, [self, fromTheFront(index, self.shape[along] ?? 1), fill], { dim: along });
};

const maskedScatterOp = general()({
  name: "maskedScatter",
  summary: "A copy with the places where a mask is true filled from a source, in order.",
  inputs: ["x", "mask", "source"],
  saves: ["mask"],
  forward: ([x, mask, source]) => {
    const out = copyOf(x as Tensor);
    const where = densely(mask as Tensor);
    const from = densely(source as Tensor);
    let next = from.offset;
    for (let i = 0; i < out.elements; i++) {
      if (where.storage.values[where.offset + i] !== 0) out.storage.values[i] = from.storage.values[next++];
    }
    return out;
  },
  backward: {
    x: ({ grad, mask }) => grad.maskedFill(mask, 0),
    mask: null,
    source: (context) => {
      const { shape } = context.input(2);
      const used = context.grad.maskedSelect(context.mask);
      return used.asStridedSum([elementCount(shape)], [1], 0).reshape(shape);
    },
  },
  accepts: [
    mixed([
      ["normal", [2, 3]],
      ["mask", [2, 3]],
      ["normal", [7]],
    ]),
    mixed([
      ["normal", [2, 3]],
      ["mask", [3]],
      ["normal", [2, 3]],
    ]),
  ],
  rejects: [
    mixed([
      ["normal", [2, 3]],
      ["mask", [2]],
      ["normal", [6]],
    ]),
    normal([[2], [2], [2]]),
  ],
});

/** A copy where the places at which the mask is true take elements of `source`, one after another; tensor and mask broadcast. */
export const maskedScatter: (self: Tensor, mask: Tensor, source: Tensor) => Tensor = (self, mask, source) => {
  if (mask.dtype !== "bool") throw new DTypeError("maskedScatter", `expected a bool mask, but got ${mask.dtype}`);
  if (source.dtype !== self.dtype) {
    throw new DTypeError(
      "maskedScatter",
      `expected self and source to have same dtypes but got ${self.dtype} and ${source.dtype}`,
    );
  }
  const shape = broadcastShapes("maskedScatter", self.shape, mask.shape);
  const full = mask.expand(shape);
  const wanted = full.sum().item();
  if (source.elements < wanted) {
    throw new ShapeError(
      "maskedScatter",
      `Number of elements of source < number of ones in mask: ${source.elements} < ${wanted}`,
    );
  }
  return apply(maskedScatterOp, [self.expand(shape), full, source], undefined);
};

const putOp = general<{ readonly accumulate: boolean }>()({
  name: "put",
  summary: "A copy with elements written at indices of the flattened tensor.",
  inputs: ["x", "index", "source"],
  saves: ["index"],
  forward: ([x, index, source], { accumulate }) => {
    const out = copyOf(x as Tensor);
    const from = densely(source as Tensor);
    const at = rowPositions("put", index as Tensor, 0, out.elements, true).storage.values as Int32Array;
    if (accumulate) kernels.add(flat(out), at, from.storage.values, from.offset, 1);
    else kernels.put(flat(out), at, from.storage.values, from.offset);
    return out;
  },
  backward: {
    x: ({ grad, index, attrs }) => (attrs.accumulate ? grad : grad.put(index, grad.detach().take(index).zerosLike())),
    index: null,
    source: (context) => context.grad.take(context.index).reshape(context.input(2).shape),
  },
  accepts: [
    mixed([
      ["normal", [2, 3]],
      [{ index: 6 }, [1]],
      ["normal", [1]],
    ]),
    mixed(
      [
        ["normal", [2, 3]],
        [{ index: 6 }, [2, 2]],
        ["normal", [4]],
      ],
      true,
    ),
  ],
  rejects: [
    mixed([
      ["normal", [2, 3]],
      [{ index: 6 }, [2]],
      ["normal", [3]],
    ]),
  ],
});

/** Options of `put` and `indexPut`. */
export interface PutOptions {
  /** Add to what is there instead of overwriting it. */
  readonly accumulate?: boolean | undefined;
}

/** A copy with the elements of `source` at indices of the flattened tensor; negative ones count from the end. */
export const put: (self: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | PutOptions) => Tensor = (
  self,
  index,
  source,
  which,
) => {
  const { accumulate = false } = readArguments<PutOptions>("put", [which], ["accumulate"]);
  checkIndex("put", index);
  if (index.elements !== source.elements) {
    throw new ShapeError(
      "put",
      `Expected source and index to have the same number of elements, but got source.numel() = ${source.elements}, index.numel() = ${index.elements}`,
    );
  }
  if (source.dtype !== self.dtype) {
    throw new DTypeError(
      "put",
      `Expected source and self to have the same dtype, but got ${self.dtype} and ${source.dtype}`,
    );
  }
  if (!accumulate) return apply(putOp, [self, index, source], { accumulate });
  return addingBooleans(self, source, (x, from) => apply(putOp, [x, index, from], { accumulate }));
};
