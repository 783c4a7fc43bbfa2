import { applyBinary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import type { BinaryOp } from "./op.ts";
import { asOperand, checkOperand, inPrecisionOf, type Operand } from "./promotion.ts";

/** A function of two tensors, either of which may be a plain number or boolean. */
export type Pair = (self: Operand, other: Operand) => Tensor;

/** Runs a binary op on what a user gave. */
export function applyPair<A>(op: BinaryOp<A>, self: Operand, other: Operand, attrs: A): Tensor {
  if (typeof self === "boolean" || typeof other === "boolean")
    return applyPair(op, asOperand(self, other), asOperand(other, self), attrs);
  if (typeof self === "number") {
    checkOperand(op.name, "other", other);
    if (typeof other === "number") {
      throw new ArgumentError(op.name, `one of ${self} and ${other} must be a Tensor. Wrap it with tensor(…).`);
    }
    return applyBinary(op, inPrecisionOf(other, self), other, attrs);
  }
  checkOperand(op.name, "self", self);
  if (typeof other === "number") return applyBinary(op, self, inPrecisionOf(self, other), attrs);
  checkOperand(op.name, "other", other);
  return applyBinary(op, self, other, attrs);
}
