import { applyAll } from "../autograd/dispatch.ts";
import { blank, densely, type Tensor } from "../autograd/tensor.ts";
import { byPosition, perDimension, readArguments } from "../base/arguments.ts";
import { IndexError, ShapeError } from "../base/errors.ts";
import { elementCount, sameShape, showShape } from "../base/shape.ts";
import { maxPool as poolMaxima, type Windows } from "../kernels/maxPooling.ts";
import { general } from "./define.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import type { GeneralOp } from "./op.ts";
import { addToPlanes, putInPlanes } from "./planes.ts";
import { adaptiveBounds, adaptiveSizes, checkAdaptiveInput, checkPoolInput, pooledSize } from "./pooling.ts";
import { distinct, normal } from "./samples.ts";
import type { Sizes } from "./sliding.ts";

/** Options of `maxPool1d`, `maxPool2d` and `maxPool3d`. */
export interface MaxPoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Sizes | null;
  /** Default 0. */
  readonly padding?: Sizes;
  /** Distance of a window's elements. Default 1. */
  readonly dilation?: Sizes;
  /** Round the output size up: the last window may reach outside. Default false. */
  readonly ceilMode?: boolean;
  /** Give the places of the maxima too, as `maxUnpool` wants them. Default false. */
  readonly returnIndices?: boolean;
}

interface NamedMaxPool extends MaxPoolOptions {
  readonly kernelSize: Sizes;
}

/** The kernel size, then the rest of the arguments. */
function windowFirst(dims: number, kernelSize: Sizes | NamedMaxPool, args: MaxPoolArgs): [Sizes, MaxPoolArgs] {
  const op = `maxPool${dims}d`;
  const [size, ...rest] = byPosition(op, [kernelSize, ...args], ["kernelSize"]) as [Sizes, ...MaxPoolArgs];
  return [size, rest];
}

type MaxPoolArgs =
  | [options?: MaxPoolOptions]
  | [stride: Sizes | null, options?: MaxPoolOptions]
  | [stride: Sizes | null, padding: Sizes, dilation?: Sizes, ceilMode?: boolean, returnIndices?: boolean];

/** Maxima and their places, counted within each plane. */
export type Pooled = NamedResult<readonly ["output", "indices"]>;

interface AllIndices {
  readonly returnIndices: true;
}

interface Pooling {
  readonly windows: readonly Windows[];
}

type Dimensions = 1 | 2 | 3;

const shapes: Record<Dimensions, readonly (readonly number[])[]> = {
  1: [
    [1, 2, 7],
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

function poolingOp(name: string, node: string, summary: string, nd: Dimensions): GeneralOp<Pooling> {
  const adaptive = name.startsWith("adaptive");
  return general<Pooling>()({
    name,
    node,
    summary,
    symbol: "max",
    inputs: ["x"],
    outputs: ["out", "indices"],
    saves: ["indices"],
    forward: ([input], { windows }) => {
      const x = densely(input as Tensor);
      const lead = x.shape.slice(0, x.ndim - nd);
      const shape = [...lead, ...windows.map(({ firsts }) => firsts.length)];
      const out = blank(shape, x.dtype);
      const indices = blank(shape, "int64");
      const [deep, high, wide] = [...new Array<Windows>(3 - nd).fill(SINGLE), ...windows];
      const planes = elementCount(lead);
      poolMaxima(x.storage.values, x.offset, planes, [deep, high, wide], out.storage.values, indices.storage.values);
      return [out, indices];
    },
    backward: {
      x: (context) => addToPlanes(context.grad, context.indices, context.input(0).shape.slice(-nd)),
    },
    accepts: adaptive
      ? [distinct([shapes[nd][0]], 2), distinct([shapes[nd][1]], 1)]
      : [
          distinct([shapes[nd][0]], 2),
          distinct([shapes[nd][1]], 2, 1, 1),
          distinct([shapes[nd][0]], 2, { stride: 2, padding: 1, ceilMode: true }),
        ],
    rejects: [normal([[3]], 2), ...(adaptive ? [] : [normal([shapes[nd][1]], 9), normal([shapes[nd][0]], 2, 1, 2)])],
  });
}

/** The one window of a dimension that is not there. */
export const SINGLE: Windows = { size: 1, firsts: new Int32Array(1), ends: new Int32Array([1]), step: 1 };

const maxOp = (nd: Dimensions): GeneralOp<Pooling> =>
  poolingOp(`maxPool${nd}d`, `MaxPool${Math.max(nd, 2)}DWithIndicesBackward0`, "Maximum of each window.", nd);

const adaptiveOp = (nd: Dimensions): GeneralOp<Pooling> =>
  poolingOp(
    `adaptiveMaxPool${nd}d`,
    `AdaptiveMaxPool${Math.max(nd, 2)}DBackward0`,
    "Maximum over windows of a size that gives the wanted output size.",
    nd,
  );

const maxOps: Record<Dimensions, GeneralOp<Pooling>> = { 1: maxOp(1), 2: maxOp(2), 3: maxOp(3) };
const adaptiveOps: Record<Dimensions, GeneralOp<Pooling>> = { 1: adaptiveOp(1), 2: adaptiveOp(2), 3: adaptiveOp(3) };

function maxPool(nd: Dimensions, input: Tensor, kernelSize: Sizes, args: MaxPoolArgs): Tensor | Pooled {
  const op = `maxPool${nd}d`;
  const names = ["stride", "padding", "dilation", "ceilMode", "returnIndices"] as const;
  const options = readArguments<MaxPoolOptions>(op, args, names);
  const { padding = 0, dilation = 1, ceilMode = false, returnIndices = false } = options;
  checkPoolInput(op, input, nd);
  const kernel = perDimension(op, "kernelSize", kernelSize, nd);
  const stride = perDimension(op, "stride", options.stride ?? kernel, nd);
  const pads = perDimension(op, "padding", padding, nd);
  const apart = perDimension(op, "dilation", dilation, nd);
  const windows = input.shape.slice(-nd).map((size, d) => {
    const out = pooledSize(op, size, kernel[d], stride[d], pads[d], apart[d], ceilMode);
    return slidingWindows(size, out, kernel[d], stride[d], pads[d], apart[d]);
  });
  return finish(applyAll(maxOps[nd], [input], { windows }), returnIndices);
}

/** Maxima, with their places where these are asked for. */
export const finish = (results: readonly Tensor[], returnIndices: boolean): Tensor | Pooled =>
  returnIndices ? namedResult(["output", "indices"], results) : results[0];

function slidingWindows(
  size: number,
  out: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): Windows {
  const firsts = new Int32Array(out);
  const ends = new Int32Array(out);
  for (let o = 0; o < out; o++) {
    const start = o * stride - padding;
    // The first element of the window that lies inside.
    firsts[o] = start >= 0 ? start : start + Math.ceil(-start / dilation) * dilation;
    ends[o] = Math.min(start + (kernel - 1) * dilation + 1, size);
  }
  return { size, firsts, ends, step: dilation };
}

function adaptiveMaxPool(
  nd: Dimensions,
  input: Tensor,
  outputSize: Sizes | readonly (number | null)[],
  args: readonly unknown[],
): Tensor | Pooled {
  const op = `adaptiveMaxPool${nd}d`;
  const { returnIndices = false } = readArguments<{ returnIndices?: boolean }>(op, args, ["returnIndices"]);
  checkAdaptiveInput(op, input, nd, 1);
  const sizes = adaptiveSizes(op, input, outputSize, nd);
  const windows = input.shape.slice(-nd).map((size, d) => {
    const bounds = Array.from({ length: sizes[d] }, (_, o) => adaptiveBounds(size, sizes[d], o));
    return { size, firsts: Int32Array.from(bounds, ([a]) => a), ends: Int32Array.from(bounds, ([, b]) => b), step: 1 };
  });
  return finish(applyAll(adaptiveOps[nd], [input], { windows }), returnIndices);
}

/** Maximum of each window of [N, C, L] or [C, L]. */
export function maxPool1d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & AllIndices): Pooled;
export function maxPool1d(input: Tensor, kernelSize: Sizes, ...args: MaxPoolArgs): Tensor;
export function maxPool1d(input: Tensor, options: NamedMaxPool & AllIndices): Pooled;
export function maxPool1d(input: Tensor, options: NamedMaxPool): Tensor;
export function maxPool1d(input: Tensor, kernelSize: Sizes | NamedMaxPool, ...args: MaxPoolArgs): Tensor | Pooled {
  return maxPool(1, input, ...windowFirst(1, kernelSize, args));
}

/** Maximum of each window of [N, C, H, W] or [C, H, W]. */
export function maxPool2d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & AllIndices): Pooled;
export function maxPool2d(input: Tensor, kernelSize: Sizes, ...args: MaxPoolArgs): Tensor;
export function maxPool2d(input: Tensor, options: NamedMaxPool & AllIndices): Pooled;
export function maxPool2d(input: Tensor, options: NamedMaxPool): Tensor;
export function maxPool2d(input: Tensor, kernelSize: Sizes | NamedMaxPool, ...args: MaxPoolArgs): Tensor | Pooled {
  return maxPool(2, input, ...windowFirst(2, kernelSize, args));
}

/** Maximum of each window of [N, C, D, H, W] or [C, D, H, W]. */
export function maxPool3d(input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & AllIndices): Pooled;
export function maxPool3d(input: Tensor, kernelSize: Sizes, ...args: MaxPoolArgs): Tensor;
export function maxPool3d(input: Tensor, options: NamedMaxPool & AllIndices): Pooled;
export function maxPool3d(input: Tensor, options: NamedMaxPool): Tensor;
export function maxPool3d(input: Tensor, kernelSize: Sizes | NamedMaxPool, ...args: MaxPoolArgs): Tensor | Pooled {
  return maxPool(3, input, ...windowFirst(3, kernelSize, args));
}

type OutputSize = Sizes | readonly (number | null)[];
type ReturnIndices = [returnIndices?: boolean | { readonly returnIndices?: boolean }];

/** Maxima over windows such that the output has the given length. */
export function adaptiveMaxPool1d(input: Tensor, outputSize: OutputSize, returnIndices: true | AllIndices): Pooled;
export function adaptiveMaxPool1d(input: Tensor, outputSize: OutputSize, ...args: ReturnIndices): Tensor;
export function adaptiveMaxPool1d(input: Tensor, outputSize: OutputSize, ...args: ReturnIndices): Tensor | Pooled {
  return adaptiveMaxPool(1, input, outputSize, args);
}

/** Maxima over windows such that the output has the given height and width; null keeps the input's. */
export function adaptiveMaxPool2d(input: Tensor, outputSize: OutputSize, returnIndices: true | AllIndices): Pooled;
export function adaptiveMaxPool2d(input: Tensor, outputSize: OutputSize, ...args: ReturnIndices): Tensor;
export function adaptiveMaxPool2d(input: Tensor, outputSize: OutputSize, ...args: ReturnIndices): Tensor | Pooled {
  return adaptiveMaxPool(2, input, outputSize, args);
}

/** Maxima over windows such that the output has the given depth, height and width; null keeps the input's. */
export function adaptiveMaxPool3d(input: Tensor, outputSize: OutputSize, returnIndices: true | AllIndices): Pooled;
export function adaptiveMaxPool3d(input: Tensor, outputSize: OutputSize, ...args: ReturnIndices): Tensor;
export function adaptiveMaxPool3d(input: Tensor, outputSize: OutputSize, ...args: ReturnIndices): Tensor | Pooled {
  return adaptiveMaxPool(3, input, outputSize, args);
}

/** Options of `maxUnpool1d`, `maxUnpool2d` and `maxUnpool3d`. */
export interface UnpoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Sizes | null;
  /** Default 0. */
  readonly padding?: Sizes;
  /** Spatial sizes of the result, where several pool to the same input. */
  readonly outputSize?: readonly number[] | null;
}

type MaxUnpoolArgs =
  | [options?: UnpoolOptions]
  | [stride: Sizes | null, padding?: Sizes, outputSize?: readonly number[] | null];
type MaxUnpool = (input: Tensor, indices: Tensor, kernelSize: Sizes, ...args: MaxUnpoolArgs) => Tensor;

function maxUnpool(nd: Dimensions, input: Tensor, indices: Tensor, kernelSize: Sizes, args: MaxUnpoolArgs): Tensor {
  const op = `maxUnpool${nd}d`;
  const options = readArguments<UnpoolOptions>(op, args, ["stride", "padding", "outputSize"]);
  checkAdaptiveInput(op, input, nd, 1);
  if (!sameShape(input.shape, indices.shape)) {
    throw new ShapeError(
      op,
      `Expected shape of indices to be same as that of the input tensor (${showShape(input.shape)}) but got indices tensor with shape: ${showShape(indices.shape)}`,
    );
  }
  const kernel = perDimension(op, "kernelSize", kernelSize, nd);
  const stride = perDimension(op, "stride", options.stride ?? kernel, nd);
  const pads = perDimension(op, "padding", options.padding ?? 0, nd);
  const own = input.shape.slice(-nd).map((size, d) => (size - 1) * stride[d] - 2 * pads[d] + kernel[d]);
  const spatial = (options.outputSize ?? own).slice(-nd);
  const size = elementCount(spatial);
  const wrong = indices.toArray().find((index) => index < 0 || index >= size);
  if (wrong !== undefined)
    throw new IndexError(op, `found an invalid max index: ${wrong} (output sizes are ${showShape(spatial)})`);
  return putInPlanes(input, indices, spatial);
}

/** Puts maxima back at the places that `maxPool1d` with `returnIndices` gave, zeros elsewhere. */
export const maxUnpool1d: MaxUnpool = (input, indices, kernelSize, ...args) =>
  maxUnpool(1, input, indices, kernelSize, args);

/** Puts maxima back at the places that `maxPool2d` with `returnIndices` gave, zeros elsewhere. */
export const maxUnpool2d: MaxUnpool = (input, indices, kernelSize, ...args) =>
  maxUnpool(2, input, indices, kernelSize, args);

/** Puts maxima back at the places that `maxPool3d` with `returnIndices` gave, zeros elsewhere. */
export const maxUnpool3d: MaxUnpool = (input, indices, kernelSize, ...args) =>
  maxUnpool(3, input, indices, kernelSize, args);
