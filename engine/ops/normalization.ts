import { apply } from "../autograd/dispatch.ts";
import { blank, densely, type Tensor } from "../autograd/tensor.ts";
import { aboutToWrite } from "../autograd/writes.ts";
import { readArguments, wholeNumber, wholeNumbers } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { elementCount, type Shape, sameShape, showShape } from "../base/shape.ts";
import { type NormLayout, standardize } from "../kernels/normalization.ts";
import { avgPool2d } from "./averagePooling.ts";
import { general } from "./define.ts";
import { checkSameDType } from "./matrixOperands.ts";
import { pad } from "./padding.ts";
import { arranged, normal } from "./samples.ts";
import { type Standardizing, standardizeWith, standardizingOp } from "./standardization.ts";

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

type LayerNormArgs = [options?: LayerNormOptions] | [weight: Tensor | null, bias?: Tensor | null, eps?: number];

const layerNormOp = standardizingOp({
  name: "layerNorm",
  node: "NativeLayerNormBackward0",
  summary: "Mean 0 and variance 1 over the last dimensions, then weight and bias.",
  accepts: [normal([[2, 4]], [4]), normal([[2, 3, 2]], [3, 2]), normal([[1, 3]], [3], { eps: 0.1 })],
  rejects: [normal([[2, 4]], [3]), normal([[4]], [2, 4])],
});

/** Mean 0 and variance 1 over the last dimensions, whose sizes are `normalizedShape`; then weight and bias. */
export const layerNorm: (input: Tensor, normalizedShape: number | Shape, ...args: LayerNormArgs) => Tensor = (
  input,
  normalizedShape,
  ...args
) => {
  const {
    weight = null,
    bias = null,
    eps = 1e-5,
  } = readArguments<LayerNormOptions>("layerNorm", args, ["weight", "bias", "eps"]);
  const shape = lastSizes("layerNorm", input, normalizedShape, weight, bias);
  const length = elementCount(shape);
  const groups = length === 0 ? 0 : input.elements / length;
  const layout = { segments: 1, groups, length, inner: 1, period: length };
  return standardizeWith(layerNormOp, input, weight, bias, { ...layout, eps, observe: null });
};

/** Checks that a tensor ends in `normalizedShape` and that weight and bias have that shape. */
function lastSizes(
  op: string,
  input: Tensor,
  normalizedShape: number | Shape,
  ...affine: readonly (Tensor | null)[]
): Shape {
  wholeNumbers(op, "normalizedShape", normalizedShape, 0);
  const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  if (shape.length === 0) throw new ShapeError(op, "Expected normalized_shape to be at least 1-dimensional");
  if (input.ndim < shape.length || !sameShape(input.shape.slice(-shape.length), shape)) {
    throw new ShapeError(
      op,
      `Given normalized_shape=${showShape(shape)}, expected input with shape [*, ${shape.join(", ")}], but got input of size ${showShape(input.shape)}`,
    );
  }
  for (const x of affine) {
    if (x !== null && !sameShape(x.shape, shape)) {
      throw new ShapeError(
        op,
        `Expected weight and bias to be of same shape as normalized_shape ${showShape(shape)}, but got ${showShape(x.shape)}`,
      );
    }
  }
  checkSameDType(op, input, ...affine);
  return shape;
}

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  readonly weight?: Tensor | null;
  /** Added to the mean square. Default: the dtype's epsilon. */
  readonly eps?: number | null;
}

/** Mean square 1 over the last dimensions, then weight. */
export const rmsNorm: (
  input: Tensor,
  normalizedShape: number | Shape,
  ...args: [options?: RmsNormOptions] | [weight: Tensor | null, eps?: number | null]
) => Tensor = (input, normalizedShape, ...args) => {
  const { weight = null, eps = null } = readArguments<RmsNormOptions>("rmsNorm", args, ["weight", "eps"]);
  const shape = lastSizes("rmsNorm", input, normalizedShape, weight?.to(input.dtype) ?? null);
  const dims = shape.map((_, i) => i - shape.length);
  const epsilon = eps ?? (input.dtype === "float32" ? 2 ** -23 : 2 ** -52);
  const scaled = input.mul(input.mul(input).mean({ dim: dims, keepdim: true }).add(epsilon).rsqrt());
  return weight === null ? scaled : scaled.mul(weight.to(input.dtype));
};

/** Options of `groupNorm`. */
export interface GroupNormOptions extends LayerNormOptions {}

const groupNormOp = standardizingOp({
  name: "groupNorm",
  node: "NativeGroupNormBackward0",
  summary: "Mean 0 and variance 1 over each group of channels, then weight and bias per channel.",
  accepts: [
    normal([[2, 4, 3]], 2),
    normal([[1, 4]], 2),
    normal([[2, 2, 2, 2]], 1),
    arranged(normal([[2, 4, 2], [4], [4]]), "with weight and bias", ([x, w, b]) => [x, 2, w, b]),
  ],
  rejects: [normal([[2, 4, 3]], 3), normal([[4]], 2)],
});

/** Mean 0 and variance 1 over each group of channels of [N, C, …]; then weight and bias per channel. */
export const groupNorm: (input: Tensor, numGroups: number, ...args: LayerNormArgs) => Tensor = (
  input,
  numGroups,
  ...args
) => {
  const {
    weight = null,
    bias = null,
    eps = 1e-5,
  } = readArguments<GroupNormOptions>("groupNorm", args, ["weight", "bias", "eps"]);
  const { batch, channels, positions } = channelSizes("groupNorm", input);
  if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
    throw new ShapeError(
      "groupNorm",
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${showShape(input.shape)} and num_groups=${numGroups}`,
    );
  }
  if ((batch * channels * positions) / numGroups === 1) {
    throw new ShapeError(
      "groupNorm",
      `Expected more than 1 value per channel when training, got input size ${showShape(input.shape)}: a group of one value has no variance`,
    );
  }
  checkPerChannel("groupNorm", channels, weight, bias);
  checkSameDType("groupNorm", input, weight, bias);
  const layout = {
    segments: 1,
    groups: batch * numGroups,
    length: (channels / numGroups) * positions,
    inner: positions,
    period: channels,
  };
  return standardizeWith(groupNormOp, input, weight, bias, { ...layout, eps, observe: null });
};

function channelSizes(op: string, x: Tensor): { batch: number; channels: number; positions: number } {
  if (x.ndim < 2) throw new ShapeError(op, `Expected at least 2 dimensions [N, C, …], but got ${showShape(x.shape)}`);
  return { batch: x.shape[0], channels: x.shape[1], positions: elementCount(x.shape.slice(2)) };
}

function checkPerChannel(op: string, channels: number, ...tensors: readonly (Tensor | null)[]): void {
  for (const x of tensors) {
    if (x !== null && !sameShape(x.shape, [channels])) {
      throw new ShapeError(
        op,
        `Expected weight, bias and running statistics to be vectors of size equal to the number of channels in input (${channels}), but got ${showShape(x.shape)}`,
      );
    }
  }
}

/** Options of `batchNorm`. */
export interface BatchNormOptions extends LayerNormOptions {
  /** Normalize by the batch's own statistics and update the running ones. Default false. */
  readonly training?: boolean;
  /** Weight of the new batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

type BatchNormArgs =
  | [options?: BatchNormOptions]
  | [weight: Tensor | null, bias?: Tensor | null, training?: boolean, momentum?: number, eps?: number];

const batchNormOp = standardizingOp({
  name: "batchNorm",
  node: "NativeBatchNormBackward0",
  summary: "Mean 0 and variance 1 per channel over the batch, then weight and bias.",
  accepts: [
    normal([[4, 3]], null, null, { training: true }),
    normal([[2, 3, 2, 2]], null, null, { training: true, eps: 0.1 }),
    normal([[3, 2, 4]], null, null, { training: true }),
    arranged(normal([[3, 2], [2], [2]]), "with weight and bias", ([x, w, b]) => [x, null, null, w, b, true]),
  ],
  rejects: [normal([[1, 3]], null, null, { training: true }), normal([[3]], null, null, { training: true })],
});

/** How far the statistics that stand still lead: everything is linear in x. */
const fixedNormOp = general<{ readonly eps: number }>()({
  name: "batchNorm",
  overload: "fixed",
  node: "NativeBatchNormBackward0",
  summary: "Minus running mean, over running standard deviation per channel, then weight and bias.",
  symbol: "norm",
  inputs: ["x", "mean", "variance", "weight", "bias"],
  saves: { x: ["variance", "weight"], weight: ["x", "mean", "variance"] },
  forward: ([input, mean, variance, weight, bias], { eps }) => {
    const x = densely(input as Tensor);
    const out = blank(x.shape, x.dtype);
    const { batch, channels, positions } = channelSizes("batchNorm", x);
    const layout: NormLayout = {
      segments: batch,
      groups: channels,
      length: positions,
      inner: positions,
      period: channels,
    };
    const scale = Float64Array.from((variance as Tensor).toArray(), (value) => 1 / Math.sqrt(value + eps));
    standardize(
      x.storage.values,
      x.offset,
      layout,
      (mean as Tensor).toArray(),
      scale,
      weight?.toArray() ?? null,
      bias?.toArray() ?? null,
      out.storage.values,
    );
    return out;
  },
  backward: {
    x: ({ grad, variance, weight, attrs }) => {
      const scale = variance.add(attrs.eps).rsqrt();
      return grad.mul(perChannel(weight === null ? scale : scale.mul(weight), grad));
    },
    mean: null,
    variance: null,
    weight: ({ grad, x, mean, variance, attrs }) => {
      const scale = perChannel(variance.add(attrs.eps).rsqrt(), grad);
      return channelSum(grad.mul(x.sub(perChannel(mean, x)).mul(scale)));
    },
    bias: ({ grad }) => channelSum(grad),
  },
  accepts: [
    arranged(normal([[3, 2, 2], [2], [2]]), "by running statistics", ([x, w, b]) => [
      x,
      w.detach().zerosLike().add(0.3),
      w.detach().onesLike().mul(1.7),
      w,
      b,
    ]),
  ],
  rejects: [normal([[3, 2]], null, null)],
});

/** A value per channel in a shape that broadcasts with [N, C, …]. */
const perChannel = (values: Tensor, x: Tensor): Tensor =>
  values.reshape([values.elements, ...new Array<number>(x.ndim - 2).fill(1)]);

function channelSum(x: Tensor): Tensor {
  const { batch, channels, positions } = channelSizes("batchNorm", x);
  return x.reshape(batch, channels, positions).sum(2).sum(0);
}

/**
 * Mean 0 and variance 1 per channel of [N, C, …], then weight and bias. In training by the batch's statistics, and
 * `runningMean` and `runningVar` are updated in place; else by those.
 */
export const batchNorm: (
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  ...args: BatchNormArgs
) => Tensor = (input, runningMean, runningVar, ...args) => {
  const names = ["weight", "bias", "training", "momentum", "eps"] as const;
  const options = readArguments<BatchNormOptions>("batchNorm", args, names);
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = options;
  const { batch, channels, positions } = channelSizes("batchNorm", input);
  checkPerChannel("batchNorm", channels, weight, bias, runningMean, runningVar);
  checkSameDType("batchNorm", input, weight, bias);
  if (!training) {
    if (runningMean === null || runningVar === null) {
      throw new ArgumentError("batchNorm", "Expected running_mean and running_var to be defined when training=false");
    }
    return apply(fixedNormOp, [input, runningMean, runningVar, weight, bias], { eps });
  }
  checkSeveral("batchNorm", input, batch * positions);
  const observe = averageInto(runningMean, runningVar, momentum, batch * positions);
  const layout = { segments: batch, groups: channels, length: positions, inner: positions, period: channels };
  return standardizeWith(batchNormOp, input, weight, bias, { ...layout, eps, observe });
};

function checkSeveral(op: string, input: Tensor, n: number): void {
  if (n !== 1) return;
  throw new ArgumentError(
    op,
    `Expected more than 1 value per channel when training, got input size ${showShape(input.shape)}: the variance of one value is 0`,
  );
}

/** Mixes new statistics into the running ones; of `n` values the unbiased variance. */
function averageInto(
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  momentum: number,
  n: number,
): Standardizing["observe"] {
  if (runningMean === null && runningVar === null) return null;
  return (mean, variance) => {
    if (runningMean !== null) mixInto(runningMean, mean, momentum, 1);
    if (runningVar !== null) mixInto(runningVar, variance, momentum, n / (n - 1));
  };
}

/** running = (1 − momentum) · running + momentum · mean over the batch of (values · factor). */
function mixInto(running: Tensor, values: Float64Array, momentum: number, factor: number): void {
  const channels = running.elements;
  const batch = values.length / channels;
  aboutToWrite(running.storage);
  const { values: target } = running.storage;
  for (let c = 0; c < channels; c++) {
    let total = 0;
    for (let i = c; i < values.length; i += channels) total += values[i];
    const at = running.offset + c * running.strides[0];
    target[at] = (1 - momentum) * target[at] + (momentum * factor * total) / batch;
  }
  running.storage.version++;
}

/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends LayerNormOptions {
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
  /** Normalize by each instance's own statistics. Default true. */
  readonly useInputStats?: boolean;
  /** Weight of new instances in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

type InstanceNormArgs =
  | [options?: InstanceNormOptions]
  | [
      runningMean: Tensor | null,
      runningVar?: Tensor | null,
      weight?: Tensor | null,
      bias?: Tensor | null,
      useInputStats?: boolean,
      momentum?: number,
      eps?: number,
    ];

const instanceNormOp = standardizingOp({
  name: "instanceNorm",
  node: "NativeBatchNormBackward0",
  summary: "Mean 0 and variance 1 per channel of each instance, then weight and bias.",
  accepts: [
    normal([[2, 2, 3, 2]]),
    normal([[1, 2, 4]], { eps: 0.1 }),
    arranged(normal([[2, 2, 3], [2], [2]]), "with weight and bias", ([x, w, b]) => [x, null, null, w, b]),
  ],
  rejects: [normal([[2, 2, 1]]), normal([[3]])],
});

/** Mean 0 and variance 1 per channel of each instance of [N, C, …], then weight and bias per channel. */
export const instanceNorm: (input: Tensor, ...args: InstanceNormArgs) => Tensor = (input, ...args) => {
  const names = ["runningMean", "runningVar", "weight", "bias", "useInputStats", "momentum", "eps"] as const;
  const options = readArguments<InstanceNormOptions>("instanceNorm", args, names);
  const { runningMean = null, runningVar = null, weight = null, bias = null } = options;
  const { useInputStats = true, momentum = 0.1, eps = 1e-5 } = options;
  const { batch, channels, positions } = channelSizes("instanceNorm", input);
  if (!useInputStats) return batchNorm(input, runningMean, runningVar, { weight, bias, eps });
  checkPerChannel("instanceNorm", channels, weight, bias, runningMean, runningVar);
  checkSameDType("instanceNorm", input, weight, bias);
  checkSeveral("instanceNorm", input, positions);
  const observe = averageInto(runningMean, runningVar, momentum, positions);
  const layout = { segments: 1, groups: batch * channels, length: positions, inner: positions, period: channels };
  return standardizeWith(instanceNormOp, input, weight, bias, { ...layout, eps, observe });
};

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** Which norm. Default 2. */
  readonly p?: number;
  /** Default 1. */
  readonly dim?: number;
  /** The least norm to divide by. Default 1e-12. */
  readonly eps?: number;
}

/** Divided by its norm along a dimension. */
export const normalize: (
  input: Tensor,
  ...args: [options?: NormalizeOptions] | [p: number, dim?: number, eps?: number]
) => Tensor = (input, ...args) => {
  const { p = 2, dim = 1, eps = 1e-12 } = readArguments<NormalizeOptions>("normalize", args, ["p", "dim", "eps"]);
  return input.div(input.norm({ p, dim, keepdim: true }).clamp({ min: eps }));
};

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

/** Divided by (k + alpha · mean square of `size` neighbouring channels) to the power beta. */
export const localResponseNorm: (
  input: Tensor,
  size: number,
  ...args: [options?: LocalResponseNormOptions] | [alpha: number, beta?: number, k?: number]
) => Tensor = (input, size, ...args) => {
  const {
    alpha = 1e-4,
    beta = 0.75,
    k = 1,
  } = readArguments<LocalResponseNormOptions>("localResponseNorm", args, ["alpha", "beta", "k"]);
  wholeNumber("localResponseNorm", "size", size, 1);
  if (input.ndim < 3) {
    throw new ShapeError(
      "localResponseNorm",
      `Expected 3D or higher dimensionality input (got ${input.ndim} dimensions): [N, C, …], so unsqueeze what is missing`,
    );
  }
  if (input.elements === 0) return input;
  const { batch, channels, positions } = channelSizes("localResponseNorm", input);
  const squares = input.mul(input).reshape(batch, 1, channels, positions);
  const around = pad(squares, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
  const means = avgPool2d(around, [size, 1], 1).reshape(input.shape);
  return input.div(means.mul(alpha).add(k).pow(beta));
};
