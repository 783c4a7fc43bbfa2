import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError } from "../base/errors.ts";
import { elementwise } from "../kernels/elementwise.ts";
import * as special from "../kernels/special.ts";
import { unary } from "./define.ts";
import { logOdds, upToOne } from "./hazards.ts";
import { polygamma } from "./polygamma.ts";
import { above1, normal, positive, unit } from "./samples.ts";

type Pointwise = (self: Tensor) => Tensor;

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

const erfOp = unary()({
  name: "erf",
  summary: "Error function of each element.",
  saves: ["x"],
  forward: elementwise(special.erf),
  backward: { x: ({ grad, x }) => grad.mul(gauss(x).mul(TWO_OVER_SQRT_PI)) },
  accepts: [normal([[2, 3]])],
});

/** 2/√π ∫₀ˣ e^(−t²) dt */
export const erf: Pointwise = (self) => applyUnary(erfOp, self, undefined);

const erfcOp = unary()({
  name: "erfc",
  summary: "Complementary error function of each element.",
  saves: ["x"],
  forward: elementwise(special.erfc),
  backward: { x: ({ grad, x }) => grad.mul(gauss(x).mul(-TWO_OVER_SQRT_PI)) },
  accepts: [normal([[2, 3]])],
});

/** 1 − erf(x), exact for large x. */
export const erfc: Pointwise = (self) => applyUnary(erfcOp, self, undefined);

const gauss = (x: Tensor): Tensor => x.square().neg().exp();

const erfinvOp = unary()({
  name: "erfinv",
  summary: "Inverse error function of each element.",
  saves: ["out"],
  hazards: upToOne,
  forward: elementwise(special.erfinv),
  backward: { x: ({ grad, out }) => grad.mul(out.square().exp().div(TWO_OVER_SQRT_PI)) },
  accepts: [unit([[2, 3]])],
});

/** The x with erf(x) = self. */
export const erfinv: Pointwise = (self) => applyUnary(erfinvOp, self, undefined);

const lgammaOp = unary()({
  name: "lgamma",
  summary: "Logarithm of the absolute value of the gamma function.",
  saves: ["x"],
  forward: elementwise(special.lgamma),
  backward: { x: ({ grad, x }) => grad.mul(x.digamma()) },
  accepts: [positive([[2, 3]])],
});

/** ln |Γ(x)| */
export const lgamma: Pointwise = (self) => applyUnary(lgammaOp, self, undefined);

const digammaOp = unary()({
  name: "digamma",
  summary: "Derivative of lgamma.",
  saves: ["x"],
  forward: elementwise(special.digamma),
  backward: { x: ({ grad, x }) => grad.mul(polygamma(1, x)) },
  accepts: [positive([[2, 3]])],
});

/** ψ(x) = Γ′(x)/Γ(x) */
export const digamma: Pointwise = (self) => applyUnary(digammaOp, self, undefined);

const mvlgammaOp = unary<{ readonly p: number }>()({
  name: "mvlgamma",
  summary: "Logarithm of the gamma function of several dimensions.",
  saves: ["x"],
  forward: elementwise<{ readonly p: number }>(
    (x, { p }) => overDimensions(p, (half) => special.lgamma(x - half)) + constantOf(p),
  ),
  backward: { x: ({ grad, x, attrs }) => grad.mul(sumOfDigammas(x, attrs.p)) },
  accepts: [above1([[2, 3]], 2)],
  rejects: [above1([[2, 3]], 0)],
});

/** Σ f(i/2) for i from 0 to p − 1. */
function overDimensions(p: number, f: (half: number) => number): number {
  let sum = 0;
  for (let i = 0; i < p; i++) sum += f(i / 2);
  return sum;
}

/** ln Γ_p(x) = p (p − 1)/4 ln π + Σ ln Γ(x − i/2), DLMF 35.3.4. */
const constantOf = (p: number): number => (p * (p - 1) * Math.log(Math.PI)) / 4;

function sumOfDigammas(x: Tensor, p: number): Tensor {
  let sum = digamma(x);
  for (let i = 1; i < p; i++) sum = sum.add(digamma(x.sub(i / 2)));
  return sum;
}

/** ln of the gamma function of `p` dimensions, for elements that exceed (p − 1)/2. */
export const mvlgamma: (self: Tensor, p: number) => Tensor = (self, p) => {
  if (!Number.isInteger(p) || p < 1)
    throw new ArgumentError("mvlgamma", `p has to be greater than or equal to 1, but got ${p}`);
  return applyUnary(mvlgammaOp, self, { p });
};

/** Options of `logit`. */
export interface LogitOptions {
  /** Pulls x into [eps, 1 − eps] first; without it, x outside of [0, 1] gives NaN. */
  readonly eps?: number | null;
}

const logitOp = unary<{ readonly eps: number | null }>()({
  name: "logit",
  summary: "Inverse of sigmoid: ln(x / (1 − x)).",
  saves: ["x"],
  hazards: logOdds,
  forward: elementwise<{ readonly eps: number | null }>((x, { eps }) => {
    const p = eps === null ? x : Math.min(Math.max(x, eps), 1 - eps);
    return Math.log(p / (1 - p));
  }),
  backward: {
    x: ({ grad, x, attrs }) => grad.div(x.mul(x.neg().add(1))).maskedFill(outside(x, attrs.eps), outer(attrs.eps)),
  },
});

const outside = (x: Tensor, eps: number | null): Tensor => x.lt(eps ?? 0).logicalOr(x.gt(1 - (eps ?? 0)));
const outer = (eps: number | null): number => (eps === null ? Number.NaN : 0);

/** ln(x / (1 − x)) */
export const logit: (self: Tensor, ...args: [eps?: number | null] | [options?: LogitOptions]) => Tensor = (
  self,
  ...args
) => applyUnary(logitOp, self, { eps: readArguments<LogitOptions>("logit", args, ["eps"]).eps ?? null });
