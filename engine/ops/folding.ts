import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { perDimension, readArguments } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { type Shape, showShape } from "../base/shape.ts";
import { columnsToImage, imageToColumns, type Sliding, volume } from "../kernels/columns.ts";
import { firstDim } from "./batching.ts";
import { general } from "./define.ts";
import type { GeneralOp } from "./op.ts";
import { normal } from "./samples.ts";
import { type Sizes, slide } from "./sliding.ts";

/** Options of `F.unfold` and `F.fold`. */
export interface FoldOptions {
  /** Default 1. */
  readonly dilation?: Sizes;
  /** Default 0. */
  readonly padding?: Sizes;
  /** Default 1. */
  readonly stride?: Sizes;
}

type FoldArgs = [options?: FoldOptions] | [dilation: Sizes, padding?: Sizes, stride?: Sizes];

interface Folding {
  readonly channels: number;
  readonly sliding: Sliding;
}

const unfoldOp: GeneralOp<Folding> = general<Folding>()({
  name: "unfold",
  overload: "patches",
  node: "Im2ColBackward0",
  summary: "Patches of an image as columns.",
  inputs: ["x"],
  forward: ([input], { channels, sliding }) => {
    const x = densely(input as Tensor);
    const rows = channels * volume(sliding.kernel);
    const positions = volume(sliding.out);
    const out = empty([x.shape[0], rows, positions], x.dtype);
    const image = channels * volume(sliding.image);
    for (let i = 0; i < x.shape[0]; i++) {
      imageToColumns(
        x.storage.values,
        x.offset + i * image,
        channels,
        sliding,
        out.storage.values,
        i * rows * positions,
      );
    }
    return out;
  },
  onBatch: firstDim,
  backward: { x: ({ grad, attrs }) => apply(foldOp, [grad], attrs) },
});

const foldOp: GeneralOp<Folding> = general<Folding>()({
  name: "fold",
  node: "Col2ImBackward0",
  summary: "An image from patches; where they overlap they add up.",
  inputs: ["x"],
  forward: ([input], { channels, sliding }) => {
    const x = densely(input as Tensor);
    const [, height, width] = sliding.image;
    const out = empty([x.shape[0], channels, height, width], x.dtype);
    const columns = x.shape[1] * x.shape[2];
    for (let i = 0; i < x.shape[0]; i++) {
      columnsToImage(
        x.storage.values,
        x.offset + i * columns,
        out.storage.values,
        i * channels * height * width,
        channels,
        sliding,
      );
    }
    return out;
  },
  onBatch: firstDim,
  backward: { x: ({ grad, attrs }) => apply(unfoldOp, [grad], attrs) },
  accepts: [
    normal([[1, 4, 4]], [3, 3], [2, 2]),
    normal([[1, 8, 6]], [4, 5], [2, 2], { padding: [1, 0], stride: 2 }),
    normal([[4, 4]], 3, 2),
  ],
  rejects: [normal([[1, 4, 5]], [3, 3], [2, 2]), normal([[1, 3, 4]], [3, 3], [2, 2])],
});

function slidingOf(op: string, image: Shape, kernelSize: Sizes, args: FoldArgs): Sliding {
  const options = readArguments<FoldOptions>(op, args, ["dilation", "padding", "stride"]);
  const { dilation = 1, padding = 0, stride = 1 } = options;
  return slide(op, image, { kernel: perDimension(op, "kernelSize", kernelSize, 2), dilation, padding, stride });
}

function checkNotEmpty(op: string, input: Tensor): void {
  if (input.shape.slice(1).every((size) => size > 0)) return;
  throw new ShapeError(
    op,
    `Expected ${input.ndim - 1}D or ${input.ndim}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(input.shape)}`,
  );
}

/** All patches that a kernel sees of [N, C, H, W] (or [C, H, W]), as columns: [N, C · KH · KW, positions]. */
export const unfold: (input: Tensor, kernelSize: Sizes, ...args: FoldArgs) => Tensor = (input, kernelSize, ...args) => {
  if (input.ndim === 3) return withoutBatch(unfold(withBatch(input), kernelSize, ...args));
  if (input.ndim !== 4) {
    throw new ShapeError(
      "unfold",
      `Expected 3D or 4D (batch mode) tensor, but got input of size: ${showShape(input.shape)}`,
    );
  }
  checkNotEmpty("unfold", input);
  const sliding = slidingOf("unfold", input.shape.slice(2), kernelSize, args);
  return apply(unfoldOp, [input], { channels: input.shape[1], sliding });
};

/** The sum of all patches at their places: [N, C · KH · KW, positions] to [N, C, H, W]. The adjoint of `unfold`. */
export const fold: (input: Tensor, outputSize: Sizes, kernelSize: Sizes, ...args: FoldArgs) => Tensor = (
  input,
  outputSize,
  kernelSize,
  ...args
) => {
  if (input.ndim === 2) return withoutBatch(fold(withBatch(input), outputSize, kernelSize, ...args));
  if (input.ndim !== 3) {
    throw new ShapeError(
      "fold",
      `Expected 2D or 3D (batch mode) tensor, but got input of size: ${showShape(input.shape)}`,
    );
  }
  checkNotEmpty("fold", input);
  const sliding = slidingOf("fold", perDimension("fold", "outputSize", outputSize, 2), kernelSize, args);
  const [, rows, positions] = input.shape;
  if (rows % volume(sliding.kernel) !== 0) {
    throw new ShapeError(
      "fold",
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got ${rows} and a kernel of ${volume(sliding.kernel)}`,
    );
  }
  if (positions !== volume(sliding.out)) {
    throw new ShapeError(
      "fold",
      `Given this output and kernel size, expected size of input's dimension 2 to match the calculated number of sliding blocks ${sliding.out[1]} * ${sliding.out[2]} = ${volume(sliding.out)}, but got ${positions}`,
    );
  }
  return apply(foldOp, [input], { channels: rows / volume(sliding.kernel), sliding });
};

const withBatch = (x: Tensor): Tensor => x.reshape([1, ...x.shape]);
const withoutBatch = (x: Tensor): Tensor => x.reshape(x.shape.slice(1));
