import { apply } from "../autograd/dispatch.ts";
import { densely, empty, Tensor } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "../base/errors.ts";
import { dimOf, showShape, sizesFrom, wrapDim, wrapDims } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";
import { roll as rollKernel } from "../kernels/roll.ts";
import { nextDims } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { blockAlong } from "./reduce.ts";
import { normal } from "./samples.ts";
import type { Sizes } from "./views.ts";

const flipOp = general<{ readonly dims: readonly number[] }>()({
  name: "flip",
  summary: "Reverses the order along dimensions.",
  inputs: ["x"],
  flops: none,
  forward: ([x], { dims }) => {
    const self = x as Tensor;
    const out = empty(self.shape, self.dtype);
    let { offset } = self;
    for (const d of dims) offset += (self.shape[d] - 1) * self.strides[d];
    const strides = self.strides.map((stride, d) => (dims.includes(d) ? -stride : stride));
    const { storage, shape, elements, dtype } = self;
    gather({ storage, offset, shape, strides, elements, dense: elements === 1, dtype }, out.storage.values, 0);
    return out;
  },
  onBatch: nextDims,
  backward: { x: ({ grad, attrs }) => grad.flip(attrs.dims) },
  accepts: [normal([[2, 3]], 1), normal([[2, 3]], [0, 1]), normal([[2, 3]], []), normal([[0, 2]], 0)],
  rejects: [normal([[2, 3]], 2), normal([[2, 3]], [0, 0])],
});

/** Reverses the order along the given dimensions, into a copy. */
export const flip: (self: Tensor, ...dims: Sizes | [{ readonly dims: readonly number[] }]) => Tensor = (
  self,
  ...dims
) => flipAlong("flip", self, sizesFrom(byPosition("flip", dims, ["dims"]) as Sizes));

function flipAlong(op: string, self: Tensor, dims: readonly number[]): Tensor {
  return apply(flipOp, [self], { dims: dims.length === 0 ? [] : wrapDims(op, dims, self.ndim) });
}

/** Reverses columns (dimension 1). */
export const fliplr: (self: Tensor) => Tensor = (self) => {
  if (self.ndim < 2) throw new ShapeError("fliplr", `Input must be >= 2-d, but got ${showShape(self.shape)}`);
  return flipAlong("fliplr", self, [1]);
};

/** Reverses rows (dimension 0). */
export const flipud: (self: Tensor) => Tensor = (self) => {
  if (self.ndim < 1) throw new ShapeError("flipud", "Input must be >= 1-d");
  return flipAlong("flipud", self, [0]);
};

interface RollAttributes {
  readonly shifts: readonly number[];
  readonly dims: readonly number[];
}

const rollOp = general<RollAttributes>()({
  name: "roll",
  summary: "Moves elements along dimensions; those that fall off come back at the other end.",
  inputs: ["x"],
  flops: none,
  forward: ([x], { shifts, dims }) => {
    let current = densely(x as Tensor);
    shifts.forEach((shift, i) => {
      const next = empty(current.shape, current.dtype);
      if (current.elements > 0) rollKernel(blockAlong(current, dims[i]), shift, next.storage.values);
      current = next;
    });
    return current === x ? current.detach().clone() : current;
  },
  onBatch: nextDims,
  backward: {
    x: ({ grad, attrs }) =>
      grad.roll(
        attrs.shifts.map((shift) => -shift),
        attrs.dims,
      ),
  },
  accepts: [normal([[2, 3]], 1, 1), normal([[2, 3]], [1, -1], [0, 1]), normal([[2, 3]], 2), normal([[0, 2]], 1, 0)],
  rejects: [normal([[2, 3]], 1, 2), normal([[2, 3]], [1, 2], 0)],
});

/** Options of `roll`. */
export interface RollOptions {
  /** The dimensions that are rolled; all elements as one when left out. */
  readonly dims?: number | readonly number[] | undefined;
}

/** Moves elements by `shifts` along `dims`, or in the flattened tensor; those that fall off come back at the other end. */
export const roll: (
  self: Tensor,
  shifts: number | readonly number[],
  dims?: number | readonly number[] | RollOptions,
) => Tensor = (self, shifts, which) => {
  const { dims = [] } = readArguments<RollOptions>("roll", [which], ["dims"]);
  const by = [shifts].flat();
  const along = [dims].flat();
  if (by.length === 0) throw new ArgumentError("roll", "`shifts` required");
  if (along.length === 0 && by.length === 1) {
    return apply(rollOp, [self.reshape([-1])], { shifts: by, dims: [0] }).reshape(self.shape);
  }
  if (self.ndim === 0) throw new IndexError("roll", `Dimension specified as ${along[0]} but tensor has no dimensions`);
  if (along.length !== by.length) {
    throw new ArgumentError("roll", `shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`);
  }
  return apply(rollOp, [self], { shifts: by, dims: along.map((dim) => wrapDim("roll", dim, self.ndim)) });
};

/** Rotates by 90 degrees `k` times in the plane of two dimensions, from the first toward the second. */
export const rot90: (self: Tensor, k?: number, dims?: readonly number[]) => Tensor = (self, k = 1, dims = [0, 1]) => {
  if (dims.length !== 2) throw new ArgumentError("rot90", `expected total rotation dims == 2, but got ${dims.length}`);
  if (self.ndim < 2) throw new ShapeError("rot90", `expected total dims >= 2, but got ${self.ndim}`);
  const [from, to] = dims.map((dim) => wrapDim("rot90", dim, self.ndim));
  if (from === to) throw new ArgumentError("rot90", "expected rotation dims to be different");
  switch (((k % 4) + 4) % 4) {
    case 1:
      return self.flip(to).transpose(from, to);
    case 2:
      return self.flip(from, to);
    case 3:
      return self.flip(from).transpose(from, to);
    default:
      return self.clone();
  }
};

const repeatOp = general<{ readonly repeats: readonly number[] }>()({
  name: "repeat",
  summary: "Copies of the whole laid side by side along dimensions.",
  inputs: ["x"],
  flops: none,
  forward: ([x], { repeats }) => {
    const self = x as Tensor;
    const lead = repeats.length - self.ndim;
    const out = empty(
      repeats.map((n, d) => n * (d < lead ? 1 : self.shape[d - lead])),
      self.dtype,
    );
    // Each dimension as (repeats, size), the repeats having stride 0.
    const shape = repeats.flatMap((n, d) => [n, d < lead ? 1 : self.shape[d - lead]]);
    const strides = repeats.flatMap((_, d) => [0, d < lead ? 0 : self.strides[d - lead]]);
    const { storage, offset, dtype } = self;
    const { elements } = out;
    gather({ storage, offset, shape, strides, elements, dense: elements === 1, dtype }, out.storage.values, 0);
    return out;
  },
  backward: {
    x: (context) => {
      const { grad, attrs } = context;
      const { shape } = context.input(0);
      const lead = attrs.repeats.length - shape.length;
      const split = attrs.repeats.flatMap((n, d) => [n, d < lead ? 1 : shape[d - lead]]);
      const copies = attrs.repeats.map((_, d) => 2 * d);
      return copies.length === 0 ? grad : grad.reshape(split).sum(copies).reshape(shape);
    },
  },
  accepts: [normal([[2, 3]], [2, 1]), normal([[2]], [3, 2]), normal([[]], [2]), normal([[2]], [0]), normal([[]], [])],
  rejects: [normal([[2, 3]], [2]), normal([[2]], [-1])],
});

/** Copies of the whole laid side by side: `repeats[i]` of them along dimension i, counted from the last. */
export const repeat: (self: Tensor, ...repeats: Sizes) => Tensor = (self, ...repeats) =>
  repeated("repeat", self, sizesFrom(repeats));

function repeated(op: string, self: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length < self.ndim) {
    throw new ShapeError(
      op,
      `Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: ${repeats.length} for ${showShape(self.shape)}`,
    );
  }
  if (repeats.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ArgumentError(op, `Trying to create tensor with negative dimension: repeats are ${showShape(repeats)}`);
  }
  return apply(repeatOp, [self], { repeats });
}

/** As `repeat`; missing repeats count as 1. */
export const tile: (self: Tensor, ...repeats: Sizes) => Tensor = (self, ...repeats) => {
  const asked = sizesFrom(repeats);
  const missing = Math.max(0, self.ndim - asked.length);
  return repeated("tile", self, [...new Array<number>(missing).fill(1), ...asked]);
};

/** Options of `repeatInterleave`. */
export interface RepeatInterleaveOptions {
  /** The flattened tensor when left out. */
  readonly dim?: number | null | undefined;
  /** Known size of the result; PyTorch's, not needed here. */
  readonly outputSize?: number | undefined;
}

/** Each slice along `dim` (or each element) repeated: a number of times, or as often as an int64 tensor says for each. */
export const repeatInterleave: (
  self: Tensor,
  repeats: number | Tensor,
  dim?: number | null | RepeatInterleaveOptions,
  options?: RepeatInterleaveOptions,
) => Tensor = (self, repeats, ...rest) => {
  const { dim = null } = readArguments<RepeatInterleaveOptions>("repeatInterleave", rest, ["dim", "outputSize"]);
  const x = dim === null ? self.reshape([-1]) : self;
  const along = dimOf("repeatInterleave", dim ?? 0, x.ndim);
  const n = x.shape[along];
  if (repeats instanceof Tensor) checkRepeats(repeats);
  const counts = repeats instanceof Tensor ? [...repeats.toArray()] : [repeats];
  if (counts.some((count) => !Number.isInteger(count) || count < 0)) {
    throw new ArgumentError("repeatInterleave", "repeats can not be negative");
  }
  if (counts.length !== 1 && counts.length !== n) {
    throw new ShapeError(
      "repeatInterleave",
      `repeats must have the same size as input along dim, but got ${counts.length} repeats for size ${n}`,
    );
  }
  const sources = Array.from({ length: n }, (_, i) =>
    new Array<number>(counts[counts.length === 1 ? 0 : i]).fill(i),
  ).flat();
  const index = empty([sources.length], "int64");
  index.storage.values.set(sources);
  return x.indexSelect(along, index);
};

function checkRepeats(repeats: Tensor): void {
  if (repeats.ndim > 1) {
    throw new ShapeError(
      "repeatInterleave",
      `repeats must be 0-dim or 1-dim tensor, but got shape ${showShape(repeats.shape)}`,
    );
  }
  if (repeats.dtype !== "int64" && repeats.dtype !== "int32") {
    throw new DTypeError("repeatInterleave", `repeats must be int64 or int32, but got ${repeats.dtype}: use .long()`);
  }
}
