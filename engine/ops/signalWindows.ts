import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments, wholeNumber } from "../base/arguments.ts";
import { checkDType, isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError } from "../base/errors.ts";
import { i0 } from "../kernels/bessel.ts";
import type { CreateOptions } from "./creation.ts";

/** Options of windows. */
export interface WindowOptions extends CreateOptions {
  /** A window to be repeated: the one that is longer by one, without its last element. Default true. */
  readonly periodic?: boolean | undefined;
}

/** Options of `hammingWindow`. */
export interface HammingOptions extends WindowOptions {
  /** Default 0.54. */
  readonly alpha?: number | undefined;
  /** Default 0.46. */
  readonly beta?: number | undefined;
}

/** Options of `kaiserWindow`. */
export interface KaiserOptions extends WindowOptions {
  /** How narrow it is. Default 12. */
  readonly beta?: number | undefined;
}

type Args<Options> = [options?: Options] | [periodic?: boolean, options?: Options];

/** A triangle: 0 at the ends, 1 in the middle. */
export const bartlettWindow = (windowLength: number, ...args: Args<WindowOptions>): Tensor =>
  sampled(
    "bartlettWindow",
    windowLength,
    readArguments<WindowOptions>("bartlettWindow", args, PLAIN),
    (t) => 1 - Math.abs(2 * t - 1),
  );

/** 0.42 − 0.5 cos 2πt + 0.08 cos 4πt for t from 0 to 1. */
export const blackmanWindow = (windowLength: number, ...args: Args<WindowOptions>): Tensor =>
  sampled(
    "blackmanWindow",
    windowLength,
    readArguments<WindowOptions>("blackmanWindow", args, PLAIN),
    (t) => 0.42 - 0.5 * wave(t) + 0.08 * wave(2 * t),
  );

/** sin² πt for t from 0 to 1. */
export const hannWindow = (windowLength: number, ...args: Args<WindowOptions>): Tensor =>
  sampled(
    "hannWindow",
    windowLength,
    readArguments<WindowOptions>("hannWindow", args, PLAIN),
    (t) => 0.5 - 0.5 * wave(t),
  );

/** alpha − beta cos 2πt for t from 0 to 1. */
export function hammingWindow(
  windowLength: number,
  ...args:
    | Args<HammingOptions>
    | [periodic: boolean, alpha: number, options?: HammingOptions]
    | [periodic: boolean, alpha: number, beta: number, options?: HammingOptions]
): Tensor {
  const options = readArguments<HammingOptions>("hammingWindow", args, [
    "periodic",
    "alpha",
    "beta",
    "dtype",
    "requiresGrad",
  ]);
  const { alpha = 0.54, beta = 0.46 } = options;
  return sampled("hammingWindow", windowLength, options, (t) => alpha - beta * wave(t));
}

/** I₀(beta √(1 − (2t − 1)²)) / I₀(beta) for t from 0 to 1. */
export function kaiserWindow(
  windowLength: number,
  ...args: Args<KaiserOptions> | [periodic: boolean, beta: number, options?: KaiserOptions]
): Tensor {
  const options = readArguments<KaiserOptions>("kaiserWindow", args, ["periodic", "beta", "dtype", "requiresGrad"]);
  const { beta = 12 } = options;
  return sampled("kaiserWindow", windowLength, options, (t) => i0(beta * Math.sqrt(1 - (2 * t - 1) ** 2)) / i0(beta));
}

const PLAIN = ["periodic", "dtype", "requiresGrad"] as const;

const wave = (t: number): number => Math.cos(2 * Math.PI * t);

/** The window's values at evenly spaced t from 0 to 1; a single one is 1. */
function sampled(op: string, length: number, options: WindowOptions, at: (t: number) => number): Tensor {
  const dtype = options.dtype === undefined ? "float32" : checkDType(op, options.dtype);
  if (!isFloat(dtype)) throw new DTypeError(op, `expects floating point dtypes, got: ${dtype}`);
  if (length < 0) throw new ArgumentError(op, `requires non-negative window_length, got window_length=${length}`);
  const out = empty([wholeNumber(op, "windowLength", length, 0)], dtype);
  const last = options.periodic === false ? length - 1 : length;
  for (let i = 0; i < length; i++) out.storage.values[i] = length === 1 ? 1 : at(i / last);
  return options.requiresGrad === true ? out.requiresGrad_() : out;
}
