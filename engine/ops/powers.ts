import { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import * as kernels from "../kernels/arithmetic.ts";
import { binary, type Context } from "./define.ts";
import { power } from "./hazards.ts";
import { applyPair, type Pair } from "./pair.ts";
import { asOperand, type Operand, resultType } from "./promotion.ts";
import { misfits, normal, positive } from "./samples.ts";
import { squareBackward } from "./squareBackward.ts";

// Three ops with one public name, because they save different things: an op saves its inputs for both formulas or for
// neither, and x.pow(2) must not keep its result alive.

const powOp = binary()({
  name: "pow",
  summary: "Power of each element to a number.",
  symbol: "^",
  saves: ["a", "b"],
  hazards: power,
  forward: (a, b, out) => kernels.pow(a, b, out),
  backward: { a: ({ grad, a, b }) => gradientOfBase(grad, a, b as unknown as number), b: null },
  accepts: [positive([[2, 3]], 2.5), normal([[2, 3]], 2), normal([[2, 3]], 3), positive([[2]], -1), normal([[2]], 0)],
});

/** (aᵇ)′ = b aᵇ⁻¹, and 0 for b = 0 even at a = 0. */
function gradientOfBase(grad: Tensor, a: Tensor, b: number): Tensor {
  if (b === 0) return grad.zerosLike();
  return b === 2 ? squareBackward(grad, a) : grad.mul(a.pow(b - 1).mul(b));
}

const powTensorOp = binary()({
  name: "pow",
  overload: "tensor",
  node: "PowBackward1",
  summary: "Power of each element to another tensor's element.",
  symbol: "^",
  saves: ["a", "b"],
  hazards: power,
  forward: (a, b, out) => kernels.pow(a, b, out),
  backward: {
    a: ({ grad, a, b }) => grad.mul(b.mul(a.pow(b.sub(1)))).maskedFill(b.eq(0), 0),
    // (aᵇ)′ = aᵇ ln a, and 0 where a is 0 and b is not negative.
    b: ({ grad, a, b }) =>
      grad.mul(
        a
          .pow(b)
          .mul(a.log())
          .maskedFill(a.eq(0).logicalAnd(b.ge(0)), 0),
      ),
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

const exponentialOp = binary()({
  name: "pow",
  overload: "exponential",
  node: "PowBackward2",
  summary: "A number to the power of each element.",
  symbol: "^",
  saves: ["a", "b"],
  hazards: power,
  forward: (a, b, out) => kernels.pow(a, b, out),
  backward: { a: null, b: (context) => gradientOfExponent(context) },
});

function gradientOfExponent({ grad, a, b }: Context<"a" | "b", void>): Tensor {
  const base = a as unknown as number;
  const slope = pow(base, b).mul(Math.log(base));
  return grad.mul(base === 0 ? slope.maskedFill(b.ge(0), 0) : slope);
}

/** self to the power of exponent, element by element; the operands broadcast. */
export const pow: Pair = (a, b) => {
  const self = asOperand(a, b);
  const exponent = asOperand(b, a);
  checkIntegerExponent(self, exponent);
  if (typeof exponent === "number") return applyPair(powOp, self, exponent, undefined);
  return applyPair(typeof self === "number" ? exponentialOp : powTensorOp, self, exponent, undefined);
};

function checkIntegerExponent(self: Tensor | number, exponent: Tensor | number): void {
  if (!(self instanceof Tensor) || isFloat(self.dtype)) return;
  if (typeof exponent === "number" && exponent < 0 && Number.isInteger(exponent)) {
    throw new ArgumentError("pow", "Integers to negative integer powers are not allowed. Convert to float32 first.");
  }
}

/** The power computed and given in float64. */
export const floatPower: Pair = (self, exponent) => {
  const wide = (x: Operand): Operand => (x instanceof Tensor ? x.to("float64") : x);
  return pow(wide(self), wide(exponent));
};

/** self · 2^other */
export const ldexp: (self: Tensor, other: Tensor) => Tensor = (self, other) => {
  const dtype = resultType(self, other);
  return self.mul(pow(2, other.to(isFloat(dtype) ? dtype : "float32")));
};
