import { apply } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { perDimension, readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { type SparseMap, sparseMap } from "../kernels/resample.ts";
import { notImplementedFor } from "./notImplemented.ts";
import type { GeneralOp } from "./op.ts";
import { adaptiveBounds, adaptiveSizes, checkAdaptiveInput, checkPoolInput, pooledSize } from "./pooling.ts";
import { type Resampling, resamplingOp } from "./resampling.ts";
import { normal, type Sample } from "./samples.ts";
import type { Sizes } from "./sliding.ts";

/** Options of `avgPool1d`, `avgPool2d` and `avgPool3d`. */
export interface AvgPoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Sizes | null;
  /** Default 0. */
  readonly padding?: Sizes;
  /** Round the output size up: the last window may reach outside. Default false. */
  readonly ceilMode?: boolean;
  /** Whether padding counts in the mean. Default true. */
  readonly countIncludePad?: boolean;
  /** Divide by this instead of the number of elements. */
  readonly divisorOverride?: number | null;
}

type AvgPoolArgs =
  | [options?: AvgPoolOptions]
  | [stride: Sizes | null, options?: AvgPoolOptions]
  | [
      stride: Sizes | null,
      padding: Sizes,
      ceilMode?: boolean,
      countIncludePad?: boolean,
      divisorOverride?: number | null,
    ];

type Dimensions = 1 | 2 | 3;

const shapes: Record<Dimensions, readonly (readonly number[])[]> = {
  1: [
    [1, 2, 6],
    [2, 5],
  ],
  2: [
    [1, 2, 4, 5],
    [1, 3, 3],
  ],
  3: [
    [1, 1, 3, 4, 2],
    [1, 2, 2, 2],
  ],
};

const avgSamples = (nd: Dimensions): readonly Sample[] => [
  normal([shapes[nd][0]], 2),
  normal([shapes[nd][1]], 2, { stride: 1, padding: 1 }),
  normal([shapes[nd][0]], 2, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
  normal([shapes[nd][0]], 2, 1, { divisorOverride: 3 }),
];

const avgOp = (nd: Dimensions): GeneralOp<Resampling> =>
  resamplingOp({
    name: `avgPool${nd}d`,
    node: `AvgPool${nd}DBackward0`,
    summary: "Mean over each window.",
    symbol: "avg",
    accepts: avgSamples(nd),
    rejects: [normal([[3]], 2), normal([shapes[nd][1]], 9), normal([shapes[nd][0]], 2, { padding: 2 })],
  });

const adaptiveOp = (nd: Dimensions): GeneralOp<Resampling> =>
  resamplingOp({
    name: `adaptiveAvgPool${nd}d`,
    node: `AdaptiveAvgPool${nd}DBackward0`,
    summary: "Mean over windows of a size that gives the wanted output size.",
    symbol: "avg",
    accepts: [normal([shapes[nd][0]], 2), normal([shapes[nd][1]], 1)],
    rejects: [normal([[3]], 2)],
  });

const avgOps: Record<Dimensions, GeneralOp<Resampling>> = { 1: avgOp(1), 2: avgOp(2), 3: avgOp(3) };
const adaptiveOps: Record<Dimensions, GeneralOp<Resampling>> = { 1: adaptiveOp(1), 2: adaptiveOp(2), 3: adaptiveOp(3) };

function avgPool(nd: Dimensions, input: Tensor, kernelSize: Sizes, args: AvgPoolArgs): Tensor {
  const op = `avgPool${nd}d`;
  const names = ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"] as const;
  const options = readArguments<AvgPoolOptions>(op, args, names);
  const { padding = 0, ceilMode = false, countIncludePad = true, divisorOverride = null } = options;
  checkPoolInput(op, input, nd);
  if (divisorOverride === 0) throw new ArgumentError(op, "divisor must be not zero");
  const kernel = perDimension(op, "kernelSize", kernelSize, nd);
  const stride = perDimension(op, "stride", options.stride ?? kernel, nd);
  const pads = perDimension(op, "padding", padding, nd);
  const maps = input.shape.slice(-nd).map((size, d) => {
    const out = pooledSize(op, size, kernel[d], stride[d], pads[d], 1, ceilMode);
    // The override stands for the product of all dimensions' divisors, so one dimension takes it all.
    const divisor = divisorOverride === null ? null : d === 0 ? divisorOverride : 1;
    return averageMap(size, out, kernel[d], stride[d], pads[d], countIncludePad, divisor);
  });
  return apply(avgOps[nd], [input], { maps });
}

/** Means over sliding windows of one dimension. */
function averageMap(
  size: number,
  out: number,
  kernel: number,
  stride: number,
  padding: number,
  countPadding: boolean,
  divisor: number | null,
): SparseMap {
  const rows = Array.from({ length: out }, (_, o) => {
    const start = o * stride - padding;
    const end = Math.min(start + kernel, size + padding);
    const first = Math.max(start, 0);
    const last = Math.min(end, size);
    return evenly(first, last, divisor ?? (countPadding ? end - start : last - first));
  });
  return sparseMap(size, rows);
}

const evenly = (first: number, end: number, divisor: number): (readonly [number, number])[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, i) => [first + i, 1 / divisor] as const);

/** Means over windows that cover the dimension evenly. */
export function adaptiveMap(size: number, out: number): SparseMap {
  const rows = Array.from({ length: out }, (_, o) => {
    const [first, end] = adaptiveBounds(size, out, o);
    return evenly(first, end, end - first);
  });
  return sparseMap(size, rows);
}

function adaptiveAvgPool(nd: Dimensions, input: Tensor, outputSize: Sizes | readonly (number | null)[]): Tensor {
  const op = `adaptiveAvgPool${nd}d`;
  checkAdaptiveInput(op, input, nd, -nd);
  if (!isFloat(input.dtype)) {
    throw notImplementedFor(op, input.dtype);
  }
  const sizes = adaptiveSizes(op, input, outputSize, nd);
  const maps = input.shape.slice(-nd).map((size, d) => adaptiveMap(size, sizes[d]));
  if (maps.length === 0) throw new ShapeError(op, "the input has no spatial dimensions");
  return apply(adaptiveOps[nd], [input], { maps });
}

type AvgPool = (input: Tensor, kernelSize: Sizes, ...args: AvgPoolArgs) => Tensor;
type AdaptivePool = (input: Tensor, outputSize: Sizes | readonly (number | null)[]) => Tensor;

/** Mean over each window of [N, C, L] or [C, L]. */
export const avgPool1d: AvgPool = (input, kernelSize, ...args) => avgPool(1, input, kernelSize, args);

/** Mean over each window of [N, C, H, W] or [C, H, W]. */
export const avgPool2d: AvgPool = (input, kernelSize, ...args) => avgPool(2, input, kernelSize, args);

/** Mean over each window of [N, C, D, H, W] or [C, D, H, W]. */
export const avgPool3d: AvgPool = (input, kernelSize, ...args) => avgPool(3, input, kernelSize, args);

/** Means over windows such that the output has the given length. */
export const adaptiveAvgPool1d: AdaptivePool = (input, outputSize) => adaptiveAvgPool(1, input, outputSize);

/** Means over windows such that the output has the given height and width; null keeps the input's. */
export const adaptiveAvgPool2d: AdaptivePool = (input, outputSize) => adaptiveAvgPool(2, input, outputSize);

/** Means over windows such that the output has the given depth, height and width; null keeps the input's. */
export const adaptiveAvgPool3d: AdaptivePool = (input, outputSize) => adaptiveAvgPool(3, input, outputSize);
