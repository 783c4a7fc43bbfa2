import { apply, applyAll } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError } from "../base/errors.ts";
import { variance as varianceKernel } from "../kernels/reduce.ts";
import { general } from "./define.ts";
import { spread } from "./hazards.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import {
  countOf,
  type Dims,
  type DimsOptions,
  keepDims,
  type Reduced,
  reduced,
  reduceLast,
  unreduce,
} from "./reduce.ts";
import { normal } from "./samples.ts";

/** Options of `var`, `std` and their pairs with the mean. */
export interface VarianceOptions extends DimsOptions {
  /** Divide by n − correction. Default 1. */
  readonly correction?: number | undefined;
  /** false is correction 0, true is correction 1. */
  readonly unbiased?: boolean | undefined;
}

/** `x.var()`, `x.var(false)`, `x.var(dim, unbiased, keepdim)`, `x.var({ dim, correction, keepdim })`. */
export type VarianceArgs =
  | [options?: VarianceOptions]
  | [unbiased: boolean]
  | [dim: Dims, ...rest: (boolean | VarianceOptions | undefined)[]];

interface VarianceAttributes extends Reduced {
  readonly correction: number;
}

function readVariance(op: string, x: Tensor, args: readonly unknown[]): VarianceAttributes {
  const named = typeof args[0] === "boolean" ? [null, ...args] : args;
  const options = readArguments<VarianceOptions>(op, named, ["dim", "unbiased", "keepdim", "correction"]);
  const { correction, unbiased } = options;
  if (correction !== undefined && unbiased !== undefined) {
    throw new ArgumentError(op, "give either correction or unbiased, not both");
  }
  if (!isFloat(x.dtype)) {
    throw new DTypeError(op, `std and var only support floating point dtypes. Convert it with .to("float32").`);
  }
  const attrs = { ...reduced(op, x, options), correction: correction ?? (unbiased === false ? 0 : 1) };
  if (attrs.correction >= countOf(x.shape, attrs)) {
    warn(
      `${op}(): degrees of freedom is <= 0. Correction should be strictly less than the number of elements that each result is made of.`,
    );
  }
  return attrs;
}

interface Moments {
  readonly variances: Tensor;
  readonly means: Tensor;
}

function moments(x: Tensor, attrs: VarianceAttributes): Moments {
  const { block, shape } = reduceLast(x, attrs);
  const variances = empty(shape, x.dtype);
  const means = empty(shape, x.dtype);
  // A divisor is never negative: too few elements give NaN or Infinity, as 0/0 and x/0 do.
  varianceKernel(block, Math.max(0, block.n - attrs.correction), variances.storage.values, means.storage.values);
  return { variances, means };
}

function root(x: Tensor): Tensor {
  const { values } = x.storage;
  for (let i = 0; i < values.length; i++) values[i] = Math.sqrt(values[i]);
  return x;
}

/** 2 (x − mean) / (n − correction), times the gradient of the variance. */
function gradientOfVariance(grad: Tensor, x: Tensor, attrs: VarianceAttributes): Tensor {
  const n = countOf(x.shape, attrs);
  const centred = x.sub(x.mean({ dim: attrs.dims, keepdim: true }));
  return keepDims(grad, attrs, x.shape)
    .mul(2 / (n - attrs.correction))
    .mul(centred);
}

/** The same for the standard deviation. At 0 it has no derivative; zero is the one to take. */
function gradientOfDeviation(grad: Tensor, x: Tensor, std: Tensor, attrs: VarianceAttributes): Tensor {
  return gradientOfVariance(grad.div(std.mul(2)).maskedFill(std.eq(0), 0), x, attrs);
}

function gradientOfMean(grad: Tensor, x: Tensor, attrs: VarianceAttributes): Tensor {
  const n = attrs.dims.reduce((product, d) => product * x.shape[d], 1);
  return unreduce(grad.div(n), attrs, x.shape);
}

const sumOf = (a: Tensor | null, b: Tensor | null): Tensor | null => (a === null ? b : b === null ? a : a.add(b));

const samples = [
  normal([[2, 3]]),
  normal([[2, 3]], 1),
  normal([[2, 3]], false),
  normal([[2, 3, 2]], { dim: [0, 2], correction: 0, keepdim: true }),
];
const refused = [normal([[2, 3]], { dim: 2 }), normal([[2, 3]], { corection: 0 })];

const varOp = general<VarianceAttributes>()({
  name: "var",
  summary: "Variance of elements, over all or some dimensions.",
  inputs: ["x"],
  saves: ["x"],
  hazards: spread,
  forward: ([x], attrs) => moments(x as Tensor, attrs).variances,
  backward: { x: ({ grad, x, attrs }) => gradientOfVariance(grad, x, attrs) },
  accepts: samples,
  rejects: refused,
});

/** Variance; divides by n − 1 unless told otherwise. */
const variance: (self: Tensor, ...args: VarianceArgs) => Tensor = (self, ...args) =>
  apply(varOp, [self], readVariance("var", self, args));

const stdOp = general<VarianceAttributes>()({
  name: "std",
  summary: "Standard deviation of elements, over all or some dimensions.",
  inputs: ["x"],
  saves: ["x", "out"],
  hazards: spread,
  forward: ([x], attrs) => root(moments(x as Tensor, attrs).variances),
  backward: { x: ({ grad, x, out, attrs }) => gradientOfDeviation(grad, x, out, attrs) },
  accepts: samples,
  rejects: refused,
});

/** Standard deviation; divides by n − 1 unless told otherwise. */
export const std: (self: Tensor, ...args: VarianceArgs) => Tensor = (self, ...args) =>
  apply(stdOp, [self], readVariance("std", self, args));

const varMeanOp = general<VarianceAttributes>()({
  name: "varMean",
  summary: "Variance and mean in one go.",
  inputs: ["x"],
  outputs: ["variance", "mean"],
  saves: ["x"],
  hazards: spread,
  forward: ([x], attrs) => {
    const { variances, means } = moments(x as Tensor, attrs);
    return [variances, means];
  },
  backward: {
    x: ({ grads: [ofVariance, ofMean], x, attrs }) =>
      sumOf(
        ofVariance === null ? null : gradientOfVariance(ofVariance, x, attrs),
        ofMean === null ? null : gradientOfMean(ofMean, x, attrs),
      ),
  },
  accepts: samples,
  rejects: refused,
});

/** Variance and mean. */
export const varMean: (self: Tensor, ...args: VarianceArgs) => NamedResult<readonly ["variance", "mean"]> = (
  self,
  ...args
) => namedResult(["variance", "mean"], applyAll(varMeanOp, [self], readVariance("varMean", self, args)));

const stdMeanOp = general<VarianceAttributes>()({
  name: "stdMean",
  summary: "Standard deviation and mean in one go.",
  inputs: ["x"],
  outputs: ["std", "mean"],
  saves: ["x", "std"],
  hazards: spread,
  forward: ([x], attrs) => {
    const { variances, means } = moments(x as Tensor, attrs);
    return [root(variances), means];
  },
  backward: {
    x: ({ grads: [ofStd, ofMean], x, std, attrs }) =>
      sumOf(
        ofStd === null ? null : gradientOfDeviation(ofStd, x, std, attrs),
        ofMean === null ? null : gradientOfMean(ofMean, x, attrs),
      ),
  },
  accepts: samples,
  rejects: refused,
});

/** Standard deviation and mean. */
export const stdMean: (self: Tensor, ...args: VarianceArgs) => NamedResult<readonly ["std", "mean"]> = (
  self,
  ...args
) => namedResult(["std", "mean"], applyAll(stdMeanOp, [self], readVariance("stdMean", self, args)));

export { variance as var };
