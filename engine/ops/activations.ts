import { apply, applyBinary, applyUnary } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { elementCount, showShape, wrapDim } from "../base/shape.ts";
import * as kernels from "../kernels/activations.ts";
import * as pointwise from "../kernels/pointwise.ts";
import { binary, general, unary } from "./define.ts";
import { cat } from "./joining.ts";
import { notImplementedFor } from "./notImplemented.ts";
import type { BinaryOp } from "./op.ts";
import { checkTensor } from "./promotion.ts";
import { normal } from "./samples.ts";
import { where } from "./where.ts";

type Pointwise = (self: Tensor) => Tensor;

// Rectifiers: straight lines, so their gradient's gradient with respect to x is zero. As in PyTorch it is there: a graph made of
// nothing else can be differentiated twice.

const thresholdBackwardOp: BinaryOp<{ readonly threshold: number }> = binary<{ readonly threshold: number }>()({
  name: "thresholdBackward",
  summary: "Gradient of relu and threshold: passes above the threshold.",
  saves: ["b"],
  forward: kernels.thresholdBackward,
  backward: {
    a: ({ grad, b, attrs }) => applyBinary(thresholdBackwardOp, grad, b, attrs),
    b: ({ grad }) => grad.zerosLike(),
  },
});

const ZERO = { threshold: 0 };

const reluOp = unary()({
  name: "relu",
  summary: "Each element, or 0 where it is negative.",
  dtype: "same",
  saves: ["out"],
  forward: pointwise.relu,
  backward: { x: ({ grad, out }) => applyBinary(thresholdBackwardOp, grad, out, ZERO) },
  accepts: [normal([[2, 3]]), normal([[]]), normal([[0, 2]])],
});

/** max(x, 0), with gradient 0 at 0. */
export const relu: Pointwise = (self) => applyUnary(reluOp, self, undefined);

const thresholdOp = unary<kernels.Threshold>()({
  name: "threshold",
  summary: "Each element above a threshold, else a value.",
  dtype: "same",
  saves: ["x"],
  forward: kernels.threshold,
  backward: { x: ({ grad, x, attrs }) => applyBinary(thresholdBackwardOp, grad, x, attrs) },
  accepts: [normal([[2, 3]], 0.05, -1.5)],
});

/** x where it is above `threshold`, else `value`. */
export const threshold: (self: Tensor, threshold: number, value: number) => Tensor = (self, limit, value) =>
  applyUnary(thresholdOp, self, { threshold: limit, value });

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope for negative x. Default 0.01. */
  readonly negativeSlope?: number;
}

interface Slope {
  readonly slope: number;
}

const leakyReluBackwardOp: BinaryOp<Slope> = binary<Slope>()({
  name: "leakyReluBackward",
  summary: "Gradient of leakyRelu.",
  saves: ["b"],
  forward: kernels.leakyReluBackward,
  backward: {
    a: ({ grad, b, attrs }) => applyBinary(leakyReluBackwardOp, grad, b, attrs),
    b: ({ grad }) => grad.zerosLike(),
  },
});

const leakyReluOp = unary<Slope>()({
  name: "leakyRelu",
  summary: "Each element, or a small multiple of it where it is negative.",
  saves: ["x"],
  forward: kernels.leakyRelu,
  backward: { x: ({ grad, x, attrs }) => applyBinary(leakyReluBackwardOp, grad, x, attrs) },
  accepts: [normal([[2, 3]]), normal([[2, 3]], 0.2)],
});

/** x, or negativeSlope · x where it is negative. */
export const leakyRelu: (self: Tensor, ...args: [negativeSlope?: number] | [options?: LeakyReluOptions]) => Tensor = (
  self,
  ...args
) => {
  const { negativeSlope = 0.01 } = readArguments<LeakyReluOptions>("leakyRelu", args, ["negativeSlope"]);
  return applyUnary(leakyReluOp, self, { slope: negativeSlope });
};

const preluOp = binary()({
  name: "prelu",
  summary: "leakyRelu with a learned slope for each channel.",
  saves: { a: ["a", "b"], b: ["a"] },
  forward: kernels.prelu,
  backward: {
    a: ({ grad, a, b }) => where(a.gt(0), grad, grad.mul(b)),
    b: ({ grad, a }) => where(a.gt(0), 0, grad.mul(a)),
  },
  accepts: [normal([[2, 3, 2], [3]]), normal([[2, 3], [1]])],
  rejects: [normal([[2, 3], [2]])],
});

/** x, or weight · x where it is negative; `weight` has one element, or one per channel (dimension 1). */
export const prelu: (self: Tensor, weight: Tensor) => Tensor = (self, weight) => {
  checkTensor("prelu", "weight", weight);
  if (isFloat(weight.dtype) && isFloat(self.dtype) && weight.dtype !== self.dtype) {
    throw new DTypeError(
      "prelu",
      `Type promoting not supported. Got ${self.dtype} and ${weight.dtype}: convert with .to()`,
    );
  }
  if (weight.ndim > 1) {
    throw new ShapeError(
      "prelu",
      `Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.ndim}, shape ${showShape(weight.shape)}`,
    );
  }
  if (weight.elements === 1) return applyBinary(preluOp, self, weight.reshape([]), undefined);
  const channels = self.ndim > 1 ? self.shape[1] : 1;
  if (weight.elements !== channels) {
    throw new ShapeError(
      "prelu",
      `Mismatch of parameter numbers and input channel size. Found weight ${showShape(weight.shape)} and channel size ${channels} of input ${showShape(self.shape)}`,
    );
  }
  const shape = self.shape.map((_, d) => (d === 1 ? channels : 1));
  return applyBinary(preluOp, self, weight.reshape(shape), undefined);
};

const hardtanhBackwardOp: BinaryOp<kernels.Bounds> = binary<kernels.Bounds>()({
  name: "hardtanhBackward",
  summary: "Gradient of hardtanh: passes between the bounds, both excluded.",
  saves: ["b"],
  forward: kernels.hardtanhBackward,
  backward: {
    a: ({ grad, b, attrs }) => applyBinary(hardtanhBackwardOp, grad, b, attrs),
    b: ({ grad }) => grad.zerosLike(),
  },
});

const cutOff = (name: string, summary: string, accepts: Parameters<typeof normal>[]) =>
  unary<kernels.Bounds>()({
    name,
    node: "HardtanhBackward0",
    summary,
    dtype: "same",
    saves: ["x"],
    forward: kernels.clamp,
    backward: { x: ({ grad, x, attrs }) => applyBinary(hardtanhBackwardOp, grad, x, attrs) },
    accepts: accepts.map((sample) => normal(...sample)),
  });

const hardtanhOp = cutOff("hardtanh", "Each element, cut off at −1 and 1 or other bounds.", [
  [[[2, 3]]],
  [[[2, 3]], -0.55, 1.55],
]);
const relu6Op = cutOff("relu6", "Each element, cut off at 0 and 6.", [[[[2, 3]]]]);

/** Options of `hardtanh`. */
export interface HardtanhOptions {
  /** Default −1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

/** x, cut off at `minVal` and `maxVal`. */
export const hardtanh: (
  self: Tensor,
  ...args: [minVal?: number, maxVal?: number] | [options?: HardtanhOptions]
) => Tensor = (self, ...args) => {
  const { minVal = -1, maxVal = 1 } = readArguments<HardtanhOptions>("hardtanh", args, ["minVal", "maxVal"]);
  if (minVal > maxVal) throw new ArgumentError("hardtanh", `minVal ${minVal} must not be above maxVal ${maxVal}`);
  return applyUnary(hardtanhOp, self, { min: minVal, max: maxVal });
};

const SIX = { min: 0, max: 6 };

/** x, cut off at 0 and 6. */
export const relu6: Pointwise = (self) => applyUnary(relu6Op, self, SIX);

// Curves for negative x.

const eluBackwardOp: BinaryOp<kernels.Elu> = binary<kernels.Elu>()({
  name: "eluBackward",
  summary: "Gradient of elu, celu and selu.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: kernels.eluBackward,
  backward: {
    a: ({ grad, b, attrs }) => applyBinary(eluBackwardOp, grad, b, attrs),
    b: ({ grad, a, b, attrs: { alpha, scale, inputScale } }) => {
      // Held at 0 for positive x, where e^x could overflow for nothing.
      const curve = b
        .clampMax(0)
        .mul(inputScale)
        .exp()
        .mul(inputScale * inputScale * alpha * scale);
      return grad.mul(a).mul(curve).maskedFill(b.ge(0), 0);
    },
  },
});

const exponentialLinear = (name: string, summary: string, ...accepts: Parameters<typeof normal>[]) =>
  unary<kernels.Elu>()({
    name,
    node: "EluBackward0",
    summary,
    saves: ["x"],
    forward: kernels.elu,
    backward: { x: ({ grad, x, attrs }) => applyBinary(eluBackwardOp, grad, x, attrs) },
    accepts: accepts.map((sample) => normal(...sample)),
  });

const eluOp = exponentialLinear(
  "elu",
  "Each element, or alpha (eˣ − 1) where it is negative.",
  [[[2, 3]]],
  [[[2, 3]], 0.6],
);
const celuOp = exponentialLinear(
  "celu",
  "Each element, or alpha (e^(x/alpha) − 1) where it is negative.",
  [[[2, 3]]],
  [[[2, 3]], 1.7],
);
const seluOp = exponentialLinear("selu", "elu scaled so that layers keep mean 0 and variance 1.", [[[2, 3]]]);

/** Options of `elu` and `celu`. */
export interface EluOptions {
  /** Where the curve ends for x → −∞, but for the sign. Default 1. */
  readonly alpha?: number;
}

type Elu = (self: Tensor, ...args: [alpha?: number] | [options?: EluOptions]) => Tensor;

/** x, or alpha (eˣ − 1) where it is negative. */
export const elu: Elu = (self, ...args) => {
  const { alpha = 1 } = readArguments<EluOptions>("elu", args, ["alpha"]);
  return applyUnary(eluOp, self, { alpha, scale: 1, inputScale: 1 });
};

/** x, or alpha (e^(x/alpha) − 1) where it is negative: smooth for every alpha. */
export const celu: Elu = (self, ...args) => {
  const { alpha = 1 } = readArguments<EluOptions>("celu", args, ["alpha"]);
  if (alpha === 0) throw new ArgumentError("celu", "ZeroDivisionError: alpha cannot be 0 for CELU");
  return applyUnary(celuOp, self, { alpha, scale: 1, inputScale: 1 / alpha });
};

/** Klambauer and others, "Self-Normalizing Neural Networks" (2017). */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805, inputScale: 1 };

/** elu with the alpha and the scale that keep mean 0 and variance 1 from layer to layer. */
export const selu: Pointwise = (self) => applyUnary(seluOp, self, SELU);

// Smooth ones.

const siluBackwardOp: BinaryOp<void> = binary()({
  name: "siluBackward",
  summary: "Gradient of silu.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: kernels.siluBackward,
  backward: {
    a: ({ grad, b }) => applyBinary(siluBackwardOp, grad, b, undefined),
    // silu″ = σ (1 − σ) (2 + x (1 − 2σ))
    b: ({ grad, a, b }) => {
      const sigma = b.sigmoid();
      const bend = sigma.mul(-2).add(1).mul(b).add(2);
      return grad.mul(a).mul(sigma).mul(sigma.neg().add(1)).mul(bend);
    },
  },
});

const siluOp = unary()({
  name: "silu",
  summary: "x σ(x), also called swish.",
  saves: ["x"],
  forward: kernels.silu,
  backward: { x: ({ grad, x }) => applyBinary(siluBackwardOp, grad, x, undefined) },
  accepts: [normal([[2, 3]])],
});

/** x σ(x) */
export const silu: Pointwise = (self) => applyUnary(siluOp, self, undefined);

/** Options of `gelu`. */
export interface GeluOptions {
  /** "tanh" replaces the normal distribution by a tanh. Default "none". */
  readonly approximate?: "none" | "tanh";
}

const geluBackwardOp: BinaryOp<void> = binary()({
  name: "geluBackward",
  summary: "Gradient of gelu.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: kernels.geluBackward,
  backward: {
    a: ({ grad, b }) => applyBinary(geluBackwardOp, grad, b, undefined),
    // gelu″ = φ(x) (2 − x²)
    b: ({ grad, a, b }) => {
      const squared = b.square();
      const density = squared
        .mul(-0.5)
        .exp()
        .div(Math.sqrt(2 * Math.PI));
      return grad.mul(a).mul(density.mul(squared.neg().add(2)));
    },
  },
});

const geluOp = unary()({
  name: "gelu",
  summary: "x times the normal distribution of x.",
  saves: ["x"],
  forward: kernels.gelu,
  backward: { x: ({ grad, x }) => applyBinary(geluBackwardOp, grad, x, undefined) },
  accepts: [normal([[2, 3]])],
});

const geluTanhBackwardOp: BinaryOp<void> = binary()({
  name: "geluTanhBackward",
  summary: "Gradient of gelu in its tanh form.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: kernels.geluTanhBackward,
  backward: {
    a: ({ grad, b }) => applyBinary(geluTanhBackwardOp, grad, b, undefined),
    b: ({ grad, a, b }) => grad.mul(a).mul(bendOfGeluTanh(b)),
  },
});

/** With t = tanh(u), u = √(2/π)(x + c x³): gelu″ = (1 − t²)(u′ − x t u′² + x u″/2). */
function bendOfGeluTanh(x: Tensor): Tensor {
  const factor = Math.sqrt(2 / Math.PI);
  const squared = x.square();
  const t = squared.mul(kernels.CUBIC).add(1).mul(x).mul(factor).tanh();
  const slope = squared
    .mul(3 * kernels.CUBIC)
    .add(1)
    .mul(factor);
  const rest = slope.sub(x.mul(t).mul(slope.square())).add(squared.mul(3 * kernels.CUBIC * factor));
  return t.square().neg().add(1).mul(rest);
}

const geluTanhOp = unary()({
  name: "gelu",
  overload: "tanh",
  summary: "x times an approximation of the normal distribution of x.",
  saves: ["x"],
  forward: kernels.geluTanh,
  backward: { x: ({ grad, x }) => applyBinary(geluTanhBackwardOp, grad, x, undefined) },
  accepts: [normal([[2, 3]], { approximate: "tanh" })],
  rejects: [normal([[2, 3]], { approximate: "sigmoid" })],
});

/** x Φ(x), Φ being the normal distribution. */
export const gelu: (self: Tensor, ...args: [approximate?: "none" | "tanh"] | [options?: GeluOptions]) => Tensor = (
  self,
  ...args
) => {
  const { approximate = "none" } = readArguments<GeluOptions>("gelu", args, ["approximate"]);
  if (approximate !== "none" && approximate !== "tanh") {
    throw new ArgumentError("gelu", `approximate argument must be either none or tanh, but got '${approximate}'`);
  }
  return applyUnary(approximate === "tanh" ? geluTanhOp : geluOp, self, undefined);
};

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** Sharpness of the bend. Default 1. */
  readonly beta?: number;
  /** Where beta · x is larger, the function is x. Default 20. */
  readonly threshold?: number;
}

const softplusBackwardOp: BinaryOp<kernels.Softplus> = binary<kernels.Softplus>()({
  name: "softplusBackward",
  summary: "Gradient of softplus.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: kernels.softplusBackward,
  backward: {
    a: ({ grad, b, attrs }) => applyBinary(softplusBackwardOp, grad, b, attrs),
    b: ({ grad, a, b, attrs: { beta, threshold } }) => {
      const scaled = b.mul(beta);
      const sigma = scaled.sigmoid();
      return grad
        .mul(a)
        .mul(sigma.mul(sigma.neg().add(1)).mul(beta))
        .maskedFill(scaled.ge(threshold), 0);
    },
  },
});

const softplusOp = unary<kernels.Softplus>()({
  name: "softplus",
  summary: "Smooth relu: ln(1 + eˣ).",
  saves: ["x"],
  forward: kernels.softplus,
  backward: { x: ({ grad, x, attrs }) => applyBinary(softplusBackwardOp, grad, x, attrs) },
  accepts: [normal([[2, 3]]), normal([[2, 3]], 2, 3)],
});

/** ln(1 + e^(beta x)) / beta */
export const softplus: (
  self: Tensor,
  ...args: [beta?: number, threshold?: number] | [options?: SoftplusOptions]
) => Tensor = (self, ...args) => {
  const { beta = 1, threshold = 20 } = readArguments<SoftplusOptions>("softplus", args, ["beta", "threshold"]);
  return applyUnary(softplusOp, self, { beta, threshold });
};

const logsigmoidOp = unary()({
  name: "logsigmoid",
  node: "LogSigmoidBackward0",
  summary: "Logarithm of the logistic function, without overflow.",
  symbol: "ln σ",
  saves: ["x"],
  forward: kernels.logsigmoid,
  backward: { x: ({ grad, x }) => grad.mul(x.neg().sigmoid()) },
  accepts: [normal([[2, 3]])],
});

/** ln σ(x) */
export const logsigmoid: Pointwise = (self) => applyUnary(logsigmoidOp, self, undefined);

const mishOp = unary()({
  name: "mish",
  summary: "x tanh(ln(1 + eˣ))",
  saves: ["x"],
  forward: kernels.mish,
  backward: {
    // With t = tanh(softplus(x)): mish′ = t + x (1 − t²) σ(x).
    x: ({ grad, x }) => {
      const t = softplus(x).tanh();
      return grad.mul(t.add(t.square().neg().add(1).mul(x).mul(x.sigmoid())));
    },
  },
  accepts: [normal([[2, 3]])],
});

/** x tanh(softplus(x)) */
export const mish: Pointwise = (self) => applyUnary(mishOp, self, undefined);

const softsignOp = unary()({
  name: "softsign",
  summary: "x / (1 + |x|)",
  saves: ["x"],
  forward: kernels.softsign,
  backward: { x: ({ grad, x }) => grad.div(x.abs().add(1).square()) },
  accepts: [normal([[2, 3]])],
});

/** x / (1 + |x|) */
export const softsign: Pointwise = (self) => applyUnary(softsignOp, self, undefined);

const tanhshrinkOp = unary()({
  name: "tanhshrink",
  summary: "x − tanh(x)",
  saves: ["x"],
  forward: kernels.tanhshrink,
  backward: { x: ({ grad, x }) => grad.mul(x.tanh().square()) },
  accepts: [normal([[2, 3]])],
});

/** x − tanh(x) */
export const tanhshrink: Pointwise = (self) => applyUnary(tanhshrinkOp, self, undefined);

const hardsigmoidOp = unary()({
  name: "hardsigmoid",
  summary: "Straight line from 0 at −3 to 1 at 3, flat outside.",
  saves: ["x"],
  forward: kernels.hardsigmoid,
  backward: {
    x: ({ grad, x }) => applyBinary(hardtanhBackwardOp, grad.mul(kernels.ONE_SIXTH), x, { min: -3, max: 3 }),
  },
  accepts: [normal([[2, 3]])],
});

/** (x + 3)/6, cut off at 0 and 1. */
export const hardsigmoid: Pointwise = (self) => applyUnary(hardsigmoidOp, self, undefined);

const hardswishOp = unary()({
  name: "hardswish",
  summary: "x times hardsigmoid of x.",
  saves: ["x"],
  forward: kernels.hardswish,
  backward: {
    // hardtanh keeps the slope as it is and its own derivative from the kinks.
    x: ({ grad, x }) => where(x.le(3), grad.mul(hardtanh(x, -3, 3).div(3).add(0.5)), grad).maskedFill(x.lt(-3), 0),
  },
  accepts: [normal([[2, 3]])],
});

/** x · hardsigmoid(x) */
export const hardswish: Pointwise = (self) => applyUnary(hardswishOp, self, undefined);

/** Options of `hardshrink` and `softshrink`. */
export interface ShrinkOptions {
  /** Half the width of the gap. Default 0.5. */
  readonly lambd?: number;
}

type Shrink = (self: Tensor, ...args: [lambd?: number] | [options?: ShrinkOptions]) => Tensor;
interface Gap {
  readonly lambd: number;
}

const shrinking = (name: string, summary: string, forward: typeof kernels.hardshrink) =>
  unary<Gap>()({
    name,
    summary,
    saves: ["x"],
    forward,
    backward: {
      x: ({ grad, x, attrs: { lambd } }) => grad.maskedFill(x.ge(-lambd).logicalAnd(x.le(lambd)), 0),
    },
    accepts: [normal([[2, 3]]), normal([[2, 3]], 0.05)],
  });

const hardshrinkOp = shrinking("hardshrink", "Each element, or 0 where it is small.", kernels.hardshrink);
const softshrinkOp = shrinking("softshrink", "Each element moved toward 0, and no further.", kernels.softshrink);

const gap = (op: string, args: readonly unknown[]): Gap => {
  const { lambd = 0.5 } = readArguments<ShrinkOptions>(op, args, ["lambd"]);
  return { lambd };
};

/** x, or 0 where |x| ≤ lambd. */
export const hardshrink: Shrink = (self, ...args) => applyUnary(hardshrinkOp, self, gap("hardshrink", args));

/** x moved by lambd toward 0, and 0 where |x| ≤ lambd. */
export const softshrink: Shrink = (self, ...args) => {
  const attrs = gap("softshrink", args);
  if (attrs.lambd < 0)
    throw new ArgumentError("softshrink", `lambda must be greater or equal to 0, but found to be ${attrs.lambd}`);
  return applyUnary(softshrinkOp, self, attrs);
};

const gluOp = general<{ readonly dim: number }>()({
  name: "glu",
  summary: "Half of the channels, each let through by σ of its partner in the other half.",
  inputs: ["x"],
  saves: ["x"],
  forward: ([x], { dim }) => {
    const dense = densely(x as Tensor);
    const { shape } = dense;
    const [outer, inner] = [elementCount(shape.slice(0, dim)), elementCount(shape.slice(dim + 1))];
    const out = empty(shape.with(dim, shape[dim] / 2), dense.dtype);
    const block = { values: dense.storage.values, offset: dense.offset, outer, n: shape[dim], inner };
    kernels.glu(block, out.storage.values);
    return out;
  },
  backward: {
    x: ({ grad, x, attrs: { dim } }) => {
      const half = x.shape[dim] / 2;
      const gate = x.narrow(dim, half, half).sigmoid();
      const toGate = grad
        .mul(x.narrow(dim, 0, half))
        .mul(gate)
        .mul(gate.neg().add(1));
      return cat([grad.mul(gate), toGate], { dim });
    },
  },
  accepts: [normal([[2, 4]]), normal([[4, 3]], 0)],
  rejects: [normal([[2, 3]])],
});

/** Options of `glu`. */
export interface GluOptions {
  /** The dimension to halve. Default the last. */
  readonly dim?: number;
}

/** a σ(b), a and b being the halves of a dimension. */
export const glu: (self: Tensor, ...args: [dim?: number] | [options?: GluOptions]) => Tensor = (self, ...args) => {
  const { dim = -1 } = readArguments<GluOptions>("glu", args, ["dim"]);
  if (!isFloat(self.dtype)) {
    throw notImplementedFor("glu", self.dtype);
  }
  if (self.ndim === 0) throw new ShapeError("glu", "does not support 0-dimensional tensors");
  const at = wrapDim("glu", dim, self.ndim);
  if (self.shape[at] % 2 !== 0) {
    throw new ShapeError("glu", `Halving dimension must be even, but dimension ${at} is size ${self.shape[at]}`);
  }
  return apply(gluOp, [self], { dim: at });
};
