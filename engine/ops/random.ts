import { densely, empty, emptyInOrderOf, type Tensor } from "../autograd/tensor.ts";
import { byPosition, isOptions } from "../base/arguments.ts";
import { checkDType, type DType, isFloat, type TypedArray } from "../base/dtype.ts";
import { ArgumentError, checkOptions, DTypeError } from "../base/errors.ts";
import { defaultGenerator, Generator } from "../base/random.ts";
import type { Shape } from "../base/shape.ts";
import * as kernels from "../kernels/random.ts";
import { type CreateOptions, readCreateArgs } from "./creation.ts";

export {
  Generator,
  getRngState,
  initialSeed,
  manualSeed,
  type RngState,
  seed,
  setRngState,
} from "../base/random.ts";

/** Options of everything that makes a tensor of random numbers. */
export interface RandomOptions extends CreateOptions {
  /** Where the numbers come from; the generator that `manualSeed` seeds when left out. */
  readonly generator?: Generator | undefined;
}

/** Sizes as an array or as numbers, and options at the end. */
export type RandomArgs = [shape: Shape, options?: RandomOptions] | (number | RandomOptions)[];

/** Numbers in [0, 1), all equally likely. After `manualSeed` the same numbers as PyTorch's on a CPU. */
export function rand(...args: RandomArgs): Tensor {
  const { shape, dtype, generator, finish } = readArgs("rand", args);
  const out = floating("rand", shape, dtype);
  kernels.uniform(out.storage.values, 0, 1, dtype === "float32", generator);
  return finish(out);
}

/**
 * Normal numbers with mean 0 and standard deviation 1. After `manualSeed` the same numbers as PyTorch's on a CPU; float32
 * ones up to the last two bits.
 */
export function randn(...args: RandomArgs): Tensor {
  const { shape, dtype, generator, finish } = readArgs("randn", args);
  const out = floating("randn", shape, dtype);
  kernels.normal(out.storage.values, 0, 1, dtype === "float32", generator);
  return finish(out);
}

/** Integers from `low` (default 0) up to but not including `high`. After `manualSeed` the same as PyTorch's on a CPU. */
export function randint(
  ...args:
    | [high: number, shape: Shape, options?: RandomOptions]
    | [low: number, high: number, shape: Shape, options?: RandomOptions]
    | [...bounds: [high: number] | [low: number, high: number], options: RandomOptions & { readonly size: Shape }]
): Tensor {
  const bounds = args.findIndex((arg) => typeof arg !== "number");
  const names = [...new Array<string>(Math.max(bounds, 0)).fill(""), "size"];
  const list = byPosition("randint", args, names) as readonly (number | Shape | RandomOptions | undefined)[];
  const at = list.findIndex((arg) => Array.isArray(arg));
  if (at !== 1 && at !== 2) {
    throw new ArgumentError("randint", "expected randint(high, [sizes…]) or randint(low, high, [sizes…])");
  }
  const low = at === 2 ? (list[0] as number) : 0;
  const high = list[at - 1] as number;
  const options = (list[at + 1] ?? {}) as RandomOptions;
  const { shape, dtype, generator, finish } = readArgs("randint", [list[at] as Shape, { dtype: "int64", ...options }]);
  return finish(integers("randint", empty(shape, dtype), low, high, generator));
}

/** The integers below `n` in random order. After `manualSeed` the same order as PyTorch's on a CPU. */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  const { shape, dtype, generator, finish } = readArgs("randperm", [n, { dtype: "int64", ...options }]);
  const out = empty(shape, dtype);
  kernels.permutation(out.storage.values, generator);
  return finish(out);
}

interface NamedNormal extends RandomOptions {
  readonly mean: Tensor | number;
  readonly std?: Tensor | number;
  readonly size?: Shape;
}

/**
 * Normal numbers with the given mean and standard deviation: each a number or a tensor that says it element by element.
 * `shape` is needed when both are numbers.
 */
export function normal(
  ...args:
    | [mean: Tensor | number, std?: Tensor | number, options?: RandomOptions]
    | [mean: Tensor | number, std: Tensor | number, shape: Shape, options?: RandomOptions]
    | [options: NamedNormal]
): Tensor {
  if (isOptions(args[0])) {
    const { mean, std = 1, size, ...options } = args[0] as NamedNormal;
    return size === undefined ? normal(mean, std, options) : normal(mean, std, size, options);
  }
  const [mean, std = 1, first, second] = args as [Tensor | number, (Tensor | number)?, unknown?, unknown?];
  const shape = Array.isArray(first) ? (first as Shape) : null;
  const options = ((shape === null ? first : second) ?? {}) as RandomOptions;
  checkOptions("normal", options, OPTIONS);
  const asked = options.dtype === undefined ? "float32" : checkDType("normal", options.dtype);
  const generator = options.generator ?? defaultGenerator;
  if (typeof mean === "number" && typeof std === "number") {
    if (shape === null) throw new ArgumentError("normal", "a shape is needed when mean and std are both numbers");
    const out = floating("normal", shape, asked);
    kernels.normal(out.storage.values, mean, checkStd("normal", std), asked === "float32", generator);
    return options.requiresGrad === true ? out.requiresGrad_() : out;
  }
  return normalAround(mean, std, generator);
}

function normalAround(mean: Tensor | number, std: Tensor | number, generator: Generator): Tensor {
  const like =
    typeof mean === "number" ? (std as Tensor) : typeof std === "number" ? mean : mean.detach().add(std.detach());
  const out = floating("normal", like.shape, like.dtype);
  const spread = typeof std === "number" ? checkStd("normal", std) : 1;
  kernels.normal(out.storage.values, 0, spread, like.dtype === "float32", generator);
  const scaled = typeof std === "number" ? out : out.mul(std.detach());
  return scaled.add(typeof mean === "number" ? mean : mean.detach());
}

/** Numbers in [0, 1) in the shape and dtype of another tensor. */
export function randLike(self: Tensor, options: RandomOptions = {}): Tensor {
  return drawnLike("randLike", self, options, (values, single, generator) =>
    kernels.uniform(values, 0, 1, single, generator),
  );
}

/** Normal numbers in the shape and dtype of another tensor. */
export function randnLike(self: Tensor, options: RandomOptions = {}): Tensor {
  return drawnLike("randnLike", self, options, (values, single, generator) =>
    self.dense ? kernels.normal(values, 0, 1, single, generator) : kernels.normalEach(values, 0, 1, generator),
  );
}

/** Numbers are drawn in the order in which the elements of the other tensor lie in memory. */
function drawnLike(
  op: string,
  self: Tensor,
  options: RandomOptions,
  draw: (values: TypedArray, single: boolean, generator: Generator) => void,
): Tensor {
  const { shape, dtype, generator, finish } = readArgs(op, [self.shape, { dtype: self.dtype, ...options }]);
  const out = self.dense ? floating(op, shape, dtype) : emptyInOrderOf(self, floating(op, [], dtype).dtype);
  draw(out.storage.values, dtype === "float32", generator);
  return finish(densely(out));
}

/** Integers from `low` (default 0) up to but not including `high` in the shape and dtype of another tensor. */
export function randintLike(
  self: Tensor,
  ...args: [high: number, options?: RandomOptions] | [low: number, high: number, options?: RandomOptions]
): Tensor {
  const numbers = args.filter((arg) => typeof arg === "number");
  const options = args.find((arg) => typeof arg === "object") as RandomOptions | undefined;
  const [low, high] = numbers.length === 2 ? numbers : [0, numbers[0]];
  return randint(low, high, self.shape, { dtype: self.dtype, ...options });
}

const OPTIONS = ["dtype", "requiresGrad", "generator"];

interface Read {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly generator: Generator;
  readonly finish: (x: Tensor) => Tensor;
}

function readArgs(op: string, args: RandomArgs): Read {
  const isOptions = (arg: unknown): arg is RandomOptions =>
    typeof arg === "object" && arg !== null && !Array.isArray(arg);
  const options: RandomOptions = (args as readonly unknown[]).find(isOptions) ?? {};
  checkOptions(op, options, OPTIONS);
  const { generator = defaultGenerator, ...rest } = options;
  if (!(generator instanceof Generator)) throw new ArgumentError(op, "the option 'generator' takes a Generator");
  const sizes = (args as readonly unknown[]).filter((arg) => !isOptions(arg) && arg !== undefined);
  const { shape, dtype } = readCreateArgs(op, [...sizes, rest] as (number | CreateOptions)[]);
  return { shape, dtype, generator, finish: (x) => (rest.requiresGrad === true ? x.requiresGrad_() : x) };
}

function floating(op: string, shape: Shape, dtype: DType): Tensor {
  if (!isFloat(dtype)) {
    throw new DTypeError(op, `gives floating point numbers, but dtype is ${dtype}. Use randint for integers.`);
  }
  return empty(shape, dtype);
}

function integers(op: string, out: Tensor, low: number, high: number, generator: Generator): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high)) {
    throw new ArgumentError(op, `bounds are integers, but got from=${low} and to=${high}`);
  }
  if (low >= high)
    throw new ArgumentError(op, `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`);
  if (out.dtype === "bool" && (low < 0 || high > 2)) {
    throw new ArgumentError(op, `to - 1 is out of bounds for bool: from=${low}, to=${high}`);
  }
  kernels.integers(out.storage.values, low, high - low, generator);
  return out;
}

function checkStd(op: string, std: number): number {
  if (!(std >= 0)) throw new ArgumentError(op, `expects std >= 0.0, but found std ${std}`);
  return std;
}
