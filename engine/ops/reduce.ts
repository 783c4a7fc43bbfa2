import { densely, type Tensor, window } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { ArgumentError, IndexError } from "../base/errors.ts";
import { type Shape, wrapDim, wrapDims } from "../base/shape.ts";
import type { Block } from "../kernels/block.ts";

/** What a reduction runs over; everything when left out. */
export type Dims = number | readonly number[] | null;

/** Options of reductions that keep the dtype. */
export interface DimsOptions {
  /** What to reduce over; everything when left out. */
  readonly dim?: Dims | undefined;
  /** Keep reduced dimensions with size 1. */
  readonly keepdim?: boolean | undefined;
}

/** Options of reductions. */
export interface ReduceOptions extends DimsOptions {
  /** Convert first. */
  readonly dtype?: DType | undefined;
}

/** Options of what works along one dimension. */
export interface DimOptions {
  readonly dim?: number | undefined;
  /** Keep the reduced dimension with size 1. */
  readonly keepdim?: boolean | undefined;
}

/** `sum()`, `sum(dim, keepdim)`, `sum({ dim, keepdim, dtype })`. */
export type ReduceArgs<O = ReduceOptions> =
  | [options?: O]
  | [dim: Dims, options?: O]
  | [dim: Dims, keepdim: boolean, options?: O];

/** Which dimensions go, and whether they stay with size 1. */
export interface Reduced {
  /** Sorted, counted from 0. */
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/** Which dimension to work along, counted from 0. */
export interface Along {
  readonly dim: number;
  readonly keepdim: boolean;
}

/** Reads `dim` and `keepdim` of a reduction. */
export function readReduced(op: string, x: Tensor, args: readonly unknown[]): Reduced {
  return reduced(op, x, readArguments<DimsOptions>(op, args, ["dim", "keepdim"]));
}

/** Dimensions and flag of a reduction from its options. */
export const reduced = (op: string, x: Tensor, options: DimsOptions): Reduced => ({
  dims: wrapDims(op, options.dim, x.ndim),
  keepdim: options.keepdim ?? false,
});

/** Reads the arguments of a reduction that may convert its input; integers become `integersTo`, or are refused for null. */
export function parseReduction(
  op: string,
  x: Tensor,
  args: readonly unknown[],
  integersTo: DType | null,
): { x: Tensor; attrs: Reduced } {
  const options = readArguments<ReduceOptions>(op, args, ["dim", "keepdim", "dtype"]);
  const attrs = reduced(op, x, options);
  if (options.dtype !== undefined) return { x: x.to(checkDType(op, options.dtype)), attrs };
  if (isFloat(x.dtype)) return { x, attrs };
  if (integersTo !== null) return { x: x.to(integersTo), attrs };
  throw new ArgumentError(
    op,
    `Input dtype must be either a floating point or complex dtype. Got: ${x.dtype}. Convert it with .to("float32").`,
  );
}

/** Checks a dimension to reduce along; a reduction without identity needs something there. */
export function alongDim(op: string, x: Tensor, dim: number | undefined, keepdim: boolean): Along {
  if (typeof dim !== "number") throw new ArgumentError(op, "dim is required: the dimension to work along");
  const attrs = { dim: wrapDim(op, dim, x.ndim), keepdim };
  if (x.ndim > 0 && x.shape[attrs.dim] === 0) {
    throw new IndexError(op, `Expected reduction dim ${attrs.dim} to have non-zero size.`);
  }
  return attrs;
}

/** Throws when a reduction without identity has nothing to reduce. */
export function checkNotEmpty(op: string, x: Tensor, { dims }: Reduced): void {
  for (const d of dims) {
    if (x.shape[d] === 0) {
      throw new IndexError(op, `Expected reduction dim ${d} to have non-zero size: an empty set has no ${op}.`);
    }
  }
}

/** The block along one dimension of a dense tensor. */
export function blockAlong(x: Tensor, dim: number): Block {
  let outer = 1;
  let inner = 1;
  for (let d = 0; d < dim; d++) outer *= x.shape[d];
  for (let d = dim + 1; d < x.ndim; d++) inner *= x.shape[d];
  return { values: x.storage.values, offset: x.offset, outer, n: x.ndim === 0 ? 1 : x.shape[dim], inner };
}

/** The shape without (or with 1 in place of) the dimension. */
export function shapeWithout(shape: Shape, dim: number, keepdim: boolean): Shape {
  if (shape.length === 0) return shape;
  return keepdim ? shape.map((size, d) => (d === dim ? 1 : size)) : shape.filter((_, d) => d !== dim);
}

/** The input as a block along the reduced dimensions, and the shape of the result. */
export function reduceLast(x: Tensor, { dims, keepdim }: Reduced): { block: Block; shape: Shape } {
  if (dims.length === x.ndim) {
    const all = densely(x);
    const shape = keepdim ? x.shape.map(() => 1) : [];
    return { block: { values: all.storage.values, offset: all.offset, outer: 1, n: x.elements, inner: 1 }, shape };
  }
  const kept: number[] = [];
  for (let d = 0; d < x.ndim; d++) if (!dims.includes(d)) kept.push(d);
  const shape = keepdim ? x.shape.map((size, d) => (dims.includes(d) ? 1 : size)) : kept.map((d) => x.shape[d]);
  if (dims.length === 0) {
    const { storage, offset } = densely(x);
    return { block: { values: storage.values, offset, outer: x.elements, n: 1, inner: 1 }, shape };
  }
  const first = dims[0];
  const last = dims[dims.length - 1];
  if (last - first === dims.length - 1) {
    const dense = densely(x);
    let outer = 1;
    let n = 1;
    let inner = 1;
    for (let d = 0; d < x.ndim; d++) {
      if (d < first) outer *= x.shape[d];
      else if (d <= last) n *= x.shape[d];
      else inner *= x.shape[d];
    }
    return { block: { values: dense.storage.values, offset: dense.offset, outer, n, inner }, shape };
  }
  const order = [...kept, ...dims];
  const size = (d: number): number => x.shape[d];
  const stride = (d: number): number => x.strides[d];
  const moved = densely(window(x, order.map(size), order.map(stride), x.offset));
  const outer = kept.reduce((product, d) => product * size(d), 1);
  const n = dims.reduce((product, d) => product * size(d), 1);
  return { block: { values: moved.storage.values, offset: moved.offset, outer, n, inner: 1 }, shape };
}

/** A reduced tensor with its reduced dimensions back, of size 1. */
export function keepDims(x: Tensor, { dims, keepdim }: Reduced, shape: Shape): Tensor {
  if (keepdim || dims.length === 0) return x;
  return x.reshape(shape.map((size, d) => (dims.includes(d) ? 1 : size)));
}

/** How many elements each result is made of. */
export const countOf = (shape: Shape, { dims }: Reduced): number => dims.reduce((n, d) => n * shape[d], 1);

/** Spreads a reduced gradient back over the reduced dimensions. */
export function unreduce(grad: Tensor, attrs: Reduced, shape: Shape): Tensor {
  const { dims, keepdim } = attrs;
  // Leading dimensions need no reshape: expanding adds them.
  const leading = !keepdim && (dims.length === 0 || dims[dims.length - 1] === dims.length - 1);
  return (leading ? grad : keepDims(grad, attrs, shape)).expand(shape);
}
