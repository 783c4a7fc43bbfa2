import { applyBinary, applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { DTypeError } from "../base/errors.ts";
import * as activations from "../kernels/activations.ts";
import * as kernels from "../kernels/pointwise.ts";
import { binary, unary } from "./define.ts";
import { exponential, inverse, inverseSquareRoot, logarithm, squareRoot } from "./hazards.ts";
import type { BinaryOp } from "./op.ts";
import { positive as aboveZero, normal } from "./samples.ts";
import { squareBackward } from "./squareBackward.ts";

type Pointwise = (self: Tensor) => Tensor;

const negOp = unary()({
  name: "neg",
  summary: "Negative of each element.",
  symbol: "−x",
  dtype: "same",
  forward: kernels.neg,
  backward: { x: ({ grad }) => grad.neg() },
  accepts: [normal([[2, 3]]), normal([[]]), normal([[0, 2]])],
});

/** −x */
export const neg: Pointwise = (self) => {
  if (self.dtype === "bool")
    throw new DTypeError("neg", "negation of a bool tensor is not supported. Use logicalNot().");
  return applyUnary(negOp, self, undefined);
};

/** The tensor itself, as `+x`. */
export const positive: Pointwise = (self) => self;

const absOp = unary()({
  name: "abs",
  summary: "Absolute value of each element.",
  symbol: "|x|",
  dtype: "same",
  saves: ["x"],
  forward: kernels.abs,
  backward: { x: ({ grad, x }) => grad.mul(x.sgn()) },
  accepts: [normal([[2, 3]])],
});

/** |x| */
export const abs: Pointwise = (self) => applyUnary(absOp, self, undefined);

const expOp = unary()({
  name: "exp",
  summary: "e to the power of each element.",
  symbol: "eˣ",
  saves: ["out"],
  hazards: exponential,
  forward: kernels.exp,
  backward: { x: ({ grad, out }) => grad.mul(out) },
  accepts: [normal([[2, 3]]), normal([[]])],
});

/** eˣ */
export const exp: Pointwise = (self) => applyUnary(expOp, self, undefined);

const exp2Op = unary()({
  name: "exp2",
  summary: "2 to the power of each element.",
  symbol: "2ˣ",
  saves: ["out"],
  hazards: exponential,
  forward: kernels.exp2,
  backward: { x: ({ grad, out }) => grad.mul(out).mul(Math.LN2) },
  accepts: [normal([[2, 3]])],
});

/** 2ˣ */
export const exp2: Pointwise = (self) => applyUnary(exp2Op, self, undefined);

const expm1Op = unary()({
  name: "expm1",
  summary: "eˣ − 1, exact near 0.",
  saves: ["out"],
  hazards: exponential,
  forward: kernels.expm1,
  backward: { x: ({ grad, out }) => grad.mul(out.add(1)) },
  accepts: [normal([[2, 3]])],
});

/** eˣ − 1 without cancellation near 0. */
export const expm1: Pointwise = (self) => applyUnary(expm1Op, self, undefined);

const logOp = unary()({
  name: "log",
  summary: "Natural logarithm of each element.",
  symbol: "ln",
  saves: ["x"],
  hazards: logarithm(),
  forward: kernels.log,
  backward: { x: ({ grad, x }) => grad.div(x) },
  accepts: [aboveZero([[2, 3]])],
});

/** ln x */
export const log: Pointwise = (self) => applyUnary(logOp, self, undefined);

const log2Op = unary()({
  name: "log2",
  summary: "Logarithm to base 2 of each element.",
  saves: ["x"],
  hazards: logarithm(),
  forward: kernels.log2,
  backward: { x: ({ grad, x }) => grad.div(x.mul(Math.LN2)) },
  accepts: [aboveZero([[2, 3]])],
});

/** log₂ x */
export const log2: Pointwise = (self) => applyUnary(log2Op, self, undefined);

const log10Op = unary()({
  name: "log10",
  summary: "Logarithm to base 10 of each element.",
  saves: ["x"],
  hazards: logarithm(),
  forward: kernels.log10,
  backward: { x: ({ grad, x }) => grad.div(x.mul(Math.LN10)) },
  accepts: [aboveZero([[2, 3]])],
});

/** log₁₀ x */
export const log10: Pointwise = (self) => applyUnary(log10Op, self, undefined);

const log1pOp = unary()({
  name: "log1p",
  node: "Log1PBackward0",
  summary: "ln(1 + x), exact near 0.",
  saves: ["x"],
  hazards: logarithm(-1),
  forward: kernels.log1p,
  backward: { x: ({ grad, x }) => grad.div(x.add(1)) },
  accepts: [aboveZero([[2, 3]])],
});

/** ln(1 + x) without cancellation near 0. */
export const log1p: Pointwise = (self) => applyUnary(log1pOp, self, undefined);

const sqrtOp = unary()({
  name: "sqrt",
  summary: "Square root of each element.",
  symbol: "√",
  saves: ["out"],
  hazards: squareRoot,
  forward: kernels.sqrt,
  backward: { x: ({ grad, out }) => grad.div(out.mul(2)) },
  accepts: [aboveZero([[2, 3]])],
});

/** √x */
export const sqrt: Pointwise = (self) => applyUnary(sqrtOp, self, undefined);

const rsqrtOp = unary()({
  name: "rsqrt",
  summary: "One over the square root of each element.",
  saves: ["out"],
  hazards: inverseSquareRoot,
  forward: kernels.rsqrt,
  backward: { x: ({ grad, out }) => grad.mul(out.pow(3)).mul(-0.5) },
  accepts: [aboveZero([[2, 3]])],
});

/** 1/√x */
export const rsqrt: Pointwise = (self) => applyUnary(rsqrtOp, self, undefined);

const squareOp = unary()({
  name: "square",
  node: "PowBackward0",
  summary: "Square of each element.",
  symbol: "x²",
  dtype: "same",
  saves: ["x"],
  forward: kernels.square,
  backward: { x: ({ grad, x }) => squareBackward(grad, x) },
  accepts: [normal([[2, 3]])],
});

/** x² */
export const square: Pointwise = (self) =>
  applyUnary(squareOp, self.dtype === "bool" ? self.to("int64") : self, undefined);

const reciprocalOp = unary()({
  name: "reciprocal",
  summary: "One over each element.",
  symbol: "1/x",
  saves: ["out"],
  hazards: inverse,
  forward: kernels.reciprocal,
  backward: { x: ({ grad, out }) => grad.neg().mul(out.mul(out)) },
  accepts: [aboveZero([[2, 3]])],
});

/** 1/x */
export const reciprocal: Pointwise = (self) => applyUnary(reciprocalOp, self, undefined);

const sigmoidBackwardOp: BinaryOp<void> = binary()({
  name: "sigmoidBackward",
  summary: "Gradient of sigmoid, from its result.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: activations.sigmoidBackward,
  backward: {
    a: ({ grad, b }) => applyBinary(sigmoidBackwardOp, grad, b, undefined),
    b: ({ grad, a, b }) => grad.mul(a).mul(b.mul(-2).add(1)),
  },
});

const sigmoidOp = unary()({
  name: "sigmoid",
  summary: "Logistic function: 1 / (1 + e⁻ˣ).",
  symbol: "σ",
  saves: ["out"],
  forward: kernels.sigmoid,
  backward: { x: ({ grad, out }) => applyBinary(sigmoidBackwardOp, grad, out, undefined) },
  accepts: [normal([[2, 3]])],
});

/** 1 / (1 + e⁻ˣ) */
export const sigmoid: Pointwise = (self) => applyUnary(sigmoidOp, self, undefined);

const tanhBackwardOp: BinaryOp<void> = binary()({
  name: "tanhBackward",
  summary: "Gradient of tanh, from its result.",
  saves: { a: ["b"], b: ["a", "b"] },
  forward: activations.tanhBackward,
  backward: {
    a: ({ grad, b }) => applyBinary(tanhBackwardOp, grad, b, undefined),
    b: ({ grad, a, b }) => grad.mul(a).mul(b).mul(-2),
  },
});

const tanhOp = unary()({
  name: "tanh",
  summary: "Hyperbolic tangent of each element.",
  saves: ["out"],
  forward: kernels.tanh,
  backward: { x: ({ grad, out }) => applyBinary(tanhBackwardOp, grad, out, undefined) },
  accepts: [normal([[2, 3]])],
});

/** tanh x */
export const tanh: Pointwise = (self) => applyUnary(tanhOp, self, undefined);
