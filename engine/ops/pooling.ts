import type { Tensor } from "../autograd/tensor.ts";
import { perDimension } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import type { Sizes } from "./sliding.ts";

/** Pooling takes [C, …] or [N, C, …], of which only N may be 0. */
export function checkPoolInput(op: string, input: Tensor, nd: number): void {
  const fits = input.ndim === nd + 1 || input.ndim === nd + 2;
  if (fits && input.shape.slice(-nd - 1).every((size) => size > 0)) return;
  throw new ShapeError(
    op,
    `Expected ${nd + 1}D or ${nd + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got ${showShape(input.shape)}`,
  );
}

/** Adaptive pooling takes [C, …] or [N, C, …] where no dimension from `nonzero` on is 0. */
export function checkAdaptiveInput(op: string, input: Tensor, nd: number, nonzero: number): void {
  const fits = input.ndim === nd + 1 || input.ndim === nd + 2;
  if (fits && input.shape.slice(nonzero).every((size) => size > 0)) return;
  throw new ShapeError(
    op,
    `Expected ${nd + 1}D or ${nd + 2}D tensor with non-zero size for non-batch dimensions, but got ${showShape(input.shape)}`,
  );
}

/** How many windows fit along a dimension. */
export function pooledSize(
  op: string,
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  if (kernel < 1 || stride < 1 || dilation < 1) {
    throw new ArgumentError(
      op,
      `kernel size, stride and dilation should be greater than zero, but got ${kernel}, ${stride} and ${dilation}`,
    );
  }
  if (padding < 0 || padding > kernel / 2) {
    throw new ArgumentError(
      op,
      `pad should be at most half of effective kernel size and not negative, but got pad=${padding} and kernel_size=${kernel}`,
    );
  }
  const free = size + 2 * padding - dilation * (kernel - 1) - 1;
  const windows = (ceilMode ? Math.ceil(free / stride) : Math.floor(free / stride)) + 1;
  // Rounding up must not make a window that begins in the padding on the right.
  const out = ceilMode && (windows - 1) * stride >= size + padding ? windows - 1 : windows;
  if (out < 1) {
    throw new ShapeError(
      op,
      `Output size is too small: an input of size ${size} with padding ${padding} gives ${out} windows of size ${dilation * (kernel - 1) + 1}`,
    );
  }
  return out;
}

/** The wanted output sizes; null keeps the input's. */
export function adaptiveSizes(
  op: string,
  input: Tensor,
  outputSize: Sizes | readonly (number | null)[],
  nd: number,
): number[] {
  const own = input.shape.slice(-nd);
  const filled = Array.isArray(outputSize) ? outputSize.map((size, d) => size ?? own[d]) : (outputSize as number);
  const sizes = perDimension(op, "outputSize", filled, nd);
  if (sizes.some((size) => size < 0))
    throw new ArgumentError(op, `outputSize must not be negative, but got ${showShape(sizes)}`);
  return sizes;
}

/** First and end of the elements that output `o` of `out` covers: windows of nearly equal size that may overlap by one. */
export function adaptiveBounds(size: number, out: number, o: number): [first: number, end: number] {
  return [Math.floor((o * size) / out), Math.ceil(((o + 1) * size) / out)];
}
