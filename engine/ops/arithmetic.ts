import { applyBinary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { checkOptions } from "../base/errors.ts";
import * as kernels from "../kernels/arithmetic.ts";
import { binary } from "./define.ts";
import { normal, positive } from "./samples.ts";

/** Options of `add` and `sub`. */
export interface AlphaOptions {
  /** Factor of the second operand. */
  readonly alpha?: number;
}

type Arithmetic = (self: Tensor | number, other: Tensor | number) => Tensor;

const addOp = binary()({
  name: "add",
  summary: "Sum of two tensors, element by element.",
  symbol: "+",
  forward: (a, b, out) => kernels.add(a, b, out),
  backward: { a: ({ grad }) => grad, b: ({ grad }) => grad },
  accepts: [normal([[2, 3], [2, 3]]), normal([[2, 3], [3]]), normal([[2, 1], [1, 3]]), normal([[], [2]])],
  rejects: [normal([[2, 3], [2, 4]])],
});

/** self + alpha · other; the operands broadcast. */
export const add: (self: Tensor | number, other: Tensor | number, options?: AlphaOptions) => Tensor = (self, other, options) =>
  applyBinary(addOp, self, scaled("add", other, options), undefined);

const subOp = binary()({
  name: "sub",
  summary: "Difference of two tensors, element by element.",
  symbol: "−",
  forward: (a, b, out) => kernels.sub(a, b, out),
  backward: { a: ({ grad }) => grad, b: ({ grad }) => grad.neg() },
  accepts: [normal([[2, 3], [2, 3]]), normal([[2, 3], [3]])],
  rejects: [normal([[2, 3], [2, 4]])],
});

/** self − alpha · other; the operands broadcast. */
export const sub: (self: Tensor | number, other: Tensor | number, options?: AlphaOptions) => Tensor = (self, other, options) =>
  applyBinary(subOp, self, scaled("sub", other, options), undefined);

function scaled(op: string, other: Tensor | number, options: AlphaOptions | undefined): Tensor | number {
  checkOptions(op, options, ["alpha"]);
  const alpha = options?.alpha ?? 1;
  if (alpha === 1) return other;
  return typeof other === "number" ? other * alpha : other.mul(alpha);
}

const mulOp = binary()({
  name: "mul",
  summary: "Product of two tensors, element by element.",
  symbol: "×",
  saves: ["a", "b"],
  forward: (a, b, out) => kernels.mul(a, b, out),
  backward: { a: ({ grad, b }) => grad.mul(b), b: ({ grad, a }) => grad.mul(a) },
  accepts: [normal([[2, 3], [2, 3]]), normal([[2, 3], [3]]), normal([[2, 1], [1, 3]])],
  rejects: [normal([[2, 3], [2, 4]])],
});

/** self · other, element by element; the operands broadcast. */
export const mul: Arithmetic = (self, other) => applyBinary(mulOp, self, other, undefined);

const divOp = binary()({
  name: "div",
  summary: "Quotient of two tensors, element by element.",
  symbol: "÷",
  dtype: "float",
  saves: ["a", "b"],
  forward: (a, b, out) => kernels.div(a, b, out),
  // d(a/b)/db = −(a/b)/b: dividing twice keeps b² from overflowing.
  backward: { a: ({ grad, b }) => grad.div(b), b: ({ grad, a, b }) => grad.neg().mul(div(div(a, b), b)) },
  accepts: [positive([[2, 3], [2, 3]]), positive([[2, 3], [3]])],
  rejects: [normal([[2, 3], [2, 4]])],
});

/** self / other, element by element; integers give float32. */
export const div: Arithmetic = (self, other) => applyBinary(divOp, self, other, undefined);
