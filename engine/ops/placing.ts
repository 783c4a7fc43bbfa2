import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import type { Shape } from "../base/shape.ts";
import type { Block } from "../kernels/block.ts";
import { add, positionsAlong, take } from "../kernels/select.ts";
import { allBatched } from "./batching.ts";
import { general } from "./define.ts";

// The gradients of everything that picks elements: what was picked goes back to where it came from.

interface PlacedAlong {
  readonly dim: number;
  readonly shape: Shape;
}

/** A dense tensor as one row. */
export const flat = (x: Tensor): Block => ({
  values: x.storage.values,
  offset: x.offset,
  outer: 1,
  n: x.elements,
  inner: 1,
});

/** Flat positions that `index` names along `dim` of a tensor of shape `shape`. */
export function indexPositions(op: string, index: Tensor, shape: Shape, dim: number): Int32Array {
  const dense = densely(index);
  return positionsAlong(op, dense.storage.values, dense.offset, index.shape, shape, dim);
}

const gatherBackward = general<PlacedAlong>()({
  name: "gatherBackward",
  node: "ScatterAddBackward0",
  summary: "Adds elements to zeros at the places that an index names along a dimension.",
  inputs: ["grad", "index"],
  saves: ["index"],
  forward: ([grad, index], { dim, shape }) => {
    const source = densely(grad as Tensor);
    const out = empty(shape, source.dtype);
    add(flat(out), indexPositions("gather", index as Tensor, shape, dim), source.storage.values, source.offset, 1);
    return out;
  },
  onBatch: (inputs, { dim, shape }, batch) =>
    shape.length === 0 ? null : batch.run(allBatched(inputs, batch), { dim: dim + 1, shape: [batch.size, ...shape] }),
  backward: { grad: ({ grad, index, attrs }) => grad.gather(attrs.dim, index), index: null },
});

/** Zeros of `shape` with `grad` added where `index` says along `dim`: the transpose of `gather`. */
export const placeAlong: (grad: Tensor, index: Tensor, dim: number, shape: Shape) => Tensor = (
  grad,
  index,
  dim,
  shape,
) => apply(gatherBackward, [grad, index], { dim, shape });

/** A shape seen as [outer, n, inner], positions counting along n. */
export interface Folded {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  /** Of the tensor. */
  readonly from: Shape;
  /** Of the elements picked. */
  readonly to: Shape;
}

/** A dense tensor as the block that positions count in. */
export const folded = (x: Tensor, { outer, n, inner }: Folded): Block => ({
  values: x.storage.values,
  offset: x.offset,
  outer,
  n,
  inner,
});

/** Positions as a kernel reads them. They come as an int32 tensor that nobody else has. */
const listOf = (positions: Tensor): Int32Array => positions.storage.values as Int32Array;

/** The same positions in each of `size` blocks. */
export const repeated = ({ outer, n, inner, from, to }: Folded, size: number): Folded => ({
  outer: size * outer,
  n,
  inner,
  from: [size, ...from],
  to: [size, ...to],
});

/** Picks rows at positions, into a new tensor of shape `fold.to`. */
export function takeAt(x: Tensor, positions: Tensor, fold: Folded): Tensor {
  const out = empty(fold.to, x.dtype);
  if (out.elements > 0) take(folded(densely(x), fold), listOf(positions), out.storage.values);
  return out;
}

const placeOp = general<Folded>()({
  name: "indexBackward",
  node: "IndexPutBackward0",
  summary: "Adds rows to zeros at given positions.",
  inputs: ["grad", "positions"],
  saves: ["positions"],
  forward: ([grad, positions], fold) => {
    const source = densely(grad as Tensor);
    const out = empty(fold.from, source.dtype);
    if (source.elements > 0) {
      add(folded(out, fold), listOf(positions as Tensor), source.storage.values, source.offset, 1);
    }
    return out;
  },
  onBatch: (inputs, fold, batch) => batch.run(inputs, repeated(fold, batch.size)),
  backward: { grad: ({ grad, positions, attrs }) => takeRows(grad, positions, attrs), positions: null },
});

const takeOp = general<Folded>()({
  name: "indexRows",
  node: "IndexBackward0",
  summary: "Rows at given positions.",
  inputs: ["x", "positions"],
  saves: ["positions"],
  forward: ([x, positions], fold) => takeAt(x as Tensor, positions as Tensor, fold),
  onBatch: (inputs, fold, batch) => batch.run(inputs, repeated(fold, batch.size)),
  backward: { x: ({ grad, positions, attrs }) => placeRows(grad, positions, attrs), positions: null },
});

/** Zeros of shape `fold.from` with the rows of `grad` added at `positions`. */
export const placeRows: (grad: Tensor, positions: Tensor, fold: Folded) => Tensor = (grad, positions, fold) =>
  apply(placeOp, [grad, positions], fold);

/** The rows at `positions`, in shape `fold.to`. */
export const takeRows: (x: Tensor, positions: Tensor, fold: Folded) => Tensor = (x, positions, fold) =>
  apply(takeOp, [x, positions], fold);
