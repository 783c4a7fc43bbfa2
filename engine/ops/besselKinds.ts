import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ai } from "../kernels/airy.ts";
import * as modified from "../kernels/bessel.ts";
import * as decaying from "../kernels/besselDecaying.ts";
import * as oscillating from "../kernels/besselOscillating.ts";
import { elementwise } from "../kernels/elementwise.ts";
import { unary } from "./define.ts";
import { normal, positive } from "./samples.ts";

// Solutions of Bessel's and Airy's equations, all without a derivative, as in PyTorch. `i0` and its relatives have theirs.

type Pointwise = (self: Tensor) => Tensor;

/** `everywhere` says that it is a number for negative elements, too. */
function solution(name: string, summary: string, f: (x: number) => number, everywhere = true): Pointwise {
  const op = unary()({
    name,
    summary: `${summary}.`,
    forward: elementwise(f),
    backward: null,
    accepts: [everywhere ? normal([[2, 3]]) : positive([[2, 3]])],
  });
  return (self) => applyUnary(op, self, undefined);
}

/** PyTorch has NaN at both infinities, unlike in `i0` and `i1`. */
function finiteOnly(f: (x: number) => number): (x: number) => number {
  return (x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? Number.NaN : f(x));
}

/** J₀(x) */
export const besselJ0: Pointwise = solution(
  "besselJ0",
  "Bessel function of the first kind, of order 0",
  oscillating.j0,
);
/** J₁(x) */
export const besselJ1: Pointwise = solution(
  "besselJ1",
  "Bessel function of the first kind, of order 1",
  oscillating.j1,
);
/** Y₀(x), NaN for negative x. */
export const besselY0: Pointwise = solution(
  "besselY0",
  "Bessel function of the second kind, of order 0",
  oscillating.y0,
  false,
);
/** Y₁(x), NaN for negative x. */
export const besselY1: Pointwise = solution(
  "besselY1",
  "Bessel function of the second kind, of order 1",
  oscillating.y1,
  false,
);
/** sin(x)/x, as `sinc` has it of πx. */
export const sphericalBesselJ0: Pointwise = solution(
  "sphericalBesselJ0",
  "Spherical Bessel function of the first kind, of order 0",
  oscillating.sphericalJ0,
);
/** I₀(x); `i0` is the same with a derivative. */
export const modifiedBesselI0: Pointwise = solution(
  "modifiedBesselI0",
  "Modified Bessel function of the first kind, of order 0",
  finiteOnly(modified.i0),
);
/** I₁(x); `i1` is the same with a derivative. */
export const modifiedBesselI1: Pointwise = solution(
  "modifiedBesselI1",
  "Modified Bessel function of the first kind, of order 1",
  finiteOnly(modified.i1),
);
/** K₀(x), NaN for negative x. */
export const modifiedBesselK0: Pointwise = solution(
  "modifiedBesselK0",
  "Modified Bessel function of the second kind, of order 0",
  decaying.k0,
  false,
);
/** K₁(x), NaN for negative x. */
export const modifiedBesselK1: Pointwise = solution(
  "modifiedBesselK1",
  "Modified Bessel function of the second kind, of order 1",
  decaying.k1,
  false,
);
/** e^x K₀(x), which stays a number where K₀ alone is 0. */
export const scaledModifiedBesselK0: Pointwise = solution(
  "scaledModifiedBesselK0",
  "Modified Bessel function of the second kind, of order 0, times e^x",
  decaying.k0e,
  false,
);
/** e^x K₁(x), which stays a number where K₁ alone is 0. */
export const scaledModifiedBesselK1: Pointwise = solution(
  "scaledModifiedBesselK1",
  "Modified Bessel function of the second kind, of order 1, times e^x",
  decaying.k1e,
  false,
);
/** Ai(x), the solution of y″ = xy that vanishes at +∞. */
export const airyAi: Pointwise = solution("airyAi", "Airy function", ai);
