import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/pointwise.ts";
import { unary } from "./define.ts";
import { normal } from "./samples.ts";

type Pointwise = (self: Tensor) => Tensor;

const negOp = unary()({
  name: "neg",
  summary: "Negative of each element.",
  symbol: "−x",
  dtype: "same",
  forward: kernels.neg,
  backward: { x: ({ grad }) => grad.neg() },
  accepts: [normal([[2, 3]])],
});

/** −x */
export const neg: Pointwise = (self) => applyUnary(negOp, self, undefined);

const expOp = unary()({
  name: "exp",
  summary: "e to the power of each element.",
  forward: kernels.exp,
  saves: ["out"],
  backward: { x: ({ grad, out }) => grad.mul(out) },
  accepts: [normal([[2, 3]])],
});

/** eˣ */
export const exp: Pointwise = (self) => applyUnary(expOp, self, undefined);

const tanhOp = unary()({
  name: "tanh",
  summary: "Hyperbolic tangent of each element.",
  forward: kernels.tanh,
  saves: ["out"],
  // tanh′ = 1 − tanh²
  backward: { x: ({ grad, out }) => grad.mul(out.mul(out).neg().add(1)) },
  accepts: [normal([[2, 3]])],
});

/** tanh(x) */
export const tanh: Pointwise = (self) => applyUnary(tanhOp, self, undefined);
