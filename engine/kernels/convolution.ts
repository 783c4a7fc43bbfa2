import type { TypedArray } from "../base/dtype.ts";
import { columnsToImage, imageToColumns, type Sliding, volume } from "./columns.ts";
import { type Matrix, matmul } from "./matmul.ts";
import { limits } from "./switch.ts";
import { convolveTogether } from "./threads/convolution.ts";
import { convolvePart, FORWARD, type Kind, OF_WEIGHT, TRANSPOSED } from "./wasm/convolutionParts.ts";

/** Sizes of a convolution; images have `channels`, outputs `features`, both divided among `groups`. */
export interface ConvolutionSizes {
  readonly batch: number;
  readonly channels: number;
  readonly features: number;
  readonly groups: number;
  readonly sliding: Sliding;
}

/** What one group works with. */
interface Group {
  readonly channels: number;
  readonly features: number;
  /** Rows of the columns: channels times kernel positions. */
  readonly rows: number;
  /** Output positions. */
  readonly positions: number;
  readonly pixels: number;
}

function groupOf({ channels, features, groups, sliding }: ConvolutionSizes): Group {
  const perGroup = channels / groups;
  return {
    channels: perGroup,
    features: features / groups,
    rows: perGroup * volume(sliding.kernel),
    positions: volume(sliding.out),
    pixels: volume(sliding.image),
  };
}

const dense = (values: TypedArray, offset: number, columns: number): Matrix => ({
  values,
  offset,
  row: columns,
  column: 1,
});

const turned = ({ values, offset, row, column }: Matrix): Matrix => ({ values, offset, row: column, column: row });

/** A kernel of one position that touches every pixel once: the image is its own columns. */
function isPointwise({ image, kernel, out, stride, padding }: Sliding): boolean {
  const plain = stride.every((s) => s === 1) && padding.every((p) => p === 0);
  return plain && volume(kernel) === 1 && volume(image) === volume(out);
}

/** Whether a convolution is worth the way to WebAssembly: as many multiplications as a product of matrices that is. */
function isLarge({ batch, channels, features, groups, sliding }: ConvolutionSizes): boolean {
  const perPosition = (channels / groups) * volume(sliding.kernel) * features;
  return batch * volume(sliding.out) * perPosition >= limits.product && !isPointwise(sliding);
}

/** In all threads there are, or in this one; false when it can't be done there. */
function inWasm(
  kind: Kind,
  first: TypedArray,
  fo: number,
  second: TypedArray,
  so: number,
  sizes: ConvolutionSizes,
  out: TypedArray,
): boolean {
  return (
    convolveTogether(kind, first, fo, second, so, sizes, out) ||
    convolvePart(kind, first, fo, second, so, sizes, sizes.batch, out, 0, false)
  );
}

const scratch = (like: TypedArray, n: number): TypedArray => new (like.constructor as new (n: number) => TypedArray)(n);

/**
 * out[batch, features, …] = the convolution of image[batch, channels, …] with weight[features, channels / groups, …], all
 * dense, by a product of matrices on the image's columns.
 */
export function convolve(
  image: TypedArray,
  io: number,
  weight: TypedArray,
  wo: number,
  sizes: ConvolutionSizes,
  out: TypedArray,
): void {
  if (isLarge(sizes) && inWasm(FORWARD, image, io, weight, wo, sizes, out)) return;
  const { batch, groups, sliding } = sizes;
  const { channels, features, rows, positions, pixels } = groupOf(sizes);
  const pointwise = isPointwise(sliding);
  const columns = pointwise ? image : scratch(image, rows * positions);
  for (let i = 0; i < batch * groups; i++) {
    const from = io + i * channels * pixels;
    if (!pointwise) imageToColumns(image, from, channels, sliding, columns, 0);
    const kernels = dense(weight, wo + (i % groups) * features * rows, rows);
    const seen = dense(columns, pointwise ? from : 0, positions);
    matmul(features, rows, positions, kernels, seen, out, i * features * positions);
  }
}

/** image = the adjoint of `convolve` in its image, applied to grad[batch, features, …]: a transposed convolution. `image` starts as zeros. */
export function convolveTransposed(
  grad: TypedArray,
  go: number,
  weight: TypedArray,
  wo: number,
  sizes: ConvolutionSizes,
  image: TypedArray,
): void {
  if (isLarge(sizes) && inWasm(TRANSPOSED, grad, go, weight, wo, sizes, image)) return;
  const { batch, groups, sliding } = sizes;
  const { channels, features, rows, positions, pixels } = groupOf(sizes);
  const pointwise = isPointwise(sliding);
  const columns = pointwise ? image : scratch(image, rows * positions);
  for (let i = 0; i < batch * groups; i++) {
    const kernels = turned(dense(weight, wo + (i % groups) * features * rows, rows));
    const to = i * channels * pixels;
    const values = dense(grad, go + i * features * positions, positions);
    matmul(rows, features, positions, kernels, values, columns, pointwise ? to : 0);
    if (!pointwise) columnsToImage(columns, 0, image, to, channels, sliding);
  }
}

/** weight = the adjoint of `convolve` in its weight: what image and grad[batch, features, …] say about it. `weight` starts as zeros. */
export function convolveWeight(
  image: TypedArray,
  io: number,
  grad: TypedArray,
  go: number,
  sizes: ConvolutionSizes,
  weight: TypedArray,
): void {
  if (isLarge(sizes) && inWasm(OF_WEIGHT, image, io, grad, go, sizes, weight)) return;
  const { batch, groups, sliding } = sizes;
  const { channels, features, rows, positions, pixels } = groupOf(sizes);
  const pointwise = isPointwise(sliding);
  const columns = pointwise ? image : scratch(image, rows * positions);
  for (let i = 0; i < batch * groups; i++) {
    const from = io + i * channels * pixels;
    if (!pointwise) imageToColumns(image, from, channels, sliding, columns, 0);
    const seen = turned(dense(columns, pointwise ? from : 0, positions));
    const values = dense(grad, go + i * features * positions, positions);
    matmul(features, positions, rows, values, seen, weight, (i % groups) * features * rows, true);
  }
}
