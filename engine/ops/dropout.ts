import { empty, emptyInOrderOf, type Tensor } from "../autograd/tensor.ts";
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

function channelDropout(op: string, dims: readonly number[], input: Tensor, args: DropoutArgs): Tensor {
  if (!dims.includes(input.ndim)) {
    throw new ShapeError(op, `expected ${dims.join("-D or ")}-D input, but got ${showShape(input.shape)}`);
  }
  const how = dropping(op, input, args);
  if (how === null) return input;
  // Of an unbatched input the first dimension is the channels.
  const lead = input.ndim === Math.max(...dims) ? 2 : 1;
  return drop(
    input,
    input.shape.map((size, d) => (d < lead ? size : 1)),
    how,
  );
}

/** In training, whole channels of [N, C, L] (or [C, L]) zeroed at random. */
export const dropout1d: Dropout = (input, ...args) => channelDropout("dropout1d", [2, 3], input, args);

/** In training, whole channels of [N, C, H, W] (or [C, H, W]) zeroed at random. */
export const dropout2d: Dropout = (input, ...args) => channelDropout("dropout2d", [3, 4], input, args);

/** In training, whole channels of [N, C, D, H, W] (or [C, D, H, W]) zeroed at random. */
export const dropout3d: Dropout = (input, ...args) => channelDropout("dropout3d", [4, 5], input, args);

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
  if (input.ndim < 2) {
    throw new ShapeError(
      "featureAlphaDropout",
      `needs at least 2 dimensions [N, C, …], but got ${showShape(input.shape)}`,
    );
  }
  const how = dropping("featureAlphaDropout", input, args, false);
  if (how === null) return input;
  return dropToSaturation(
    input,
    input.shape.map((size, d) => (d < 2 ? size : 1)),
    how,
  );
};
