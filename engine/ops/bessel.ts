import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/bessel.ts";
import { elementwise } from "../kernels/elementwise.ts";
import { unary } from "./define.ts";
import { normal } from "./samples.ts";

// Modified Bessel functions of the first kind. I₀′ = I₁ and I₁′ = I₀ − I₁/x, which is 1/2 at 0.

const i0Op = unary()({
  name: "i0",
  summary: "Modified Bessel function of the first kind, of order 0.",
  saves: ["x"],
  forward: elementwise(kernels.i0),
  backward: { x: ({ grad, x }) => grad.mul(i1(x)) },
  accepts: [normal([[2, 3]])],
});

/** I₀(x) */
export const i0: (self: Tensor) => Tensor = (self) => applyUnary(i0Op, self, undefined);

const i0eOp = unary()({
  name: "i0e",
  node: "SpecialI0EBackward0",
  summary: "Modified Bessel function of order 0, times e^(−|x|).",
  saves: ["x", "out"],
  forward: elementwise(kernels.i0e),
  backward: { x: ({ grad, x, out }) => grad.mul(i1e(x).sub(x.sgn().mul(out))) },
  accepts: [normal([[2, 3]])],
});

/** e^(−|x|) I₀(x) */
export const i0e: (self: Tensor) => Tensor = (self) => applyUnary(i0eOp, self, undefined);

/** What is divided by x, with its limit at 0. */
const overX = (values: Tensor, x: Tensor, limit: number): Tensor => {
  const isZero = x.eq(0);
  return values.div(x.maskedFill(isZero, 1)).maskedFill(isZero, limit);
};

const i1Op = unary()({
  name: "i1",
  node: "SpecialI1Backward0",
  summary: "Modified Bessel function of the first kind, of order 1.",
  saves: ["x", "out"],
  forward: elementwise(kernels.i1),
  backward: { x: ({ grad, x, out }) => grad.mul(i0(x).sub(overX(out, x, 0.5))) },
  accepts: [normal([[2, 3]])],
});

/** I₁(x) */
export const i1: (self: Tensor) => Tensor = (self) => applyUnary(i1Op, self, undefined);

const i1eOp = unary()({
  name: "i1e",
  node: "SpecialI1EBackward0",
  summary: "Modified Bessel function of order 1, times e^(−|x|).",
  saves: ["x", "out"],
  forward: elementwise(kernels.i1e),
  backward: {
    x: ({ grad, x, out }) =>
      grad.mul(
        i0e(x)
          .sub(out.mul(x.sgn()))
          .sub(overX(out, x, 0.5)),
      ),
  },
  accepts: [normal([[2, 3]])],
});

/** e^(−|x|) I₁(x) */
export const i1e: (self: Tensor) => Tensor = (self) => applyUnary(i1eOp, self, undefined);
