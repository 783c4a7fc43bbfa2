import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { type DType, isFloat } from "../base/dtype.ts";
import { DTypeError } from "../base/errors.ts";
import * as bits from "../kernels/bitwise.ts";
import * as kernels from "../kernels/comparison.ts";
import { binary, unary } from "./define.ts";
import { applyPair, type Pair } from "./pair.ts";
import { checkOperand, type Operand, resultType } from "./promotion.ts";
import { misfits, normal } from "./samples.ts";

// Everything but 0 counts as true.

const logicalAndOp = binary()({
  name: "logicalAnd",
  summary: "Whether both elements are true.",
  symbol: "∧",
  dtype: "bool",
  forward: kernels.logicalAnd,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self ∧ other, element by element, as a mask. */
export const logicalAnd: Pair = (self, other) => applyPair(logicalAndOp, self, other, undefined);

const logicalOrOp = binary()({
  name: "logicalOr",
  summary: "Whether at least one element is true.",
  symbol: "∨",
  dtype: "bool",
  forward: kernels.logicalOr,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self ∨ other, element by element, as a mask. */
export const logicalOr: Pair = (self, other) => applyPair(logicalOrOp, self, other, undefined);

const logicalXorOp = binary()({
  name: "logicalXor",
  summary: "Whether exactly one element is true.",
  symbol: "⊻",
  dtype: "bool",
  forward: kernels.logicalXor,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self ⊻ other, element by element, as a mask. */
export const logicalXor: Pair = (self, other) => applyPair(logicalXorOp, self, other, undefined);

const logicalNotOp = unary()({
  name: "logicalNot",
  summary: "Whether each element is 0.",
  symbol: "¬",
  dtype: "bool",
  forward: kernels.logicalNot,
  backward: null,
  accepts: [normal([[2, 3]])],
});

/** ¬self, element by element, as a mask. */
export const logicalNot: (self: Tensor) => Tensor = (self) => applyUnary(logicalNotOp, self, undefined);

const bitwise = (name: string, symbol: string, summary: string, forward: typeof bits.and) =>
  binary()({
    name,
    symbol,
    summary,
    forward: (a, b, out) => forward(a, b, out),
    backward: null,
    rejects: [normal([[2], [2]])],
  });

const bitwiseAndOp = bitwise("bitwiseAnd", "&", "Bits that both integers have.", bits.and);
const bitwiseOrOp = bitwise("bitwiseOr", "|", "Bits that at least one integer has.", bits.or);
const bitwiseXorOp = bitwise("bitwiseXor", "^", "Bits that exactly one integer has.", bits.xor);
const leftShiftOp = bitwise("bitwiseLeftShift", "<<", "Bits moved to the left.", bits.leftShift);
const rightShiftOp = bitwise("bitwiseRightShift", ">>", "Bits moved to the right; the sign stays.", bits.rightShift);

/** self & other, of integers or booleans. */
export const bitwiseAnd: Pair = (self, other) =>
  applyPair(bitwiseAndOp, ...integers("bitwiseAnd", self, other), undefined);
/** self | other, of integers or booleans. */
export const bitwiseOr: Pair = (self, other) =>
  applyPair(bitwiseOrOp, ...integers("bitwiseOr", self, other), undefined);
/** self ^ other, of integers or booleans. */
export const bitwiseXor: Pair = (self, other) =>
  applyPair(bitwiseXorOp, ...integers("bitwiseXor", self, other), undefined);
/** self << other, of integers. */
export const bitwiseLeftShift: Pair = (self, other) =>
  applyPair(leftShiftOp, ...shifting("bitwiseLeftShift", self, other), undefined);
/** self >> other, of integers. */
export const bitwiseRightShift: Pair = (self, other) =>
  applyPair(rightShiftOp, ...shifting("bitwiseRightShift", self, other), undefined);

/** Booleans have no bits to move. */
function shifting(op: string, self: Operand, other: Operand): [Operand, Operand] {
  const operands = integers(op, self, other);
  if (resultType(self, other) !== "bool") return operands;
  throw new DTypeError(op, "not implemented for 'bool': convert with .to(\"int64\")");
}

function integers(op: string, self: Operand, other: Operand): [Operand, Operand] {
  checkOperand(op, "self", self);
  checkOperand(op, "other", other);
  checkInteger(op, resultType(self, other));
  return [self, other];
}

function checkInteger(op: string, dtype: DType): void {
  if (isFloat(dtype)) throw new DTypeError(op, `not implemented for ${dtype}: bits are those of integers and booleans`);
}

const bitwiseNotOp = unary()({
  name: "bitwiseNot",
  summary: "All bits flipped.",
  symbol: "~",
  dtype: "same",
  forward: (x, out) => (x.dtype === "bool" ? kernels.logicalNot(x, out) : bits.not(x, out)),
  backward: null,
  rejects: [normal([[2]])],
});

/** ~self, of integers or booleans. */
export const bitwiseNot: (self: Tensor) => Tensor = (self) => {
  checkInteger("bitwiseNot", self.dtype);
  return applyUnary(bitwiseNotOp, self, undefined);
};
