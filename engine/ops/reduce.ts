import { densely, type Tensor } from "../autograd/tensor.ts";
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { checkOptions } from "../base/errors.ts";
import { type Shape, wrapDims } from "../base/shape.ts";

/** Options of reductions. */
export interface ReduceOptions {
  /** What to reduce over; everything when left out. */
  readonly dim?: number | readonly number[] | null;
  /** Keep reduced dimensions with size 1. */
  readonly keepdim?: boolean;
  /** Convert first. */
  readonly dtype?: DType;
}

/** `sum()`, `sum(dim, keepdim)`, `sum({ dim, keepdim, dtype })`. */
export type ReduceArgs = [options?: ReduceOptions] | [dim: number | readonly number[] | null, keepdim?: boolean, options?: ReduceOptions];

/** Which dimensions go, and whether they stay with size 1. */
export interface Reduced {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/** Reads the arguments of a reduction and converts its input. */
export function parseReduction(op: string, x: Tensor, args: ReduceArgs, integersTo: DType | null): { x: Tensor; attrs: Reduced } {
  const [first, keepdim, rest] = args as readonly [unknown, boolean?, ReduceOptions?];
  const positional = typeof first === "number" || Array.isArray(first) || first === null;
  const options: ReduceOptions = positional ? { ...rest, dim: first as number | readonly number[] | null, keepdim: keepdim ?? false } : ((first as ReduceOptions | undefined) ?? {});
  checkOptions(op, options, ["dim", "keepdim", "dtype"]);
  const dtype = options.dtype === undefined ? (isFloat(x.dtype) || integersTo === null ? x.dtype : integersTo) : checkDType(op, options.dtype);
  return { x: x.to(dtype), attrs: { dims: wrapDims(op, options.dim, x.ndim), keepdim: options.keepdim ?? false } };
}

/** The input with the reduced dimensions last and dense, and the shape of the result. */
export function reduceLast(x: Tensor, { dims, keepdim }: Reduced): { values: Tensor; outer: number; n: number; inner: number; shape: Shape } {
  const kept = x.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const n = dims.reduce((product, d) => product * x.shape[d], 1);
  const shape = keepdim ? x.shape.map((size, d) => (dims.includes(d) ? 1 : size)) : kept.map((d) => x.shape[d]);
  const neighbours = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1);
  if (neighbours && dims.length > 0) {
    const outer = x.shape.slice(0, dims[0]).reduce((product, size) => product * size, 1);
    const inner = x.shape.slice(dims[dims.length - 1] + 1).reduce((product, size) => product * size, 1);
    return { values: densely(x), outer, n, inner, shape };
  }
  const moved = densely(x.detach().permute([...kept, ...dims]));
  return { values: moved, outer: kept.reduce((product, d) => product * x.shape[d], 1), n, inner: 1, shape };
}

/** Spreads a reduced gradient back over the reduced dimensions. */
export function unreduce(grad: Tensor, { dims, keepdim }: Reduced, shape: Shape): Tensor {
  const kept = keepdim ? grad : grad.reshape(shape.map((size, d) => (dims.includes(d) ? 1 : size)));
  return kept.expand(shape);
}

