import { noGrad } from "../autograd/modes.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { defaultGenerator, type Generator } from "../base/random.ts";
import { randperm } from "../ops/random.ts";
import { checkInitialized } from "./uninitialized.ts";

// Every function fills its tensor in place, outside the graph, and gives it back.

/** Options of everything that draws numbers. */
interface Drawn {
  readonly generator?: Generator | undefined;
}

interface Uniform extends Drawn {
  readonly a: number;
  readonly b: number;
}

interface Normal extends Drawn {
  readonly mean: number;
  readonly std: number;
}

/** Equally likely between `a` and `b`. */
export function uniform_(tensor: Tensor, ...args: PositionalArgs<[a: number, b: number], Uniform>): Tensor {
  checkInitialized("uniform_", tensor);
  const { a = 0, b = 1, ...drawn } = readArguments<Partial<Uniform>>("uniform_", args, ["a", "b", "generator"]);
  return noGrad(() => tensor.uniform_(a, b, drawn));
}

/** Normal. */
export function normal_(tensor: Tensor, ...args: PositionalArgs<[mean: number, std: number], Normal>): Tensor {
  checkInitialized("normal_", tensor);
  const { mean = 0, std = 1, ...drawn } = readArguments<Partial<Normal>>("normal_", args, ["mean", "std", "generator"]);
  return noGrad(() => tensor.normal_(mean, std, drawn));
}

/** One value everywhere. */
export function constant_(tensor: Tensor, value: number): Tensor {
  checkInitialized("constant_", tensor);
  return noGrad(() => tensor.fill_(value));
}

/** Ones everywhere. */
export const ones_ = (tensor: Tensor): Tensor => constant_(tensor, 1);
/** Zeros everywhere. */
export const zeros_ = (tensor: Tensor): Tensor => constant_(tensor, 0);

/** The identity matrix: inputs pass a linear layer as they are. */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw new ArgumentError("eye_", "only tensors with 2 dimensions are supported");
  const [rows, columns] = tensor.shape;
  return fillWith(tensor, (values) => {
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  });
}

/** Kernels that pass their input channel on: the identity for convolutions. */
export function dirac_(tensor: Tensor, groups = 1): Tensor {
  const { shape } = tensor;
  if (shape.length < 3 || shape.length > 5) {
    throw new ArgumentError("dirac_", "only tensors with 3, 4, or 5 dimensions are supported");
  }
  if (shape[0] % groups !== 0) throw new ArgumentError("dirac_", "dim 0 must be divisible by groups");
  const [out, channels, ...kernel] = shape;
  const size = kernel.reduce((product, k) => product * k, 1);
  const middle = kernel.reduce((at, k) => at * k + Math.floor(k / 2), 0);
  const perGroup = out / groups;
  return fillWith(tensor, (values) => {
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < Math.min(perGroup, channels); c++)
        values[((g * perGroup + c) * channels + c) * size + middle] = 1;
    }
  });
}

/** What `calculateGain` knows. */
export type Nonlinearity =
  | "linear"
  | `conv${1 | 2 | 3}d`
  | `conv_transpose${1 | 2 | 3}d`
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

/** By how much a nonlinearity shrinks the spread of its input; initial weights make up for it. */
export function calculateGain(nonlinearity: Nonlinearity | string, param?: number): number {
  if (/^(linear|conv(_transpose)?[123]d|sigmoid)$/.test(nonlinearity)) return 1;
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "leaky_relu" || nonlinearity === "leakyRelu") return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2));
  if (nonlinearity === "selu") return 3 / 4;
  throw new ArgumentError("calculateGain", `Unsupported nonlinearity ${nonlinearity}`);
}

interface GainOptions extends Drawn {
  readonly gain?: number | undefined;
}

/** Uniform with the spread that Glorot and Bengio recommend. */
export function xavierUniform_(tensor: Tensor, ...args: [gain?: number | GainOptions, options?: Drawn]): Tensor {
  const { gain = 1, generator } = readArguments<GainOptions>("xavierUniform_", args, ["gain", "generator"]);
  const { fanIn, fanOut } = fans("xavierUniform_", tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(tensor, -bound, bound, { generator });
}

/** Normal with the spread that Glorot and Bengio recommend. */
export function xavierNormal_(tensor: Tensor, ...args: [gain?: number | GainOptions, options?: Drawn]): Tensor {
  const { gain = 1, generator } = readArguments<GainOptions>("xavierNormal_", args, ["gain", "generator"]);
  const { fanIn, fanOut } = fans("xavierNormal_", tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), { generator });
}

/** Options of the functions after He. */
export interface KaimingOptions extends Drawn {
  /** Slope of the leaky ReLU that follows. Default 0. */
  readonly a?: number | undefined;
  /** Which pass keeps its spread: forward (`fan_in`, default) or backward (`fan_out`). */
  readonly mode?: "fan_in" | "fan_out" | undefined;
  /** What comes after the layer; decides the gain. Default `"leaky_relu"`. */
  readonly nonlinearity?: Nonlinearity | undefined;
}

type KaimingArgs =
  | [options?: KaimingOptions]
  | [a: number, options?: KaimingOptions]
  | [a: number, mode: "fan_in" | "fan_out", options?: KaimingOptions];

/** Uniform with the spread that He et al. recommend before rectifiers. */
export function kaimingUniform_(tensor: Tensor, ...args: KaimingArgs): Tensor {
  const { std, generator } = kaiming("kaimingUniform_", tensor, args);
  const bound = Math.sqrt(3) * std;
  return uniform_(tensor, -bound, bound, { generator });
}

/** Normal with the spread that He et al. recommend before rectifiers. */
export function kaimingNormal_(tensor: Tensor, ...args: KaimingArgs): Tensor {
  const { std, generator } = kaiming("kaimingNormal_", tensor, args);
  return normal_(tensor, 0, std, { generator });
}

function kaiming(op: string, tensor: Tensor, args: KaimingArgs): { std: number; generator: Generator | undefined } {
  const options = readArguments<KaimingOptions>(op, args, ["a", "mode", "nonlinearity", "generator"]);
  const { a = 0, mode = "fan_in", nonlinearity = "leaky_relu", generator } = options;
  if (mode !== "fan_in" && mode !== "fan_out")
    throw new ArgumentError(op, `Mode ${String(mode)} not supported, please use one of 'fan_in', 'fan_out'`);
  const { fanIn, fanOut } = fans(op, tensor);
  return { std: calculateGain(nonlinearity, a) / Math.sqrt(mode === "fan_in" ? fanIn : fanOut), generator };
}

/** How many inputs an output has, and how many outputs an input. */
export function fans(op: string, tensor: Tensor): { fanIn: number; fanOut: number } {
  checkInitialized(op, tensor);
  if (tensor.ndim < 2)
    throw new ArgumentError(op, "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
  const [out, into, ...kernel] = tensor.shape;
  const size = kernel.reduce((product, k) => product * k, 1);
  return { fanIn: into * size, fanOut: out * size };
}

/** Normal, drawn again outside [a, b]; by the inverse of the distribution function, as in PyTorch. */
export function truncNormal_(
  tensor: Tensor,
  ...args: PositionalArgs<[mean: number, std: number, a: number, b: number], Normal & Uniform>
): Tensor {
  checkInitialized("truncNormal_", tensor);
  const names = ["mean", "std", "a", "b", "generator"] as const;
  const read = readArguments<Partial<Normal & Uniform>>("truncNormal_", args, names);
  const { mean = 0, std = 1, a = -2, b = 2, ...options } = read;
  const cdf = (x: number): number => (1 + errorFunction(x / Math.SQRT2)) / 2;
  const low = cdf((a - mean) / std);
  const high = cdf((b - mean) / std);
  return noGrad(() =>
    tensor
      .uniform_(2 * low - 1, 2 * high - 1, options)
      .erfinv_()
      .mul_(std * Math.SQRT2)
      .add_(mean)
      .clamp_(a, b),
  );
}

function errorFunction(x: number): number {
  const one = empty([1], "float64");
  one.storage.values[0] = x;
  return one.erf().item();
}

/** Rows (or columns, whichever are fewer) that are orthogonal and of length `gain`. */
export function orthogonal_(tensor: Tensor, gain = 1, { generator = defaultGenerator }: Drawn = {}): Tensor {
  if (tensor.ndim < 2) throw new ArgumentError("orthogonal_", "Only tensors with 2 or more dimensions are supported");
  if (tensor.elements === 0) return tensor;
  const rows = tensor.shape[0];
  const columns = tensor.elements / rows;
  return noGrad(() => {
    const drawn = empty([rows, columns], tensor.dtype).normal_(0, 1, { generator });
    const [q, r] = (rows < columns ? drawn.transpose(0, 1) : drawn).qr();
    // The signs of R's diagonal make the distribution uniform.
    const signed = q.mul(r.diagonal().sign());
    return tensor.copy_((rows < columns ? signed.transpose(0, 1) : signed).reshape(tensor.shape)).mul_(gain);
  });
}

/** Normal, but a share of each column is zero. */
export function sparse_(
  tensor: Tensor,
  sparsity: number,
  std = 0.01,
  { generator = defaultGenerator }: Drawn = {},
): Tensor {
  if (tensor.ndim !== 2) throw new ArgumentError("sparse_", "Only tensors with 2 dimensions are supported");
  const [rows, columns] = tensor.shape;
  const zeros = Math.ceil(sparsity * rows);
  normal_(tensor, 0, std, { generator });
  const values = tensor.toArray();
  for (let column = 0; column < columns; column++) {
    const order = randperm(rows, { generator }).toArray();
    for (let i = 0; i < zeros; i++) values[order[i] * columns + column] = 0;
  }
  return fillWith(tensor, (out) => out.set(values));
}

function fillWith(
  tensor: Tensor,
  fill: (values: { [at: number]: number; set(from: ArrayLike<number>): void }) => void,
): Tensor {
  if (!isFloat(tensor.dtype))
    throw new ArgumentError("init", `expected a tensor of floating point numbers, but this one is ${tensor.dtype}`);
  const filled = empty(tensor.shape, tensor.dtype);
  fill(filled.storage.values);
  return noGrad(() => tensor.copy_(filled));
}
