/** Special functions, as `special`: by PyTorch's `torch.special` names, several of which differ from the plain ones. */
import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { xlog1py as xlog1pyKernel } from "../kernels/arithmetic.ts";
import { elementwise } from "../kernels/elementwise.ts";
import * as kernels from "../kernels/special.ts";
import { binary, unary } from "./define.ts";
import { applyPair, type Pair } from "./pair.ts";
import { arranged, normal, positive } from "./samples.ts";
import { erfc, erfinv } from "./specialFunctions.ts";

export { i0, i0e, i1, i1e } from "./bessel.ts";
export * from "./besselKinds.ts";
export { xlogy } from "./binaryMath.ts";
export { zeta } from "./hurwitzZeta.ts";
export { igamma as gammainc, igammac as gammaincc } from "./incompleteGamma.ts";
export * from "./orthogonalPolynomials.ts";
export { exp2, expm1, log1p, sigmoid as expit } from "./pointwise.ts";
export { polygamma } from "./polygamma.ts";
export { logsumexp } from "./reductions.ts";
export { round } from "./rounding.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export {
  digamma,
  digamma as psi,
  erf,
  erfc,
  erfinv,
  lgamma as gammaln,
  logit,
  mvlgamma as multigammaln,
} from "./specialFunctions.ts";
export { sinc } from "./trigonometry.ts";

const entrOp = unary()({
  name: "entr",
  node: "SpecialEntrBackward0",
  summary: "−x ln x, the share of a probability in an entropy.",
  saves: ["x"],
  forward: elementwise((x) => (x === 0 ? 0 : x < 0 ? Number.NEGATIVE_INFINITY : -x * Math.log(x))),
  backward: { x: ({ grad, x }) => grad.mul(x.log().add(1).neg()) },
  accepts: [positive([[2, 3]])],
});

/** −x ln x, 0 at 0; −∞ for negative x. */
export const entr = (self: Tensor): Tensor => applyUnary(entrOp, self, undefined);

const xlog1pyOp = binary()({
  name: "xlog1py",
  node: "SpecialXlog1PyBackward0",
  summary: "a ln(1 + b), and 0 where a is 0.",
  dtype: "float",
  saves: ["a", "b"],
  forward: xlog1pyKernel,
  backward: {
    a: ({ grad, a, b }) => gradientOfFactor(grad, a, b),
    b: ({ grad, a, b }) => grad.mul(a).div(b.add(1)),
  },
  accepts: [positive([[2, 3], [3]])],
});

/** grad · ln(1 + b), and 0 where a is 0 and the logarithm not finite. */
function gradientOfFactor(grad: Tensor, a: Tensor, b: Tensor | number): Tensor {
  const gradient = xlog1py(grad, b);
  if (typeof b === "number") return b <= -1 ? gradient.maskedFill(a.eq(0), 0) : gradient;
  return gradient.maskedFill(a.eq(0).logicalAnd(b.le(-1)), 0);
}

/** self · ln(1 + other), and 0 where self is 0 unless other is NaN. */
export const xlog1py: Pair = (self, other) => applyPair(xlog1pyOp, self, other, undefined);

/** The normal distribution: how much of it lies below x. */
export const ndtr = (self: Tensor): Tensor => erfc(self.mul(-Math.SQRT1_2)).mul(0.5);

/** The inverse of `ndtr`. */
export const ndtri = (self: Tensor): Tensor => erfinv(self.mul(2).sub(1)).mul(Math.SQRT2);

const erfcxOp = unary()({
  name: "erfcx",
  summary: "Scaled complementary error function, e^(x²) erfc(x).",
  saves: ["x", "out"],
  forward: elementwise((x) => (x < 2 ? Math.exp(x * x) * kernels.erfc(x) : scaledTail(x))),
  backward: {
    x: ({ grad, x, out }) =>
      grad.mul(
        out
          .mul(x)
          .sub(1 / Math.sqrt(Math.PI))
          .mul(2),
      ),
  },
  accepts: [normal([[2, 3]]), arranged(normal([[3]]), "beyond 2", ([x]) => [x.abs().add(2.5)])],
});

/** erfc(x) √π e^(x²) = 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))), for x ≥ 2. */
function scaledTail(x: number): number {
  let fraction = x;
  for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
  return 1 / (Math.sqrt(Math.PI) * fraction);
}

/** e^(x²) erfc(x), which stays a number where erfc alone is 0. */
export const erfcx = (self: Tensor): Tensor => applyUnary(erfcxOp, self, undefined);

/** ln of `ndtr`, also far below 0, where `ndtr` itself is 0. */
export const logNdtr = (self: Tensor): Tensor => {
  const x = isFloat(self.dtype) ? self : self.to("float32");
  const isLow = x.lt(-5);
  const near = ndtr(x.maskedFill(isLow, 0)).log();
  return lowerTail(x.maskedFill(isLow.logicalNot(), -5)).where(isLow, near);
};

/** ln Φ(x) for x ≤ −5 by the continued fraction of Mills' ratio: Φ(x) = φ(x) / (t + 1/(t + 2/(t + …))) with t = −x. */
function lowerTail(x: Tensor): Tensor {
  const t = x.neg();
  let fraction = t;
  for (let k = 40; k >= 1; k--) fraction = t.add(fraction.reciprocal().mul(k));
  return t
    .square()
    .mul(-0.5)
    .sub(Math.log(2 * Math.PI) / 2)
    .sub(fraction.log());
}
