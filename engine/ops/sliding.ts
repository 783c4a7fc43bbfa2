import { perDimension } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { type Shape, showShape } from "../base/shape.ts";
import type { Extent, Sliding } from "../kernels/columns.ts";

/** A number for all spatial dimensions, or one per dimension. */
export type Sizes = number | readonly number[];

/** Sizes of up to three spatial dimensions as three, the missing ones in front filled with `fill`. */
export function extentOf(sizes: Shape, fill: number): Extent {
  const [depth, height, width] = [fill, fill, fill].concat(sizes).slice(-3);
  return [depth, height, width];
}

/** What a user may say about how a kernel slides. */
export interface SlidingOptions {
  readonly kernel: Shape;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
}

/** One number per spatial dimension for each option, checked. */
export function spatialOptions(op: string, { kernel, stride, padding, dilation }: SlidingOptions) {
  const n = kernel.length;
  return {
    kernel: atLeast(op, "the kernel size", kernel, 1),
    stride: atLeast(op, "stride", perDimension(op, "stride", stride, n), 1),
    padding: atLeast(op, "padding", perDimension(op, "padding", padding, n), 0),
    dilation: atLeast(op, "dilation", perDimension(op, "dilation", dilation, n), 1),
  };
}

function atLeast(op: string, name: string, values: Shape, least: number): Shape {
  for (const value of values) {
    if (value < least) {
      throw new ArgumentError(op, `${name} must be at least ${least}, but got ${showShape(values)}`);
    }
  }
  return values;
}

/** How a kernel slides over an image of these spatial sizes, with what comes of it. */
export function slide(op: string, image: Shape, options: SlidingOptions): Sliding {
  const { kernel, stride, padding, dilation } = spatialOptions(op, options);
  const out = image.map((size, d) => {
    const reach = dilation[d] * (kernel[d] - 1) + 1;
    return Math.floor((size + 2 * padding[d] - reach) / stride[d]) + 1;
  });
  if (out.some((size) => size < 1)) throw kernelTooLarge(op, image, kernel, padding, dilation);
  return sliding(image, kernel, out, stride, padding, dilation);
}

export function sliding(
  image: Shape,
  kernel: Shape,
  out: Shape,
  stride: Shape,
  padding: Shape,
  dilation: Shape,
): Sliding {
  return {
    image: extentOf(image, 1),
    kernel: extentOf(kernel, 1),
    out: extentOf(out, 1),
    stride: extentOf(stride, 1),
    padding: extentOf(padding, 0),
    dilation: extentOf(dilation, 1),
  };
}

function kernelTooLarge(op: string, image: Shape, kernel: Shape, padding: Shape, dilation: Shape): ShapeError {
  const padded = image.map((size, d) => size + 2 * padding[d]).join(" x ");
  const reach = kernel.map((size, d) => dilation[d] * (size - 1) + 1).join(" x ");
  return new ShapeError(
    op,
    `Calculated padded input size per channel: (${padded}). Kernel size: (${reach}). Kernel size can't be greater than actual input size`,
  );
}
