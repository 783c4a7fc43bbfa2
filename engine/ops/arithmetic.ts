import { applyUnary } from "../autograd/dispatch.ts";
import { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, checkOptions, DTypeError } from "../base/errors.ts";
import * as kernels from "../kernels/arithmetic.ts";
import * as comparison from "../kernels/comparison.ts";
import { tensor } from "./creation.ts";
import { binary, unary } from "./define.ts";
import { difference, product, quotient } from "./hazards.ts";
import type { UnaryOp } from "./op.ts";
import { applyPair, type Pair } from "./pair.ts";
import { asOperand, checkOperand, type Operand, resultType } from "./promotion.ts";
import { misfits, normal, pairs, positive } from "./samples.ts";

/** Options of `add`, `sub` and `rsub`. */
export interface AlphaOptions {
  /** Factor of the second operand. */
  readonly alpha?: number;
}

/** Options of `div`. */
export interface DivOptions {
  /** "trunc" rounds toward zero, "floor" toward −∞; integers then stay integers. */
  readonly roundingMode?: "trunc" | "floor" | null;
}

type WithAlpha = (self: Operand, other: Operand, options?: AlphaOptions) => Tensor;

const addOp = binary()({
  name: "add",
  summary: "Sum of two tensors, element by element.",
  symbol: "+",
  // true + true is true.
  hazards: difference,
  forward: (a, b, out) => (out.dtype === "bool" ? comparison.logicalOr(a, b, out) : kernels.add(a, b, out)),
  backward: { a: ({ grad }) => grad, b: ({ grad }) => grad },
  accepts: [
    normal([
      [2, 3],
      [2, 3],
    ]),
    normal([[2, 3], [3]]),
    normal([
      [2, 1],
      [1, 3],
    ]),
    normal([[], [2]]),
  ],
  rejects: misfits,
});

/** self + alpha · other; the operands broadcast. */
export const add: WithAlpha = (self, other, options) =>
  applyPair(addOp, self, scaled("add", self, other, options), undefined);

const subOp = binary()({
  name: "sub",
  summary: "Difference of two tensors, element by element.",
  symbol: "−",
  hazards: difference,
  forward: (a, b, out) => kernels.sub(a, b, out),
  backward: { a: ({ grad }) => grad, b: ({ grad }) => grad.neg() },
  accepts: pairs,
  rejects: misfits,
});

/** self − alpha · other; the operands broadcast. */
export const sub: WithAlpha = (self, other, options) => {
  checkNotBool("sub", self, other);
  return applyPair(subOp, self, scaled("sub", self, other, options), undefined);
};

/** other − alpha · self: `sub` with its operands swapped. */
export const rsub: WithAlpha = (self, other, options) => {
  checkNotBool("rsub", self, other);
  return applyPair(subOp, other, scaled("rsub", other, self, options), undefined);
};

// As in PyTorch nothing is saved for it: a graph of sums can be gone through again.
const timesOp: UnaryOp<{ readonly alpha: number }> = unary<{ readonly alpha: number }>()({
  name: "times",
  node: "MulBackward0",
  summary: "An operand of a sum or a difference, times its factor.",
  dtype: "same",
  forward: (x, out, { alpha }) => kernels.mul(x, alpha, out),
  backward: { x: ({ grad, attrs }) => applyUnary(timesOp, grad, attrs) },
});

function scaled(op: string, self: Operand, operand: Operand, options: AlphaOptions | undefined): Operand {
  checkOptions(op, options, ["alpha"]);
  const alpha = options?.alpha ?? 1;
  if (alpha === 1) return operand;
  checkOperand(op, "self", self);
  checkOperand(op, "other", operand);
  const other = asOperand(operand, self);
  const dtype = resultType(self, other);
  if (!Number.isInteger(alpha) && !isFloat(dtype)) {
    throw new ArgumentError(
      op,
      `for integral input tensors, alpha must not be a floating point number, but got ${alpha}`,
    );
  }
  // The sum of masks is a mask, whatever the factor.
  if (typeof other === "object")
    return dtype !== "bool" ? applyUnary(timesOp, other.to(dtype), { alpha }) : alpha === 0 ? other.zerosLike() : other;
  const product = other * alpha;
  // 0.5 · 2 still makes a sum of integers one of float32.
  const isLost = Number.isInteger(product) && !Number.isInteger(other);
  return isLost && !(self instanceof Tensor && isFloat(self.dtype)) ? tensor(product) : product;
}

function checkNotBool(op: string, self: Operand, other: Operand): void {
  if (isMask(self) && isMask(other)) {
    throw new DTypeError(
      op,
      "subtraction with two bool tensors is not supported. Use logicalXor() or bitwiseXor() instead.",
    );
  }
  if (isMask(self) || isMask(other)) {
    throw new DTypeError(
      op,
      "subtraction with a bool tensor is not supported. To invert a mask use logicalNot(), to count with it convert it with .to().",
    );
  }
}

const isMask = (x: Operand): boolean => typeof x === "boolean" || (x instanceof Tensor && x.dtype === "bool");

const mulOp = binary()({
  name: "mul",
  summary: "Product of two tensors, element by element.",
  symbol: "×",
  saves: { a: ["b"], b: ["a"] },
  hazards: product,
  forward: (a, b, out) => kernels.mul(a, b, out),
  backward: { a: ({ grad, b }) => grad.mul(b), b: ({ grad, a }) => grad.mul(a) },
  accepts: [
    normal([
      [2, 3],
      [2, 3],
    ]),
    normal([[2, 3], [3]]),
    normal([
      [2, 1],
      [1, 3],
    ]),
  ],
  rejects: misfits,
});

/** self · other, element by element; the operands broadcast. */
export const mul: Pair = (self, other) => applyPair(mulOp, self, other, undefined);

const divOp = binary()({
  name: "div",
  summary: "Quotient of two tensors, element by element.",
  symbol: "÷",
  dtype: "float",
  saves: { a: ["b"], b: ["a", "b"] },
  hazards: quotient,
  forward: (a, b, out) => kernels.div(a, b, out),
  // d(a/b)/db = −(a/b)/b: dividing twice keeps b² from overflowing.
  backward: { a: ({ grad, b }) => grad.div(b), b: ({ grad, a, b }) => grad.neg().mul(div(div(a, b), b)) },
  accepts: [
    positive([
      [2, 3],
      [2, 3],
    ]),
    positive([[2, 3], [3]]),
  ],
  rejects: misfits,
});

const flat = ({ grad }: { readonly grad: Tensor }): Tensor => grad.zerosLike();

const truncDivideOp = binary()({
  name: "div",
  overload: "trunc",
  node: "DivBackward1",
  summary: "Quotient rounded toward zero; its gradient is zero.",
  symbol: "÷",
  hazards: quotient,
  forward: kernels.truncDivide,
  backward: { a: flat, b: flat },
  accepts: [positive([[2, 3], [3]], { roundingMode: "trunc" })],
});

const floorDivideOp = binary()({
  name: "div",
  overload: "floor",
  node: "DivBackward1",
  summary: "Quotient rounded toward −∞; its gradient is zero.",
  symbol: "÷",
  hazards: quotient,
  forward: kernels.floorDivide,
  backward: { a: flat, b: flat },
  accepts: [positive([[2, 3], [3]], { roundingMode: "floor" })],
});

/** self / other, element by element; integers give float32 unless rounded. */
export const div: (self: Operand, other: Operand, options?: DivOptions) => Tensor = (self, other, options) => {
  checkOptions("div", options, ["roundingMode"]);
  const mode = options?.roundingMode ?? null;
  if (mode === null) return applyPair(divOp, self, other, undefined);
  if (mode !== "trunc" && mode !== "floor") {
    throw new ArgumentError("div", `expected roundingMode to be one of null, 'trunc', or 'floor' but found '${mode}'`);
  }
  checkDivisor("div", self, other);
  return applyPair(mode === "trunc" ? truncDivideOp : floorDivideOp, self, other, undefined);
};

/** self / other rounded toward −∞. */
export const floorDivide: Pair = (self, other) => div(self, other, { roundingMode: "floor" });

/** self / other, never rounded. */
export const trueDivide: Pair = (self, other) => div(self, other);

const fmodOp = binary()({
  name: "fmod",
  summary: "Remainder with the sign of the dividend.",
  saves: { b: ["a", "b"] },
  hazards: quotient,
  forward: kernels.fmod,
  backward: { a: ({ grad }) => grad, b: ({ grad, a, b }) => grad.neg().mul(div(a, b, { roundingMode: "trunc" })) },
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** The remainder of self / other with the sign of self, as JavaScript's `%`. */
export const fmod: Pair = (self, other) => {
  checkDivisor("fmod", self, other);
  return applyPair(fmodOp, self, other, undefined);
};

const remainderOp = binary()({
  name: "remainder",
  summary: "Remainder with the sign of the divisor.",
  symbol: "mod",
  saves: { b: ["a", "b"] },
  hazards: quotient,
  forward: kernels.remainder,
  backward: { a: ({ grad }) => grad, b: ({ grad, a, b }) => grad.neg().mul(div(a, b, { roundingMode: "floor" })) },
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** The remainder of self / other with the sign of other, as Python's `%`. */
export const remainder: Pair = (self, other) => {
  checkDivisor("remainder", self, other);
  return applyPair(remainderOp, self, other, undefined);
};

/** Integers have no infinity to give for a division by zero. */
function checkDivisor(op: string, self: Operand, other: Operand): void {
  if (other instanceof Tensor && isFloat(other.dtype)) return;
  const zero = other instanceof Tensor ? other.toArray().includes(0) : Number(other) === 0;
  if (zero && !isFloat(resultType(self, other))) {
    throw new ArgumentError(op, "ZeroDivisionError: integer division by zero. Convert to float32 to get infinity.");
  }
}
