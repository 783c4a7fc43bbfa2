import { empty, emptyInOrderOf, type Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { defaultGenerator, type Generator } from "../base/random.ts";
import { type Shape, showShape } from "../base/shape.ts";
import { bernoulli } from "../kernels/random.ts";

/** Options of `dropout` and its kind. */
export interface DropoutOptions {
  /** Probability of an element to be dropped. Default 0.5. */
  readonly p?: number;
  /** Without it nothing is dropped. Default true. */
  readonly training?: boolean;
  /** Overwrite the input. Default false. */
  readonly inplace?: boolean;
  /** Where the randomness comes from; the generator that `manualSeed` seeds when left out. */
  readonly generator?: Generator;
}

type DropoutArgs =
  | [options?: DropoutOptions]
  | [p: number, options?: DropoutOptions]
  | [p: number, training: boolean, inplace?: boolean];
type Dropout = (input: Tensor, ...args: DropoutArgs) => Tensor;

interface Dropping {
  readonly p: number;
  readonly inplace: boolean;
  readonly generator: Generator;
}

/** What to drop, or null when nothing is. */
function dropping(op: string, input: Tensor, args: DropoutArgs, inTraining = true): Dropping | null {
  const options = readArguments<DropoutOptions>(op, args, ["p", "training", "inplace", "generator"]);
  const { p = 0.5, training = inTraining, inplace = false, generator = defaultGenerator } = options;
  if (!(p >= 0 && p <= 1)) {
    throw new ArgumentError(op, `dropout probability has to be between 0 and 1, but got ${p}`);
  }
  if (!training || p === 0 || input.elements === 0) return null;
  if (!isFloat(input.dtype)) {
    throw new DTypeError(op, `result type Float can't be cast to the desired output type: the input is ${input.dtype}`);
  }
  return { p, inplace, generator };
}

/** 1 for what stays and 0 for what is dropped, times `kept`. */
function mask(input: Tensor, shape: Shape, { p, generator }: Dropping, kept: number): Tensor {
  const noise = shape === input.shape ? emptyInOrderOf(input) : empty(shape, input.dtype);
  const { values } = noise.storage;
  bernoulli(values, 1 - p, generator);
  for (let i = 0; i < values.length; i++) values[i] *= kept;
  return noise;
}

/** Drops elements of a noise mask of `shape`, which broadcasts; what stays is scaled up to keep the mean. */
function drop(input: Tensor, shape: Shape, how: Dropping): Tensor {
  // With p = 1 everything goes; 1 / (1 - p) would make NaN of it.
  const noise = mask(input, shape, how, how.p === 1 ? 0 : 1 / (1 - how.p));
  return how.inplace ? input.mul_(noise) : input.mul(noise);
}

/** In training, elements zeroed at random with probability p and the others divided by 1 − p. */
export const dropout: Dropout = (input, ...args) => {
  const how = dropping("dropout", input, args);
  return how === null ? input : drop(input, input.shape, how);
};

/** The shape of a mask for whole channels, which come after `lead − 1` dimensions. */
function channelShape(op: string, input: Tensor, lead: number): Shape {
  if (input.ndim < lead) {
    throw new ShapeError(
      op,
      `Feature dropout requires at least 2 dimensions in the input, but got ${showShape(input.shape)}: use dropout, or unsqueeze the input to [N, C, …]`,
    );
  }
  return input.shape.map((size, d) => (d < lead ? size : 1));
}

function channelDropout(op: string, lead: number, input: Tensor, args: DropoutArgs): Tensor {
  const how = dropping(op, input, args);
  return how === null ? input : drop(input, how.p === 1 ? input.shape : channelShape(op, input, lead), how);
}

/** In training, whole channels of [N, C, L] (or [C, L]) zeroed at random. */
export const dropout1d: Dropout = (input, ...args) => {
  if (input.ndim !== 2 && input.ndim !== 3) {
    throw new ShapeError(
      "dropout1d",
      `Expected 2D or 3D input, but received a ${input.ndim}D input, ${showShape(input.shape)}: for single elements there is dropout`,
    );
  }
  return channelDropout("dropout1d", input.ndim === 3 ? 2 : 1, input, args);
};

/** In training, whole channels of [N, C, H, W] zeroed at random; [N, C, L] is taken as by `dropout1d`, with a warning. */
export const dropout2d: Dropout = (input, ...args) => {
  warnOfDimensions("dropout2d", input, [3, 4]);
  if (input.ndim === 3) {
    warn(
      "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. Use dropout1d to mean that, and unsqueeze(0) for one image [C, H, W].",
    );
  }
  return channelDropout("dropout2d", 2, input, args);
};

/** In training, whole channels of [N, C, D, H, W] (or [C, D, H, W]) zeroed at random. */
export const dropout3d: Dropout = (input, ...args) => {
  warnOfDimensions("dropout3d", input, [4, 5]);
  return channelDropout("dropout3d", input.ndim === 5 ? 2 : 1, input, args);
};

function warnOfDimensions(op: string, { ndim, shape }: Tensor, [unbatched, batched]: readonly [number, number]): void {
  if (ndim === unbatched || ndim === batched) return;
  warn(
    `${op}: Received a ${ndim}-D input to ${op}, which is deprecated and will result in an error in a future release: ${showShape(shape)}. It drops whole channels of ${unbatched}D or ${batched}D inputs; for single elements there is dropout.`,
  );
}

/** What SELU saturates at: −λ α. */
const SATURATION = -1.7580993408473766;

function dropToSaturation(input: Tensor, shape: Shape, how: Dropping): Tensor {
  if (how.p === 1) return drop(input, shape, how);
  const scale = 1 / Math.sqrt((SATURATION * SATURATION * how.p + 1) * (1 - how.p));
  const kept = mask(input, shape, how, 1);
  // What is dropped becomes the saturation value; then all is scaled and moved so that the mean stays.
  const shift = kept
    .neg()
    .add(1 - how.p)
    .mul(SATURATION * scale);
  return how.inplace ? input.mul_(kept.mul(scale)).add_(shift) : input.mul(kept.mul(scale)).add(shift);
}

/** In training (not the default here, as in PyTorch), SELU's saturation value at random, all scaled to keep mean and variance. */
export const alphaDropout: Dropout = (input, ...args) => {
  const how = dropping("alphaDropout", input, args, false);
  return how === null ? input : dropToSaturation(input, input.shape, how);
};

/** `alphaDropout` for whole channels of [N, C, …]. */
export const featureAlphaDropout: Dropout = (input, ...args) => {
  const how = dropping("featureAlphaDropout", input, args, false);
  return how === null ? input : dropToSaturation(input, channelShape("featureAlphaDropout", input, 2), how);
};
