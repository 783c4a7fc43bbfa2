import type { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { DTypeError } from "../base/errors.ts";
import * as kernels from "../kernels/arithmetic.ts";
import * as comparison from "../kernels/comparison.ts";
import { nextAfter } from "../kernels/floats.ts";
import { binary } from "./define.ts";
import { angle, distance, logarithm } from "./hazards.ts";
import { notImplementedFor } from "./notImplemented.ts";
import { applyPair, type Pair } from "./pair.ts";
import { checkTensor, resultType } from "./promotion.ts";
import { misfits, normal, pairs, positive } from "./samples.ts";

const atan2Op = binary()({
  name: "atan2",
  summary: "Angle of the point (other, self).",
  dtype: "float",
  saves: ["a", "b"],
  hazards: angle,
  forward: kernels.atan2,
  backward: {
    a: ({ grad, a, b }) => grad.mul(b).div(hypot(a, b).square()),
    b: ({ grad, a, b }) => grad.neg().mul(a).div(hypot(a, b).square()),
  },
  accepts: pairs,
  rejects: misfits,
});

/** The angle of the point (other, self), from −π to π. */
export const atan2: Pair = (self, other) => applyPair(atan2Op, self, other, undefined);

const hypotOp = binary()({
  name: "hypot",
  summary: "Length of the vector (self, other), without overflow.",
  dtype: "float",
  saves: { a: ["a", "out"], b: ["b", "out"] },
  hazards: distance,
  forward: kernels.hypot,
  backward: { a: ({ grad, a, out }) => grad.mul(a.div(out)), b: ({ grad, b, out }) => grad.mul(b.div(out)) },
  accepts: pairs,
  rejects: misfits,
});

/** √(self² + other²) */
export const hypot: Pair = (self, other) => applyPair(hypotOp, self, other, undefined);

const copysignOp = binary()({
  name: "copysign",
  summary: "Magnitude of self with the sign of other.",
  dtype: "float",
  saves: { a: ["a", "out"] },
  forward: kernels.copysign,
  // The sign of 0 could be either one, so its gradient is 0.
  backward: { a: ({ grad, a, out }) => grad.mul(out.div(a).maskedFill(a.eq(0), 0)), b: ({ grad }) => grad.zerosLike() },
  accepts: pairs,
  rejects: misfits,
});

/** |self| with the sign of other. */
export const copysign: Pair = (self, other) => applyPair(copysignOp, self, other, undefined);

const logaddexpOp = binary()({
  name: "logaddexp",
  summary: "ln(eᵃ + eᵇ) without overflow.",
  dtype: "float",
  saves: ["a", "b"],
  forward: kernels.logaddexp,
  backward: {
    a: ({ grad, a, b }) => grad.div(b.sub(a).exp().add(1)),
    b: ({ grad, a, b }) => grad.div(a.sub(b).exp().add(1)),
  },
  accepts: pairs,
  rejects: misfits,
});

/** ln(e^self + e^other) */
export const logaddexp: (self: Tensor, other: Tensor) => Tensor = (self, other) =>
  applyPair(logaddexpOp, self, other, undefined);

const logaddexp2Op = binary()({
  name: "logaddexp2",
  summary: "log₂(2ᵃ + 2ᵇ) without overflow.",
  dtype: "float",
  saves: ["a", "b"],
  forward: kernels.logaddexp2,
  backward: {
    a: ({ grad, a, b }) => grad.div(b.sub(a).exp2().add(1)),
    b: ({ grad, a, b }) => grad.div(a.sub(b).exp2().add(1)),
  },
  accepts: pairs,
  rejects: misfits,
});

/** log₂(2^self + 2^other) */
export const logaddexp2: (self: Tensor, other: Tensor) => Tensor = (self, other) =>
  applyPair(logaddexp2Op, self, other, undefined);

const xlogyOp = binary()({
  name: "xlogy",
  summary: "a ln b, and 0 where a is 0.",
  dtype: "float",
  saves: ["a", "b"],
  hazards: logarithm(0, 1),
  forward: kernels.xlogy,
  backward: {
    a: ({ grad, a, b }) => gradientOfFactor(grad, a, b),
    b: ({ grad, a, b }) => grad.mul(a).div(b),
  },
  accepts: [
    positive([
      [2, 3],
      [2, 3],
    ]),
    positive([[2, 3], [3]]),
  ],
  rejects: misfits,
});

/** grad · ln b, and 0 where a is 0 and ln b not finite. */
function gradientOfFactor(grad: Tensor, a: Tensor, b: Tensor | number): Tensor {
  const gradient = grad.xlogy(b);
  if (typeof b === "number") return b <= 0 ? gradient.maskedFill(a.eq(0), 0) : gradient;
  return gradient.maskedFill(a.eq(0).logicalAnd(b.le(0)), 0);
}

/** self · ln(other), and 0 where self is 0 unless other is NaN. */
export const xlogy: Pair = (self, other) => applyPair(xlogyOp, self, other, undefined);

const heavisideOp = binary()({
  name: "heaviside",
  summary: "0 below zero, 1 above, the given value at zero.",
  forward: comparison.heaviside,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** 0 where self is negative, 1 where it is positive, `values` where it is 0. */
export const heaviside: (self: Tensor, values: Tensor) => Tensor = (self, values) => {
  checkTensor("heaviside", "values", values);
  if (self.dtype !== values.dtype) {
    throw new DTypeError(
      "heaviside",
      `not implemented for tensors with different dtypes, but got ${self.dtype} and ${values.dtype}: convert with .to()`,
    );
  }
  return applyPair(heavisideOp, self, values, undefined);
};

const nextafterOp = binary()({
  name: "nextafter",
  summary: "Next floating-point number after self in the direction of other.",
  saves: { a: ["a", "b"] },
  forward: nextAfter,
  // A step of a unit in the last place, and none between equals.
  backward: { a: ({ grad, a, b }) => grad.maskedFill(a.eq(b), 0), b: ({ grad }) => grad.zerosLike() },
  accepts: pairs,
  rejects: misfits,
});

/** The next number after self in the direction of other, among those of its dtype. */
export const nextafter: (self: Tensor, other: Tensor) => Tensor = (self, other) => {
  checkTensor("nextafter", "input", self);
  checkTensor("nextafter", "other", other);
  const dtype = resultType(self, other);
  if (!isFloat(dtype)) throw notImplementedFor("nextafter", dtype);
  return applyPair(nextafterOp, self, other, undefined);
};
