import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { contiguousStrides, elementCount, type Shape, showShape } from "../base/shape.ts";
import { gather } from "../kernels/copy.ts";
import { leadingDims } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import type { GeneralOp } from "./op.ts";
import { normal } from "./samples.ts";

interface Factor {
  readonly r: number;
}

const shuffleOp: GeneralOp<Factor> = general<Factor>()({
  name: "pixelShuffle",
  summary: "Channels spread over pixels: [*, C r², H, W] to [*, C, H r, W r].",
  inputs: ["x"],
  flops: none,
  forward: ([x], { r }) => {
    const [channels, height, width] = (x as Tensor).shape.slice(-3);
    const parts = [channels / (r * r), r, r, height, width];
    return rearranged(x as Tensor, parts, [0, 3, 1, 4, 2], [parts[0], height * r, width * r]);
  },
  onBatch: leadingDims,
  backward: { x: ({ grad, attrs }) => apply(unshuffleOp, [grad], attrs) },
  accepts: [normal([[1, 4, 2, 3]], 2), normal([[9, 1, 1]], 3), normal([[2, 1, 4, 1, 2]], 2)],
  rejects: [normal([[1, 3, 2, 2]], 2), normal([[4, 4]], 2)],
});

const unshuffleOp: GeneralOp<Factor> = general<Factor>()({
  name: "pixelUnshuffle",
  summary: "Pixels gathered into channels: [*, C, H r, W r] to [*, C r², H, W].",
  inputs: ["x"],
  flops: none,
  forward: ([x], { r }) => {
    const [channels, high, wide] = (x as Tensor).shape.slice(-3);
    const parts = [channels, high / r, r, wide / r, r];
    return rearranged(x as Tensor, parts, [0, 2, 4, 1, 3], [channels * r * r, high / r, wide / r]);
  },
  onBatch: leadingDims,
  backward: { x: ({ grad, attrs }) => apply(shuffleOp, [grad], attrs) },
  accepts: [normal([[1, 1, 4, 2]], 2), normal([[2, 3, 3]], 3)],
  rejects: [normal([[1, 1, 3, 2]], 2), normal([[4, 4]], 2)],
});

/** Splits the last three dimensions into `parts`, reorders those and merges them to `result`. */
function rearranged(input: Tensor, parts: Shape, order: readonly number[], result: Shape): Tensor {
  const x = densely(input);
  const lead = x.shape.slice(0, -3);
  const out = empty([...lead, ...result], x.dtype);
  const strides = contiguousStrides(parts);
  const window = {
    storage: x.storage,
    offset: x.offset,
    shape: [elementCount(lead), ...order.map((d) => parts[d])],
    strides: [elementCount(parts), ...order.map((d) => strides[d])],
    elements: x.elements,
    dense: false,
    dtype: x.dtype,
  };
  gather(window, out.storage.values, 0);
  return out;
}

function checkFactor(op: string, x: Tensor, r: number): void {
  if (!Number.isInteger(r) || r < 1) throw new ArgumentError(op, `expects a positive factor, but got ${r}`);
  if (x.ndim < 3) {
    throw new ShapeError(op, `expects input to have at least 3 dimensions, but got input with ${x.ndim} dimension(s)`);
  }
}

/** Channels spread over pixels: [*, C r², H, W] to [*, C, H r, W r]. */
export const pixelShuffle: (input: Tensor, upscaleFactor: number) => Tensor = (input, upscaleFactor) => {
  checkFactor("pixelShuffle", input, upscaleFactor);
  const channels = input.shape[input.ndim - 3];
  if (channels % upscaleFactor ** 2 !== 0) {
    throw new ShapeError(
      "pixelShuffle",
      `expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${upscaleFactor ** 2} (shape ${showShape(input.shape)})`,
    );
  }
  return apply(shuffleOp, [input], { r: upscaleFactor });
};

/** Pixels gathered into channels: [*, C, H r, W r] to [*, C r², H, W]. */
export const pixelUnshuffle: (input: Tensor, downscaleFactor: number) => Tensor = (input, downscaleFactor) => {
  checkFactor("pixelUnshuffle", input, downscaleFactor);
  const [height, width] = input.shape.slice(-2);
  if (height % downscaleFactor !== 0 || width % downscaleFactor !== 0) {
    throw new ShapeError(
      "pixelUnshuffle",
      `expects height and width to be divisible by downscale_factor, but ${height} and ${width} are not by ${downscaleFactor} (shape ${showShape(input.shape)})`,
    );
  }
  return apply(unshuffleOp, [input], { r: downscaleFactor });
};

/** Channels of [N, C, …] dealt out among groups: each group of the result has some of every group of the input. */
export const channelShuffle: (input: Tensor, groups: number) => Tensor = (input, groups) => {
  const channels = input.shape[1];
  if (input.ndim < 3 || channels % groups !== 0) {
    throw new ShapeError(
      "channelShuffle",
      `Number of channels must be divisible by groups. Got ${channels} channels and ${groups} groups (shape ${showShape(input.shape)})`,
    );
  }
  const [batch, , ...rest] = input.shape;
  return input
    .reshape([batch, groups, channels / groups, ...rest])
    .transpose(1, 2)
    .reshape(input.shape);
};
