import { apply } from "../autograd/dispatch.ts";
import { blank, densely, empty, type Tensor } from "../autograd/tensor.ts";
import { perDimension, readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { type Shape, showShape } from "../base/shape.ts";
import { addPerChannel } from "../kernels/channels.ts";
import type { Sliding } from "../kernels/columns.ts";
import { type ConvolutionSizes, convolve, convolveTransposed, convolveWeight } from "../kernels/convolution.ts";
import { firstDim } from "./batching.ts";
import { general } from "./define.ts";
import { perFilter } from "./flops.ts";
import { checkSameDType } from "./matrixOperands.ts";
import type { Batch, GeneralOp } from "./op.ts";
import { pad } from "./padding.ts";
import { normal, type Sample } from "./samples.ts";
import { type Sizes, type SlidingOptions, slide, sliding, spatialOptions } from "./sliding.ts";

/** Options of `conv1d`, `conv2d` and `conv3d`. */
export interface ConvOptions {
  readonly bias?: Tensor | null;
  /** Default 1. */
  readonly stride?: Sizes;
  /** Zeros on both sides; "same" keeps the size, "valid" adds none. Default 0. */
  readonly padding?: Sizes | "same" | "valid";
  /** Distance of the kernel's elements. Default 1. */
  readonly dilation?: Sizes;
  /** Groups of channels that see nothing of each other. Default 1. */
  readonly groups?: number;
}

type ConvArgs =
  | [options?: ConvOptions]
  | [bias: Tensor | null, options?: ConvOptions]
  | [bias: Tensor | null, stride: Sizes, padding?: Sizes | "same" | "valid", dilation?: Sizes, groups?: number];

/** Options of `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export interface ConvTransposeOptions {
  readonly bias?: Tensor | null;
  /** Default 1. */
  readonly stride?: Sizes;
  /** What the matching convolution pads: as much is cut from the result. Default 0. */
  readonly padding?: Sizes;
  /** Added to one side of the result, since a stride lets several sizes lead to the same input. Default 0. */
  readonly outputPadding?: Sizes;
  readonly groups?: number;
  /** Default 1. */
  readonly dilation?: Sizes;
}

type ConvTransposeArgs =
  | [options?: ConvTransposeOptions]
  | [bias: Tensor | null, options?: ConvTransposeOptions]
  | [bias: Tensor | null, stride: Sizes, padding?: Sizes, outputPadding?: Sizes, groups?: number, dilation?: Sizes];

/** How the kernel slides over the image; the image is the input of a convolution and the output of a transposed one. */
interface Convolution {
  readonly groups: number;
  readonly sliding: Sliding;
  /** Spatial sizes of image and output. */
  readonly image: Shape;
  readonly out: Shape;
}

type Dimensions = 1 | 2 | 3;

/**
 * Three ops, each linear in both inputs: with ⟨conv(image, weight), output⟩ as the form that all come from, each is the
 * gradient of the others, to any order.
 */
interface Family {
  readonly forward: GeneralOp<Convolution>;
  readonly transposed: GeneralOp<Convolution>;
  readonly weight: GeneralOp<Convolution>;
}

function sizesOf(batch: number, weight: Shape, { groups, sliding: how }: Convolution): ConvolutionSizes {
  return { batch, channels: weight[1] * groups, features: weight[0], groups, sliding: how };
}

/** Adds a bias per channel to [batch, channels, …]. */
function addBias(out: Tensor, bias: Tensor | null): Tensor {
  if (bias === null) return out;
  const values = densely(bias);
  const positions = out.shape.slice(2).reduce((n, size) => n * size, 1);
  addPerChannel(out.storage.values, values.storage.values, values.offset, bias.elements, positions);
  return out;
}

/** The sum over everything but the channels: first over what lies side by side, then over the batch. */
const biasGradient = (grad: Tensor): Tensor => grad.sum({ dim: grad.shape.map((_, d) => d).slice(2) }).sum(0);

/**
 * The gradient in the weight, of many outputs or of many images: side by side within their group, [images, group, batch,
 * channels of the group, …], they are as good as more filters, or more channels.
 */
function moreWeights(
  [image, output]: readonly (Tensor | null)[],
  attrs: Convolution,
  { size, has, run }: Batch<Convolution>,
): Tensor | null {
  if (image === null || output === null || (has(0) && has(1))) return null;
  const { groups } = attrs;
  const sideBySide = (x: Tensor): Tensor => {
    const [images, channels, ...places] = x.shape.slice(1);
    const parts = x.reshape(size, images, groups, channels / groups, ...places).movedim(0, 2);
    return parts.reshape(images, size * channels, ...places);
  };
  if (has(1)) {
    const [weights] = run([image, sideBySide(output)], attrs);
    const [filters, ...rest] = weights.shape;
    const perGroup = filters / size / groups;
    return weights
      .reshape(groups, size, perGroup, ...rest)
      .transpose(0, 1)
      .reshape(size, groups * perGroup, ...rest);
  }
  const [weights] = run([sideBySide(image), output], attrs);
  const [filters, channels, ...rest] = weights.shape;
  return weights.reshape(filters, size, channels / size, ...rest).transpose(0, 1);
}

function familyOf(nd: Dimensions): Family {
  const forward: GeneralOp<Convolution> = general<Convolution>()({
    name: `conv${nd}d`,
    node: "ConvolutionBackward0",
    summary: `Convolution over ${nd === 1 ? "one dimension" : `${nd} dimensions`}.`,
    symbol: "∗",
    inputs: ["x", "weight", "bias"],
    flops: ([, weight], [out]) => perFilter(out, weight as Tensor),
    saves: { x: ["weight"], weight: ["x"] },
    forward: ([input, kernels, bias], attrs) => {
      const x = densely(input as Tensor);
      const weight = densely(kernels as Tensor);
      const out = blank([x.shape[0], weight.shape[0], ...attrs.out], x.dtype);
      const sizes = sizesOf(x.shape[0], weight.shape, attrs);
      convolve(x.storage.values, x.offset, weight.storage.values, weight.offset, sizes, out.storage.values);
      return addBias(out, bias);
    },
    onBatch: firstDim,
    backward: {
      x: ({ grad, weight, attrs }) => apply(transposed, [grad, weight, null], attrs),
      weight: ({ grad, x, attrs }) => apply(weightGradient, [x, grad], attrs),
      bias: ({ grad }) => biasGradient(grad),
    },
    ...convSamples[nd],
  });
  const transposed: GeneralOp<Convolution> = general<Convolution>()({
    name: `convTranspose${nd}d`,
    node: "ConvolutionBackward0",
    summary: `Transposed convolution over ${nd === 1 ? "one dimension" : `${nd} dimensions`}.`,
    symbol: "∗ᵀ",
    inputs: ["x", "weight", "bias"],
    flops: ([x, weight]) => perFilter(x as Tensor, weight as Tensor),
    saves: { x: ["weight"], weight: ["x"] },
    forward: ([input, kernels, bias], attrs) => {
      const x = densely(input as Tensor);
      const weight = densely(kernels as Tensor);
      const out = empty([x.shape[0], weight.shape[1] * attrs.groups, ...attrs.image], x.dtype);
      const sizes = sizesOf(x.shape[0], weight.shape, attrs);
      convolveTransposed(x.storage.values, x.offset, weight.storage.values, weight.offset, sizes, out.storage.values);
      return addBias(out, bias);
    },
    onBatch: firstDim,
    backward: {
      x: ({ grad, weight, attrs }) => apply(forward, [grad, weight, null], attrs),
      weight: ({ grad, x, attrs }) => apply(weightGradient, [grad, x], attrs),
      bias: ({ grad }) => biasGradient(grad),
    },
    ...convTransposeSamples[nd],
  });
  const weightGradient: GeneralOp<Convolution> = general<Convolution>()({
    name: `conv${nd}dWeight`,
    node: "ConvolutionBackwardBackward0",
    summary: "Gradient of a convolution in its weight.",
    inputs: ["image", "output"],
    flops: ([, output], [weight]) => perFilter(output as Tensor, weight),
    saves: { image: ["output"], output: ["image"] },
    forward: ([input, gradient], attrs) => {
      const image = densely(input as Tensor);
      const output = densely(gradient as Tensor);
      const shape = [output.shape[1], image.shape[1] / attrs.groups, ...attrs.sliding.kernel.slice(3 - nd)];
      const out = empty(shape, image.dtype);
      const sizes = sizesOf(image.shape[0], shape, attrs);
      convolveWeight(
        image.storage.values,
        image.offset,
        output.storage.values,
        output.offset,
        sizes,
        out.storage.values,
      );
      return out;
    },
    onBatch: moreWeights,
    backward: {
      image: ({ grad, output, attrs }) => apply(transposed, [output, grad, null], attrs),
      output: ({ grad, image, attrs }) => apply(forward, [image, grad, null], attrs),
    },
  });
  return { forward, transposed, weight: weightGradient };
}

interface Samples {
  readonly accepts: readonly Sample[];
  readonly rejects: readonly Sample[];
}

const convSamples: Record<Dimensions, Samples> = {
  1: {
    accepts: [
      normal([[2, 2, 5], [3, 2, 3], [3]]),
      normal(
        [
          [1, 4, 7],
          [4, 2, 2],
        ],
        null,
        { stride: 2, padding: 2, dilation: 2, groups: 2 },
      ),
      normal([[2, 6], [3, 2, 2], [3]]),
      normal(
        [
          [1, 1, 5],
          [1, 1, 4],
        ],
        null,
        { padding: "same" },
      ),
    ],
    rejects: [
      normal([
        [1, 3, 5],
        [3, 2, 3],
      ]),
      normal([
        [1, 2, 2],
        [3, 2, 3],
      ]),
      normal([[2, 2, 5], [3, 2, 3], [2]]),
    ],
  },
  2: {
    accepts: [
      normal([[2, 2, 4, 3], [2, 2, 3, 2], [2]]),
      normal(
        [
          [1, 2, 4, 5],
          [4, 1, 2, 2],
        ],
        null,
        { stride: [2, 1], padding: [1, 0], groups: 2 },
      ),
      normal([
        [1, 2, 2, 2],
        [2, 2, 1, 1],
      ]),
    ],
    rejects: [
      normal([
        [1, 2, 4, 4],
        [2, 2, 3],
      ]),
      normal(
        [
          [1, 2, 4, 4],
          [3, 1, 2, 2],
        ],
        null,
        { groups: 2 },
      ),
    ],
  },
  3: {
    accepts: [normal([[1, 2, 3, 2, 3], [2, 1, 2, 2, 2], [2]], { groups: 2, padding: [0, 1, 0] })],
    rejects: [
      normal([
        [1, 2, 3, 3],
        [2, 2, 2, 2],
      ]),
    ],
  },
};

const convTransposeSamples: Record<Dimensions, Samples> = {
  1: {
    accepts: [
      normal([[1, 2, 4], [2, 3, 3], [3]], { stride: 2, padding: 1, outputPadding: 1 }),
      normal([
        [2, 3],
        [2, 1, 2],
      ]),
    ],
    rejects: [
      normal([
        [1, 3, 4],
        [2, 3, 3],
      ]),
      normal(
        [
          [1, 2, 4],
          [2, 3, 3],
        ],
        null,
        { outputPadding: 1 },
      ),
    ],
  },
  2: {
    accepts: [
      normal([[2, 2, 2, 3], [2, 3, 2, 2], [3]]),
      normal(
        [
          [1, 4, 2, 2],
          [4, 1, 2, 3],
        ],
        null,
        { stride: [1, 2], groups: 2, dilation: 2 },
      ),
    ],
    rejects: [
      normal([
        [1, 2, 3, 3],
        [2, 2, 2],
      ]),
    ],
  },
  3: {
    accepts: [normal([[1, 2, 2, 2, 2], [2, 1, 2, 1, 2], [1]], { stride: 2 })],
    rejects: [
      normal([
        [1, 2, 2, 2, 2],
        [3, 1, 2, 2, 2],
      ]),
    ],
  },
};

const families: Record<Dimensions, Family> = { 1: familyOf(1), 2: familyOf(2), 3: familyOf(3) };

function convolution(nd: Dimensions, input: Tensor, weight: Tensor, args: ConvArgs): Tensor {
  const op = `conv${nd}d`;
  const options = readArguments<ConvOptions>(op, args, ["bias", "stride", "padding", "dilation", "groups"]);
  const { bias = null, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  checkOperands(op, nd, input, weight, groups);
  if (input.ndim === nd + 1) return withoutBatch(convolution(nd, withBatch(input), weight, args));
  checkChannels(op, input, weight, bias, groups);
  const kernel = weight.shape.slice(2);
  if (typeof padding === "string") {
    const [padded, before] = namedPadding(op, input, kernel, padding, stride, dilation);
    return convolved(op, nd, padded, weight, bias, { kernel, stride, padding: before, dilation }, groups);
  }
  return convolved(op, nd, input, weight, bias, { kernel, stride, padding, dilation }, groups);
}

function convolved(
  op: string,
  nd: Dimensions,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: SlidingOptions,
  groups: number,
): Tensor {
  const image = input.shape.slice(2);
  const how = slide(op, image, options);
  const attrs: Convolution = { groups, sliding: how, image, out: how.out.slice(3 - nd) };
  return apply(families[nd].forward, [input, weight, bias], attrs);
}

const withBatch = (x: Tensor): Tensor => x.reshape([1, ...x.shape]);
const withoutBatch = (x: Tensor): Tensor => x.reshape(x.shape.slice(1));

function checkOperands(op: string, nd: Dimensions, input: Tensor, weight: Tensor, groups: number): void {
  if (weight.ndim !== nd + 2 || (input.ndim !== nd + 2 && input.ndim !== nd + 1)) {
    throw new ShapeError(
      op,
      `Expected ${nd + 1}D (unbatched) or ${nd + 2}D (batched) input to ${op} and a ${nd + 2}D weight, but got input of size: ${showShape(input.shape)} and weight of size: ${showShape(weight.shape)}`,
    );
  }
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ArgumentError(op, `groups must be a positive whole number, but got ${groups}`);
  }
  if (input.shape.slice(-nd).includes(0)) {
    throw new ShapeError(
      op,
      `Only zero batch or zero channel inputs are supported, but got input shape: ${showShape(input.shape)}`,
    );
  }
  if (weight.shape[0] % groups !== 0) {
    throw new ShapeError(
      op,
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size ${showShape(weight.shape)} instead`,
    );
  }
}

function checkChannels(op: string, input: Tensor, weight: Tensor, bias: Tensor | null, groups: number): void {
  const channels = weight.shape[1] * groups;
  if (input.shape[1] !== channels) {
    throw new ShapeError(
      op,
      `Given groups=${groups}, weight of size ${showShape(weight.shape)}, expected input${showShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
    );
  }
  checkBias(op, weight, bias, weight.shape[0]);
  checkSameDType(op, input, weight, bias);
}

function checkBias(op: string, weight: Tensor, bias: Tensor | null, features: number): void {
  if (bias === null || (bias.ndim === 1 && bias.shape[0] === features)) return;
  throw new ShapeError(
    op,
    `Given weight of size ${showShape(weight.shape)}, expected bias to be 1-dimensional with ${features} elements, but got bias of size ${showShape(bias.shape)} instead`,
  );
}

/** The padding that a name means; where the two sides differ, one more zero on the right is added to the input first. */
function namedPadding(
  op: string,
  input: Tensor,
  kernel: Shape,
  name: string,
  stride: Sizes,
  dilation: Sizes,
): [input: Tensor, padding: number[]] {
  if (name === "valid") return [input, kernel.map(() => 0)];
  if (name !== "same") throw new ArgumentError(op, `Invalid padding '${name}': use a number, "same" or "valid"`);
  const steps = perDimension(op, "stride", stride, kernel.length);
  if (steps.some((step) => step !== 1)) {
    throw new ArgumentError(op, "padding='same' is not supported for strided convolutions");
  }
  const apart = perDimension(op, "dilation", dilation, kernel.length);
  const totals = kernel.map((size, d) => apart[d] * (size - 1));
  const more = totals.map((total) => total % 2).reverse();
  const padded = more.includes(1)
    ? pad(
        input,
        more.flatMap((extra) => [0, extra]),
      )
    : input;
  return [padded, totals.map((total) => Math.floor(total / 2))];
}

function transposedConvolution(nd: Dimensions, input: Tensor, weight: Tensor, args: ConvTransposeArgs): Tensor {
  const op = `convTranspose${nd}d`;
  const names = ["bias", "stride", "padding", "outputPadding", "groups", "dilation"] as const;
  const options = readArguments<ConvTransposeOptions>(op, args, names);
  const { bias = null, stride = 1, padding = 0, outputPadding = 0, groups = 1, dilation = 1 } = options;
  checkOperands(op, nd, input, weight, groups);
  if (input.ndim === nd + 1) return withoutBatch(transposedConvolution(nd, withBatch(input), weight, args));
  if (input.shape[1] !== weight.shape[0]) {
    throw new ShapeError(
      op,
      `Given transposed=true, weight of size ${showShape(weight.shape)}, expected input${showShape(input.shape)} to have ${weight.shape[0]} channels, but got ${input.shape[1]} channels instead`,
    );
  }
  checkBias(op, weight, bias, weight.shape[1] * groups);
  checkSameDType(op, input, weight, bias);
  const slides = spatialOptions(op, { kernel: weight.shape.slice(2), stride, padding, dilation });
  const extra = perDimension(op, "outputPadding", outputPadding, nd);
  const out = input.shape.slice(2);
  const image = out.map((size, d) => transposedSize(op, size, d, slides, extra));
  const how = sliding(image, slides.kernel, out, slides.stride, slides.padding, slides.dilation);
  return apply(families[nd].transposed, [input, weight, bias], { groups, sliding: how, image, out });
}

function transposedSize(
  op: string,
  size: number,
  d: number,
  { kernel, stride, padding, dilation }: ReturnType<typeof spatialOptions>,
  extra: readonly number[],
): number {
  if (extra[d] < 0 || (extra[d] >= stride[d] && extra[d] >= dilation[d])) {
    throw new ArgumentError(
      op,
      `output padding must be smaller than either stride or dilation, but got outputPadding ${extra[d]}, stride ${stride[d]} and dilation ${dilation[d]} in spatial dimension ${d}`,
    );
  }
  const result = (size - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel[d] - 1) + 1 + extra[d];
  if (result >= 1) return result;
  throw new ShapeError(op, `the output size would be ${result} in spatial dimension ${d}: the padding is too large`);
}

type Convolve = (input: Tensor, weight: Tensor, ...args: ConvArgs) => Tensor;
type ConvolveTransposed = (input: Tensor, weight: Tensor, ...args: ConvTransposeArgs) => Tensor;

/** Convolution of [N, C, L] (or [C, L]) with weights [O, C / groups, K]. */
export const conv1d: Convolve = (input, weight, ...args) => convolution(1, input, weight, args);

/** Convolution of [N, C, H, W] (or [C, H, W]) with weights [O, C / groups, KH, KW]. */
export const conv2d: Convolve = (input, weight, ...args) => convolution(2, input, weight, args);

/** Convolution of [N, C, D, H, W] (or [C, D, H, W]) with weights [O, C / groups, KD, KH, KW]. */
export const conv3d: Convolve = (input, weight, ...args) => convolution(3, input, weight, args);

/** Transposed convolution of [N, C, L] (or [C, L]) with weights [C, O / groups, K]. */
export const convTranspose1d: ConvolveTransposed = (input, weight, ...args) =>
  transposedConvolution(1, input, weight, args);

/** Transposed convolution of [N, C, H, W] (or [C, H, W]) with weights [C, O / groups, KH, KW]. */
export const convTranspose2d: ConvolveTransposed = (input, weight, ...args) =>
  transposedConvolution(2, input, weight, args);

/** Transposed convolution of [N, C, D, H, W] (or [C, D, H, W]) with weights [C, O / groups, KD, KH, KW]. */
export const convTranspose3d: ConvolveTransposed = (input, weight, ...args) =>
  transposedConvolution(3, input, weight, args);
