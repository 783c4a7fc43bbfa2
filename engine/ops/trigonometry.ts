import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/pointwise.ts";
import { unary } from "./define.ts";
import { exponential, fromOne, upToOne } from "./hazards.ts";
import { above1, normal, unit } from "./samples.ts";

type Pointwise = (self: Tensor) => Tensor;

const sinOp = unary()({
  name: "sin",
  summary: "Sine of each element.",
  saves: ["x"],
  forward: kernels.sin,
  backward: { x: ({ grad, x }) => grad.mul(x.cos()) },
  accepts: [normal([[2, 3]])],
});

/** sin x */
export const sin: Pointwise = (self) => applyUnary(sinOp, self, undefined);

const cosOp = unary()({
  name: "cos",
  summary: "Cosine of each element.",
  saves: ["x"],
  forward: kernels.cos,
  backward: { x: ({ grad, x }) => grad.mul(x.sin().neg()) },
  accepts: [normal([[2, 3]])],
});

/** cos x */
export const cos: Pointwise = (self) => applyUnary(cosOp, self, undefined);

const tanOp = unary()({
  name: "tan",
  summary: "Tangent of each element.",
  saves: ["out"],
  forward: kernels.tan,
  backward: { x: ({ grad, out }) => grad.mul(out.square().add(1)) },
  accepts: [unit([[2, 3]])],
});

/** tan x */
export const tan: Pointwise = (self) => applyUnary(tanOp, self, undefined);

const asinOp = unary()({
  name: "asin",
  summary: "Angle with a given sine.",
  saves: ["x"],
  hazards: upToOne,
  forward: kernels.asin,
  backward: { x: ({ grad, x }) => grad.mul(x.square().neg().add(1).rsqrt()) },
  accepts: [unit([[2, 3]])],
});

/** arcsin x */
export const asin: Pointwise = (self) => applyUnary(asinOp, self, undefined);

const acosOp = unary()({
  name: "acos",
  summary: "Angle with a given cosine.",
  saves: ["x"],
  hazards: upToOne,
  forward: kernels.acos,
  backward: { x: ({ grad, x }) => grad.mul(x.square().neg().add(1).rsqrt().neg()) },
  accepts: [unit([[2, 3]])],
});

/** arccos x */
export const acos: Pointwise = (self) => applyUnary(acosOp, self, undefined);

const atanOp = unary()({
  name: "atan",
  summary: "Angle with a given tangent.",
  saves: ["x"],
  forward: kernels.atan,
  backward: { x: ({ grad, x }) => grad.div(x.square().add(1)) },
  accepts: [normal([[2, 3]])],
});

/** arctan x */
export const atan: Pointwise = (self) => applyUnary(atanOp, self, undefined);

const sinhOp = unary()({
  name: "sinh",
  summary: "Hyperbolic sine of each element.",
  saves: ["x"],
  hazards: exponential,
  forward: kernels.sinh,
  backward: { x: ({ grad, x }) => grad.mul(x.cosh()) },
  accepts: [normal([[2, 3]])],
});

/** sinh x */
export const sinh: Pointwise = (self) => applyUnary(sinhOp, self, undefined);

const coshOp = unary()({
  name: "cosh",
  summary: "Hyperbolic cosine of each element.",
  saves: ["x"],
  hazards: exponential,
  forward: kernels.cosh,
  backward: { x: ({ grad, x }) => grad.mul(x.sinh()) },
  accepts: [normal([[2, 3]])],
});

/** cosh x */
export const cosh: Pointwise = (self) => applyUnary(coshOp, self, undefined);

const asinhOp = unary()({
  name: "asinh",
  summary: "Inverse of sinh.",
  saves: ["x"],
  forward: kernels.asinh,
  backward: { x: ({ grad, x }) => grad.mul(x.square().add(1).rsqrt()) },
  accepts: [normal([[2, 3]])],
});

/** arsinh x */
export const asinh: Pointwise = (self) => applyUnary(asinhOp, self, undefined);

const acoshOp = unary()({
  name: "acosh",
  summary: "Inverse of cosh.",
  saves: ["x"],
  hazards: fromOne,
  forward: kernels.acosh,
  backward: { x: ({ grad, x }) => grad.mul(x.square().sub(1).rsqrt()) },
  accepts: [above1([[2, 3]])],
});

/** arcosh x */
export const acosh: Pointwise = (self) => applyUnary(acoshOp, self, undefined);

const atanhOp = unary()({
  name: "atanh",
  summary: "Inverse of tanh.",
  saves: ["x"],
  hazards: upToOne,
  forward: kernels.atanh,
  backward: { x: ({ grad, x }) => grad.div(x.square().neg().add(1)) },
  accepts: [unit([[2, 3]])],
});

/** artanh x */
export const atanh: Pointwise = (self) => applyUnary(atanhOp, self, undefined);

const deg2radOp = unary()({
  name: "deg2rad",
  summary: "Degrees to radians.",
  forward: kernels.degToRad,
  backward: { x: ({ grad }) => grad.mul(Math.PI / 180) },
  accepts: [normal([[2, 3]])],
});

/** x · π/180 */
export const deg2rad: Pointwise = (self) => applyUnary(deg2radOp, self, undefined);

const rad2degOp = unary()({
  name: "rad2deg",
  summary: "Radians to degrees.",
  forward: kernels.radToDeg,
  backward: { x: ({ grad }) => grad.mul(180 / Math.PI) },
  accepts: [normal([[2, 3]])],
});

/** x · 180/π */
export const rad2deg: Pointwise = (self) => applyUnary(rad2degOp, self, undefined);

const sincOp = unary()({
  name: "sinc",
  summary: "sin(πx)/(πx), 1 at 0.",
  saves: ["x"],
  forward: kernels.sinc,
  backward: { x: ({ grad, x }) => grad.mul(slopeOfSinc(x)) },
  accepts: [normal([[2, 3]])],
});

/** (cos(πx) πx − sin(πx)) / (πx²), and 0 at 0. */
function slopeOfSinc(x: Tensor): Tensor {
  const turned = x.mul(Math.PI);
  const squared = x.square().mul(Math.PI);
  return turned.mul(turned.cos()).sub(turned.sin()).div(squared).maskedFill(squared.eq(0), 0);
}

/** sin(πx)/(πx), 1 at 0. */
export const sinc: Pointwise = (self) => applyUnary(sincOp, self, undefined);
