import { apply } from "../autograd/dispatch.ts";
import { densely, empty, Tensor } from "../autograd/tensor.ts";
import { isOptions, readArguments } from "../base/arguments.ts";
import { promote } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { broadcastShapes, type Shape, sameShape, showShape, wrapDim } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";
import { placeColumns } from "../kernels/join.ts";
import { atleast1d, atleast2d, atleast3d } from "./atleast.ts";
import { allBatched } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import type { Batch } from "./op.ts";
import { resultType } from "./promotion.ts";
import { arranged, normal, type Sample } from "./samples.ts";

/** Options of `cat` and `stack`. */
export interface JoinOptions {
  /** Default 0. */
  readonly dim?: number | undefined;
}

interface JoinAttributes {
  readonly dim: number;
  readonly shape: Shape;
  /** Per tensor: how many columns of the [outer, columns] result it fills, and where they start. */
  readonly widths: readonly number[];
  readonly starts: readonly number[];
}

/** A sample whose tensors are given as a list. */
const listed = (sample: Sample, ...rest: readonly unknown[]): Sample =>
  arranged(sample, rest.length === 0 ? "in a list" : `in a list, ${JSON.stringify(rest)}`, (xs) => [xs, ...rest]);

/** Lays the tensors side by side in the columns of the result. */
function join(tensors: readonly Tensor[], { dim, shape, widths }: JoinAttributes): Tensor {
  const out = empty(shape, tensors[0].dtype);
  if (out.elements === 0) return out;
  const { values } = out.storage;
  const outer = shape.slice(0, dim).reduce((n, size) => n * size, 1);
  const total = out.elements / outer;
  let at = 0;
  tensors.forEach((x, i) => {
    if (outer === 1) gather(x, values, at);
    else {
      const dense = densely(x);
      placeColumns(dense.storage.values, dense.offset, outer, widths[i], values, total, at);
    }
    at += widths[i];
  });
  return out;
}

function deeper<A extends JoinAttributes>(tensors: readonly (Tensor | null)[], attrs: A, batch: Batch<A>): Tensor {
  const shape = [batch.size, ...attrs.shape];
  return batch.run(allBatched(tensors, batch), { ...attrs, dim: attrs.dim + 1, shape })[0];
}

const catOp = general<JoinAttributes & { readonly sizes: readonly number[] }>()({
  name: "cat",
  summary: "Joins tensors along a dimension that they have.",
  inputs: ["tensors"],
  flops: none,
  forward: (tensors, attrs) => join(tensors as readonly Tensor[], attrs),
  onBatch: deeper,
  backward: {
    tensors: (context, i) => {
      const { dim, starts, sizes } = context.attrs;
      const part = context.grad.narrow(dim, starts[i], sizes[i]);
      return sizes[i] > 0 ? part : part.reshape(context.input(i).shape);
    },
  },
  accepts: [
    listed(
      normal([
        [2, 3],
        [1, 3],
      ]),
    ),
    listed(
      normal([
        [2, 3],
        [2, 1],
        [2, 0],
      ]),
      1,
    ),
    listed(normal([[2, 1, 2]]), { dim: -2 }),
    listed(normal([[0], [2, 3], [2, 3]]), -1),
  ],
  rejects: [
    listed(
      normal([
        [2, 3],
        [2, 2],
      ]),
    ),
    listed(normal([[2], [2, 2]])),
    listed(normal([[], []])),
    listed(normal([])),
  ],
});

/** Joins tensors along a dimension that they have; all other sizes must agree. */
export const cat: (tensors: readonly Tensor[], dim?: number | JoinOptions) => Tensor = (tensors, dim) =>
  catAlong("cat", tensors, dim);

/** The same as `cat`. */
export const concat: typeof cat = (tensors, dim) => catAlong("concat", tensors, dim);

/** The same as `cat`. */
export const concatenate: typeof cat = (tensors, dim) => catAlong("concatenate", tensors, dim);

function catAlong(op: string, list: readonly Tensor[], which: number | JoinOptions | undefined): Tensor {
  const { dim = 0 } = readArguments<JoinOptions>(op, [which], ["dim"]);
  const all = common(op, list);
  // As in PyTorch, [0] joins with anything: it is how a loop starts that collects rows.
  const tensors = all.filter((x) => !isNothing(x));
  if (tensors.length === 0) return all[0].clone();
  const first = tensors[0].shape;
  if (tensors.some((x) => x.ndim === 0))
    throw new ShapeError(op, "zero-dimensional tensor cannot be concatenated: use stack()");
  const along = wrapDim(op, dim, first.length);
  tensors.forEach((x, i) => {
    checkFits(op, x.shape, first, along, i);
  });
  const sizes = all.map((x) => (isNothing(x) ? 0 : x.shape[along]));
  const shape = first.map((size, d) => (d === along ? sizes.reduce((n, more) => n + more, 0) : size));
  const inner = first.slice(along + 1).reduce((n, size) => n * size, 1);
  const widths = sizes.map((size) => size * inner);
  return apply(catOp, all, { dim: along, shape, widths, sizes, starts: startsOf(sizes) });
}

const isNothing = (x: Tensor): boolean => x.ndim === 1 && x.shape[0] === 0;

/** The list, which must have a tensor at least. */
function checkList(op: string, list: readonly Tensor[]): readonly Tensor[] {
  if (!Array.isArray(list) || list.some((x) => !(x instanceof Tensor))) {
    throw new ArgumentError(op, "expected a list of tensors, as in [a, b]");
  }
  if (list.length === 0) throw new ArgumentError(op, "expected a non-empty list of Tensors");
  return list;
}

/** Tensors in the dtype that they meet in. */
function common(op: string, list: readonly Tensor[]): readonly Tensor[] {
  checkList(op, list);
  const dtype = list.reduce((met, x) => promote(met, x.dtype), list[0].dtype);
  return list.map((x) => (x.dtype === dtype ? x : x.to(dtype)));
}

function checkFits(op: string, shape: Shape, first: Shape, dim: number, i: number): void {
  if (shape.length !== first.length) {
    throw new ShapeError(
      op,
      `Tensors must have same number of dimensions: got ${first.length} and ${shape.length} (shapes ${showShape(first)} and ${showShape(shape)})`,
    );
  }
  for (let d = 0; d < shape.length; d++) {
    if (d === dim || shape[d] === first[d]) continue;
    throw new ShapeError(
      op,
      `Sizes of tensors must match except in dimension ${dim}. Expected size ${first[d]} but got size ${shape[d]} for tensor number ${i} in the list, in dimension ${d}.`,
    );
  }
}

function startsOf(sizes: readonly number[]): number[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return start - size;
  });
}

const stackOp = general<JoinAttributes>()({
  name: "stack",
  summary: "Joins tensors of one shape along a new dimension.",
  inputs: ["tensors"],
  flops: none,
  forward: (tensors, attrs) => join(tensors as readonly Tensor[], attrs),
  onBatch: deeper,
  backward: { tensors: ({ grad, attrs }, i) => grad.select(attrs.dim, i) },
  accepts: [
    listed(
      normal([
        [2, 3],
        [2, 3],
      ]),
    ),
    listed(
      normal([
        [2, 3],
        [2, 3],
        [2, 3],
      ]),
      1,
    ),
    listed(normal([[2], [2]]), { dim: -1 }),
    listed(normal([[], []])),
  ],
  rejects: [
    listed(
      normal([
        [2, 3],
        [3, 2],
      ]),
    ),
    listed(normal([[2]]), 2),
    listed(normal([])),
  ],
});

/** Joins tensors of one shape along a new dimension. */
export const stack: (tensors: readonly Tensor[], dim?: number | JoinOptions) => Tensor = (list, which) => {
  const { dim = 0 } = readArguments<JoinOptions>("stack", [which], ["dim"]);
  const tensors = common("stack", list);
  const first = tensors[0].shape;
  const along = wrapDim("stack", dim, first.length + 1);
  tensors.forEach((x, i) => {
    if (sameShape(x.shape, first)) return;
    throw new ShapeError(
      "stack",
      `stack expects each tensor to be equal size, but got ${showShape(first)} at entry 0 and ${showShape(x.shape)} at entry ${i}`,
    );
  });
  const shape = [...first.slice(0, along), tensors.length, ...first.slice(along)];
  const width = first.slice(along).reduce((n, size) => n * size, 1);
  const widths = tensors.map(() => width);
  return apply(stackOp, tensors, { dim: along, shape, widths, starts: startsOf(widths) });
};

/** Joins side by side: along dimension 1, vectors along 0. */
export const hstack: (tensors: readonly Tensor[]) => Tensor = (tensors) => {
  const rows = atleast1d(checkList("hstack", tensors));
  return catAlong("hstack", rows, rows[0]?.ndim === 1 ? 0 : 1);
};

/** Joins one below the other; vectors become rows. */
export const vstack: (tensors: readonly Tensor[]) => Tensor = (tensors) =>
  catAlong("vstack", atleast2d(checkList("vstack", tensors)), 0);

/** The same as `vstack`. */
export const rowStack: (tensors: readonly Tensor[]) => Tensor = (tensors) =>
  catAlong("rowStack", atleast2d(checkList("rowStack", tensors)), 0);

/** Joins along dimension 2. */
export const dstack: (tensors: readonly Tensor[]) => Tensor = (tensors) =>
  catAlong("dstack", atleast3d(checkList("dstack", tensors)), 2);

/** Joins side by side; vectors become columns. */
export const columnStack: (tensors: readonly Tensor[]) => Tensor = (tensors) =>
  catAlong(
    "columnStack",
    tensors.map((x) => (x.ndim <= 1 ? x.reshape([x.elements, 1]) : x)),
    1,
  );

const blockDiagOp = general<{
  readonly shapes: readonly Shape[];
  readonly starts: readonly (readonly [number, number])[];
}>()({
  name: "blockDiag",
  summary: "Puts matrices along the diagonal of a matrix of zeros.",
  inputs: ["tensors"],
  forward: (tensors, { shapes, starts }) => {
    const rows = shapes.reduce((n, [size]) => n + size, 0);
    const columns = shapes.reduce((n, [, size]) => n + size, 0);
    const out = empty([rows, columns], (tensors[0] as Tensor).dtype);
    tensors.forEach((x, i) => {
      const block = densely(x as Tensor);
      const at = starts[i][0] * columns + starts[i][1];
      const [height, width] = shapes[i];
      if (block.elements === 0) return;
      placeColumns(block.storage.values, block.offset, height, width, out.storage.values, columns, at);
    });
    return out;
  },
  backward: {
    tensors: ({ grad, attrs: { starts, shapes } }, i) =>
      grad.narrow(0, starts[i][0], shapes[i][0]).narrow(1, starts[i][1], shapes[i][1]),
  },
  accepts: [
    normal([
      [2, 3],
      [1, 2],
    ]),
    normal([[2], [], [1, 0]]),
  ],
  rejects: [normal([[2, 2, 2]])],
});

/** Puts matrices along the diagonal of a matrix of zeros; vectors count as rows. */
export const blockDiag: (...tensors: Tensor[]) => Tensor = (...tensors) => {
  const wrong = tensors.find((x) => x.ndim > 2);
  if (wrong !== undefined) {
    throw new ShapeError(
      "blockDiag",
      `Input tensors must have 2 or fewer dimensions, but got ${showShape(wrong.shape)}`,
    );
  }
  // Here, unlike in cat, a number counts less than a vector where dtypes meet.
  const dtype = resultType(...common("blockDiag", tensors).map((_, i) => tensors[i]));
  const blocks = tensors.map((x) => atleast2d(x.to(dtype)));
  const shapes = blocks.map((x) => x.shape);
  const rows = startsOf(shapes.map(([size]) => size));
  const columns = startsOf(shapes.map(([, size]) => size));
  return apply(blockDiagOp, blocks, { shapes, starts: rows.map((row, i) => [row, columns[i]] as const) });
};

/** Views of all tensors in the shape they broadcast to. */
export const broadcastTensors: (...tensors: Tensor[]) => Tensor[] = (...tensors) => {
  const shape = tensors.reduce<Shape>((met, x) => broadcastShapes("broadcastTensors", met, x.shape), []);
  return tensors.map((x) => x.expand(shape));
};

/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** "ij": the first tensor runs along dimension 0; "xy": along dimension 1. Default "ij". */
  readonly indexing?: "ij" | "xy" | undefined;
}

/** One grid per tensor (0-d or 1-d), as views: its elements along its own dimension, repeated along the others. */
export const meshgrid: (
  ...args: [tensors: readonly Tensor[], options?: MeshgridOptions] | (Tensor | MeshgridOptions)[]
) => Tensor[] = (...args) => {
  const given = args as readonly (Tensor | readonly Tensor[] | MeshgridOptions | undefined)[];
  const tensors = given.flatMap((arg) => (arg instanceof Tensor || Array.isArray(arg) ? (arg as Tensor) : []));
  const options = given.find((arg) => isOptions(arg)) as MeshgridOptions | undefined;
  const { indexing = "ij" } = readArguments<MeshgridOptions>("meshgrid", [options], ["indexing"]);
  if (indexing !== "ij" && indexing !== "xy") {
    throw new ArgumentError("meshgrid", `indexing must be "xy" or "ij", but received: ${String(indexing)}`);
  }
  const wrong = tensors.find((x) => x.ndim > 1);
  if (wrong !== undefined) {
    throw new ShapeError("meshgrid", `Expected 0D or 1D tensor in the tensor list but got: ${showShape(wrong.shape)}`);
  }
  if (tensors.some((x) => x.dtype !== tensors[0].dtype)) {
    throw new DTypeError(
      "meshgrid",
      `expects all tensors to have the same dtype, but got ${tensors.map((x) => x.dtype).join(", ")}: convert with .to()`,
    );
  }
  const swap = indexing === "xy" && tensors.length > 1;
  const ordered = swap ? [tensors[1], tensors[0], ...tensors.slice(2)] : tensors;
  const shape = ordered.map((x) => x.elements);
  const grids = ordered.map((x, i) => x.reshape(shape.map((_, d) => (d === i ? x.elements : 1))).expand(shape));
  if (!swap) return grids;
  const [second, first, ...rest] = grids;
  return [first, second, ...rest];
};

/** All combinations of elements of the given vectors, one a row. */
export const cartesianProd: (...tensors: Tensor[]) => Tensor = (...tensors) => {
  const wrong = tensors.find((x) => x.ndim !== 1);
  if (wrong !== undefined) {
    throw new ShapeError("cartesianProd", `Expect a 1D vector, but got shape ${showShape(wrong.shape)}: use flatten()`);
  }
  if (tensors.length === 1) return tensors[0];
  return stack(
    meshgrid(tensors).map((grid) => grid.reshape([-1])),
    1,
  );
};
