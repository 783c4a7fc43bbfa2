import { applyAll } from "../autograd/dispatch.ts";
import { isGradEnabled } from "../autograd/modes.ts";
import { blank, densely, fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { allocate, type TypedArray } from "../base/dtype.ts";
import type { NormLayout } from "../kernels/normalization.ts";
import * as kernels from "../kernels/normalization.ts";
import { general } from "./define.ts";
import { checkFloat } from "./matrixBatches.ts";
import type { GeneralOp } from "./op.ts";
import type { Sample } from "./samples.ts";

/** What is normalized together, and what is added to the variance. */
export interface Standardizing extends NormLayout {
  readonly eps: number;
  /** Told of mean and variance per group, for running statistics. */
  readonly observe: ((mean: Float64Array, variance: Float64Array) => void) | null;
}

interface Description {
  readonly name: string;
  readonly node: string;
  readonly summary: string;
  readonly accepts: readonly Sample[];
  readonly rejects: readonly Sample[];
}

/**
 * An op that subtracts means and divides by standard deviations, then applies weight and bias. Layer, group, instance
 * and batch norm differ in their layout alone.
 */
export function standardizingOp(description: Description): GeneralOp<Standardizing> {
  return general<Standardizing>()({
    ...description,
    symbol: "norm",
    inputs: ["x", "weight", "bias"],
    outputs: ["out", "mean", "rstd"],
    saves: ["x", "weight", "mean", "rstd"],
    forward: ([x, weight, bias], attrs) => standardize(x as Tensor, weight, bias, attrs),
    backward: {
      x: ({ grad, x, weight, mean, rstd, attrs }) =>
        isGradEnabled()
          ? inputGradient(grad, x, weight, attrs)
          : fusedInputGradient(grad, x, weight, mean, rstd, attrs),
      weight: ({ grad, x, weight, mean, rstd, attrs }) =>
        isGradEnabled()
          ? perWeight(grad.mul(standardized(x, attrs).hat.reshape(x.shape)), attrs).reshape(weight.shape)
          : fusedWeightGradient(grad, x, weight, mean, rstd, attrs),
      bias: (context) => {
        const { grad, attrs } = context;
        const { shape } = context.input(2);
        return isGradEnabled() ? perWeight(grad, attrs).reshape(shape) : fusedBiasGradient(grad, shape, attrs);
      },
    },
  });
}

/** The elements of a tensor, or null. */
function valuesOf(x: Tensor | null): TypedArray | null {
  return x === null ? null : x.toArray();
}

function standardize(input: Tensor, weight: Tensor | null, bias: Tensor | null, attrs: Standardizing): Tensor[] {
  const x = densely(input);
  const mean = new Float64Array(attrs.groups);
  const variance = new Float64Array(attrs.groups);
  kernels.moments(x.storage.values, x.offset, attrs, mean, variance);
  attrs.observe?.(mean, variance);
  const rstd = variance.map((value) => 1 / Math.sqrt(value + attrs.eps));
  const out = blank(x.shape, x.dtype);
  kernels.standardize(
    x.storage.values,
    x.offset,
    attrs,
    mean,
    rstd,
    valuesOf(weight),
    valuesOf(bias),
    out.storage.values,
  );
  return [out, statistic(mean, x), statistic(rstd, x)];
}

function statistic(values: Float64Array, like: Tensor): Tensor {
  const buffer = allocate(like.dtype, values.length);
  buffer.set(values);
  return fromBuffer(buffer, [values.length], like.dtype);
}

// While no graph of the gradient is wanted, one pass over the numbers does. The same in differentiable ops follows.

function fusedInputGradient(
  gradient: Tensor,
  input: Tensor,
  weight: Tensor | null,
  mean: Tensor,
  rstd: Tensor,
  attrs: Standardizing,
): Tensor {
  const grad = densely(gradient);
  const x = densely(input);
  const out = blank(x.shape, x.dtype);
  kernels.standardizeInput(
    grad.storage.values,
    grad.offset,
    x.storage.values,
    x.offset,
    attrs,
    mean.storage.values,
    rstd.storage.values,
    valuesOf(weight),
    out.storage.values,
  );
  return out;
}

function fusedWeightGradient(
  gradient: Tensor,
  input: Tensor,
  weight: Tensor,
  mean: Tensor,
  rstd: Tensor,
  attrs: Standardizing,
): Tensor {
  const grad = densely(gradient);
  const x = densely(input);
  const out = new Float64Array(attrs.period);
  kernels.standardizeWeight(
    grad.storage.values,
    grad.offset,
    x.storage.values,
    x.offset,
    attrs,
    mean.storage.values,
    rstd.storage.values,
    out,
  );
  return statistic(out, grad).reshape(weight.shape);
}

function fusedBiasGradient(gradient: Tensor, shape: readonly number[], attrs: Standardizing): Tensor {
  const grad = densely(gradient);
  const out = new Float64Array(attrs.period);
  kernels.standardizeBias(grad.storage.values, grad.offset, grad.elements, attrs, out);
  return statistic(out, grad).reshape(shape);
}

/** x with mean 0 and variance 1 per group, as [segments, groups, length], and 1 / standard deviation. */
function standardized(x: Tensor, { segments, groups, length, eps }: Standardizing): { hat: Tensor; rstd: Tensor } {
  const grouped = x.reshape(segments, groups, length);
  const centered = grouped.sub(groupMean(grouped));
  const rstd = groupMean(centered.mul(centered)).add(eps).rsqrt();
  return { hat: centered.mul(rstd), rstd };
}

const groupMean = (x: Tensor): Tensor => x.mean({ dim: [0, 2], keepdim: true });

/** dx = (g − mean(g) − x̂ mean(g x̂)) / σ with g = grad · weight. */
function inputGradient(grad: Tensor, x: Tensor, weight: Tensor | null, attrs: Standardizing): Tensor {
  const { segments, groups, length, inner, period } = attrs;
  const { hat, rstd } = standardized(x, attrs);
  const weighted =
    weight === null ? grad : grad.reshape(repeats(grad, attrs), period, inner).mul(weight.reshape(period, 1));
  const g = weighted.reshape(segments, groups, length);
  return g
    .sub(groupMean(g))
    .sub(hat.mul(groupMean(g.mul(hat))))
    .mul(rstd)
    .reshape(x.shape);
}

const repeats = (x: Tensor, { inner, period }: Standardizing): number =>
  x.elements === 0 ? 0 : x.elements / (inner * period);

/** The sum over all elements that share a weight. */
function perWeight(x: Tensor, attrs: Standardizing): Tensor {
  return x.reshape(repeats(x, attrs), attrs.period, attrs.inner).sum({ dim: [0, 2] });
}

/** Runs a standardizing op; only its first output is for users. */
export function standardizeWith(
  op: GeneralOp<Standardizing>,
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  attrs: Standardizing,
): Tensor {
  checkFloat(op.name, x);
  return applyAll(op, [x, weight, bias], attrs)[0];
}
