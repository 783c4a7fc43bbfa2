import type { TypedArray } from "../../base/dtype.ts";
import { volume } from "../columns.ts";
import type { ConvolutionSizes } from "../convolution.ts";
import { convolveInWasm, convolveTransposedInWasm, convolveWeightInWasm } from "./convolution.ts";

// A convolution and its two gradients by parts of the batch, which different threads may compute. What images say about the weight
// is summed within chunks, and the chunks one after the other: so that the numbers are the same whoever computes which.

/** Which of the three it is; each takes two operands and gives a third. */
export type Kind = 0 | 1 | 2;
/** From image and weight to output. */
export const FORWARD = 0;
/** From the output's gradient and weight to the image's. */
export const TRANSPOSED = 1;
/** From image and the output's gradient to the weight's. */
export const OF_WEIGHT = 2;

/** Elements of one image of the operands and of the result; of the whole weight where it is the weight. */
export interface Steps {
  readonly first: number;
  readonly second: number;
  readonly out: number;
}

export function stepsOf(kind: Kind, { channels, features, groups, sliding }: ConvolutionSizes): Steps {
  const image = channels * volume(sliding.image);
  const output = features * volume(sliding.out);
  const weight = features * (channels / groups) * volume(sliding.kernel);
  if (kind === FORWARD) return { first: image, second: weight, out: output };
  if (kind === TRANSPOSED) return { first: output, second: weight, out: image };
  return { first: image, second: output, out: weight };
}

/** Most chunks of a batch. */
const CHUNKS = 4;

/** Images of a chunk. */
export const chunkOf = (batch: number): number => Math.ceil(batch / CHUNKS);

/**
 * Computes a part of a batch, of which `sizes.batch` images begin at `fo` and, but for the weight, at `so`; `whole` is how many
 * there are in all. A gradient of the weight is written, or added when `add` is set. False when it can't be done here.
 */
export function convolvePart(
  kind: Kind,
  first: TypedArray,
  fo: number,
  second: TypedArray,
  so: number,
  sizes: ConvolutionSizes,
  whole: number,
  out: TypedArray,
  oo: number,
  add: boolean,
): boolean {
  if (kind === FORWARD) return convolveInWasm(first, fo, second, so, sizes, out, oo);
  if (kind === TRANSPOSED) return convolveTransposedInWasm(first, fo, second, so, sizes, out, oo);
  const chunk = chunkOf(whole);
  const steps = stepsOf(kind, sizes);
  for (let i = 0; i < sizes.batch; i += chunk) {
    const some = { ...sizes, batch: Math.min(chunk, sizes.batch - i) };
    const [from, gradFrom] = [fo + i * steps.first, so + i * steps.second];
    if (!convolveWeightInWasm(first, from, second, gradFrom, some, out, oo, add || i > 0)) return false;
  }
  return sizes.batch > 0;
}
