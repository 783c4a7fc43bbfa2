import { apply } from "../autograd/dispatch.ts";
import { inPlace } from "../autograd/inplace.ts";
import { densely, empty, emptyInOrderOf, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat, type TypedArray } from "../base/dtype.ts";
import { ArgumentError, checkOptions, DTypeError, ShapeError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { defaultGenerator, type Generator } from "../base/random.ts";
import { expandsTo, showShape } from "../base/shape.ts";
import * as kernels from "../kernels/random.ts";
import { general } from "./define.ts";
import type { GeneralOp } from "./op.ts";

/** Options of ops that draw random numbers. */
export interface DrawOptions {
  /** Where the numbers come from; the generator that `manualSeed` seeds when left out. */
  readonly generator?: Generator | undefined;
}

/** How to fill a fresh buffer of as many elements as the tensor has, in the order in which they lie in memory. */
type Draw = (values: TypedArray) => void;

/** An op whose result does not depend on the values of its input: the gradient is zero. */
function drawing(name: string, node: string, summary: string): GeneralOp<Draw> {
  return general<Draw>()({
    name,
    node,
    summary,
    inputs: ["x"],
    forward: ([x], draw) => {
      const out = emptyInOrderOf(x as Tensor);
      draw(out.storage.values);
      return out;
    },
    backward: { x: ({ grad }) => grad.zerosLike() },
  });
}

const overwrite = (op: GeneralOp<Draw>, self: Tensor, draw: Draw): Tensor =>
  inPlace(op.name, self, () => apply(op, [self], draw));

const single = (x: Tensor): boolean => x.dtype === "float32";

interface UniformOptions extends DrawOptions {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

type UniformArgs = PositionalArgs<[from: number | undefined, to: number | undefined], UniformOptions>;

interface NormalOptions extends DrawOptions {
  readonly mean?: number | undefined;
  readonly std?: number | undefined;
}

type NormalArgs = PositionalArgs<[mean: number | undefined, std: number | undefined], NormalOptions>;

const uniformOp = drawing(
  "uniform_",
  "UniformBackward0",
  "Overwrites with numbers that are equally likely in a range.",
);

/** Overwrites the elements with numbers in [from, to), all equally likely. The same numbers as PyTorch's on a CPU. */
export const uniform_: (self: Tensor, ...args: UniformArgs) => Tensor = (self, ...args) => {
  const read = readArguments<UniformOptions>("uniform_", args, ["from", "to", "generator"]);
  const { from = 0, to = 1, generator: random = defaultGenerator } = read;
  checkFloat("uniform_", self);
  if (!(from <= to)) {
    throw new ArgumentError("uniform_", `expects to return a [from, to) range, but found from=${from} > to=${to}`);
  }
  return overwrite(uniformOp, self, (values) => kernels.uniform(values, from, to, single(self), random));
};

const normalOp = drawing("normal_", "NormalBackward0", "Overwrites with normal numbers.");

/** Overwrites the elements with normal numbers. */
export const normal_: (self: Tensor, ...args: NormalArgs) => Tensor = (self, ...args) => {
  const read = readArguments<NormalOptions>("normal_", args, ["mean", "std", "generator"]);
  const { mean = 0, std = 1, generator: random = defaultGenerator } = read;
  checkFloat("normal_", self);
  if (!(std >= 0)) throw new ArgumentError("normal_", `expects std >= 0.0, but found std ${std}`);
  return overwrite(normalOp, self, (values) =>
    self.dense
      ? kernels.normal(values, mean, std, single(self), random)
      : kernels.normalEach(values, mean, std, random),
  );
};

const exponentialOp = drawing("exponential_", "ExponentialBackward0", "Overwrites with exponential numbers.");

/** Overwrites the elements with exponential numbers of rate `lambd`. */
export const exponential_: (self: Tensor, lambd?: number, options?: DrawOptions) => Tensor = (
  self,
  lambd = 1,
  options = {},
) => {
  const random = generatorOf("exponential_", options);
  checkFloat("exponential_", self);
  if (!(lambd > 0)) throw new ArgumentError("exponential_", `expects lambda > 0.0, but found lambda=${lambd}`);
  return overwrite(exponentialOp, self, (values) => kernels.exponential(values, lambd, random));
};

const geometricOp = drawing("geometric_", "GeometricBackward0", "Overwrites with numbers of trials until a success.");

/** Overwrites the elements with the number of trials of probability `p` until the first success. */
export const geometric_: (self: Tensor, p: number, options?: DrawOptions) => Tensor = (self, p, options = {}) => {
  const random = generatorOf("geometric_", options);
  if (self.dtype === "bool") throw new DTypeError("geometric_", "not implemented for 'bool': counts need numbers");
  if (!(p > 0 && p < 1)) throw new ArgumentError("geometric_", `expects p to be in (0, 1), but got p=${p}`);
  return overwrite(geometricOp, self, (values) => kernels.geometric(values, p, random));
};

const cauchyOp = drawing("cauchy_", "CauchyBackward0", "Overwrites with Cauchy numbers.");

/** Overwrites the elements with Cauchy numbers. */
export const cauchy_: (self: Tensor, median?: number, sigma?: number, options?: DrawOptions) => Tensor = (
  self,
  median = 0,
  sigma = 1,
  options = {},
) => {
  const random = generatorOf("cauchy_", options);
  checkFloat("cauchy_", self);
  if (!(sigma > 0)) throw new ArgumentError("cauchy_", `expects sigma > 0.0, but found sigma=${sigma}`);
  return overwrite(cauchyOp, self, (values) => kernels.cauchy(values, median, sigma, random));
};

const logNormalOp = drawing("logNormal_", "LogNormalBackward0", "Overwrites with numbers whose logarithm is normal.");

/** Overwrites the elements with numbers whose logarithm is normal. */
export const logNormal_: (self: Tensor, mean?: number, std?: number, options?: DrawOptions) => Tensor = (
  self,
  mean = 1,
  std = 2,
  options = {},
) => {
  const random = generatorOf("logNormal_", options);
  checkFloat("logNormal_", self);
  if (!(std > 0)) throw new ArgumentError("logNormal_", `expects std > 0.0, but found std=${std}`);
  return overwrite(logNormalOp, self, (values) => kernels.logNormal(values, mean, std, random));
};

const randomOp = drawing("random_", "RandomBackward0", "Overwrites with random integers.");

/** Overwrites the elements with integers: `random_()` any the dtype holds, `random_(to)`, `random_(from, to)`. */
export const random_: (
  self: Tensor,
  ...args:
    | [options?: DrawOptions]
    | [to: number, options?: DrawOptions]
    | [from: number, to: number, options?: DrawOptions]
) => Tensor = (self, ...args) => {
  const numbers = (args as readonly unknown[]).filter((arg) => typeof arg === "number");
  const random = generatorOf("random_", args.find((arg) => typeof arg === "object") as DrawOptions | undefined);
  if (numbers.length === 0) return overwrite(randomOp, self, (values) => fillWhole(values, self, random));
  const [from, to] = numbers.length === 2 ? numbers : [0, numbers[0]];
  if (from >= to)
    throw new ArgumentError("random_", `expects 'from' to be less than 'to', but got from=${from} >= to=${to}`);
  return overwrite(randomOp, self, (values) => kernels.integers(values, from, to - from, random));
};

/** How many integers a dtype holds without gaps from 0 on. */
function fillWhole(values: TypedArray, x: Tensor, random: Generator): void {
  const ranges = { bool: 2, int32: 2 ** 31, int64: 2 ** 53, float32: 2 ** 24 + 1, float64: 2 ** 53 };
  const range = ranges[x.dtype];
  const wide = x.dtype === "int64" || x.dtype === "float64";
  for (let i = 0; i < values.length; i++) values[i] = wide ? random.uniformDouble() * range : random.random() % range;
}

const bernoulliOp = general<{ readonly p: number | null; readonly generator: Generator }>()({
  name: "bernoulli",
  summary: "1 with the probability that each element gives, else 0.",
  inputs: ["x"],
  forward: ([x], { p, generator }) => {
    const source = densely(x as Tensor);
    const out = empty(source.shape, source.dtype);
    const { values } = source.storage;
    if (p !== null) kernels.bernoulli(out.storage.values, p, generator);
    else kernels.bernoulliEach(values, source.offset, out.storage.values, source.dtype === "float64", generator);
    return out;
  },
  backward: { x: ({ grad }) => grad.zerosLike() },
});

/** 1 with the probability each element gives (or with probability `p` everywhere), else 0. Its gradient is zero. */
export const bernoulli: (self: Tensor, p?: number | DrawOptions, options?: DrawOptions) => Tensor = (
  self,
  p,
  options,
) => {
  const chance = typeof p === "number" ? checkProbability("bernoulli", p) : null;
  const generator = generatorOf("bernoulli", typeof p === "object" ? p : options);
  if (chance === null) checkProbabilities("bernoulli", self);
  return apply(bernoulliOp, [self], { p: chance, generator });
};

const bernoulliInPlaceOp = drawing(
  "bernoulli_",
  "BernoulliBackward0",
  "Overwrites with 1 at the given probability, else 0.",
);

/**
 * Overwrites the elements with 1 with probability `p` (a number, or a tensor that broadcasts), else 0. The same numbers
 * as PyTorch's where that draws them itself; on Intel machines it may leave a number `p` to MKL.
 */
export const bernoulli_: (self: Tensor, p?: number | Tensor, options?: DrawOptions) => Tensor = (
  self,
  p = 0.5,
  options = {},
) => {
  const random = generatorOf("bernoulli_", options);
  if (typeof p === "number") {
    checkProbability("bernoulli_", p);
    return overwrite(bernoulliInPlaceOp, self, (values) => kernels.bernoulli(values, p, random));
  }
  checkProbabilities("bernoulli_", p);
  if (!expandsTo(p.shape, self.shape)) {
    throw new ShapeError(
      "bernoulli_",
      `probabilities of shape ${showShape(p.shape)} can't be broadcast to ${showShape(self.shape)}`,
    );
  }
  const chances = densely(p.detach().expand(self.shape));
  return overwrite(bernoulliInPlaceOp, self, (values) =>
    kernels.bernoulliEach(chances.storage.values, chances.offset, values, p.dtype === "float64", random),
  );
};

const multinomialOp = general<{
  readonly samples: number;
  readonly replacement: boolean;
  readonly generator: Generator;
}>()({
  name: "multinomial",
  summary: "Categories drawn with the weights that each row gives.",
  inputs: ["x"],
  forward: ([x], { samples, replacement, generator }) => {
    const weights = densely(x as Tensor);
    const n = weights.shape[weights.ndim - 1];
    const rows = weights.elements / n;
    const out = empty([...weights.shape.slice(0, -1), samples], "int64");
    const { values } = weights.storage;
    const drawn = out.storage.values;
    if (!replacement || samples === 1) {
      kernels.distinctCategories(values, weights.offset, rows, n, drawn, samples, generator);
      return out;
    }
    for (let row = 0; row < rows; row++) {
      kernels.categories(values, weights.offset + row * n, n, drawn, row * samples, samples, generator);
    }
    return out;
  },
  backward: null,
});

/** Options of `multinomial`. */
export interface MultinomialOptions extends DrawOptions {
  /** Whether a category may come twice. Default false. */
  readonly replacement?: boolean | undefined;
}

/** Indices of `numSamples` categories per row, drawn with the weights in the row; they need not sum to 1. */
export const multinomial: (
  self: Tensor,
  numSamples: number,
  replacement?: boolean | MultinomialOptions,
  options?: MultinomialOptions,
) => Tensor = (self, numSamples, replacement, options) => {
  const given = (typeof replacement === "object" ? replacement : options) ?? {};
  checkOptions("multinomial", given, ["replacement", "generator"]);
  const again = typeof replacement === "boolean" ? replacement : (given.replacement ?? false);
  checkWeights(self, numSamples, again);
  return apply(multinomialOp, [self], {
    samples: numSamples,
    replacement: again,
    generator: given.generator ?? defaultGenerator,
  });
};

function checkWeights(x: Tensor, samples: number, replacement: boolean): void {
  checkFloat("multinomial", x);
  if (x.ndim !== 1 && x.ndim !== 2)
    throw new ArgumentError("multinomial", `prob_dist must be 1 or 2 dim, but got ${x.ndim}`);
  if (!(samples > 0)) throw new ArgumentError("multinomial", `cannot sample n_sample <= 0 samples, but got ${samples}`);
  const n = x.shape[x.ndim - 1];
  if (!replacement && samples > n) {
    throw new ArgumentError(
      "multinomial",
      `cannot sample n_sample > prob_dist.size(-1) samples without replacement (${samples} of ${n})`,
    );
  }
  if (n === 0) {
    throw new ArgumentError(
      "multinomial",
      `invalid multinomial distribution (sum of probabilities <= 0): no categories in shape ${showShape(x.shape)}`,
    );
  }
  const weights = x.toArray();
  for (let row = 0; row < weights.length; row += n) {
    let total = 0;
    for (let i = row; i < row + n; i++) {
      const weight = weights[i];
      if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
        throw new ArgumentError(
          "multinomial",
          `probability tensor contains either \`inf\`, \`nan\` or element < 0: ${weight}`,
        );
      }
      total += weight;
    }
    if (total === 0)
      throw new ArgumentError("multinomial", "invalid multinomial distribution (sum of probabilities <= 0)");
  }
}

function generatorOf(op: string, options: DrawOptions | undefined): Generator {
  checkOptions(op, options, ["generator"]);
  return options?.generator ?? defaultGenerator;
}

function checkFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(op, `needs a tensor of floating point numbers, but this one is ${x.dtype}`);
}

function checkProbability(op: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(op, `expects p to be in [0, 1], but got p=${p}`);
  return p;
}

function checkProbabilities(op: string, x: Tensor): void {
  for (const p of x.toArray()) checkProbability(op, p);
}
