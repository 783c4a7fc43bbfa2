import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import * as kernels from "../kernels/rounding.ts";
import { unary } from "./define.ts";
import { normal } from "./samples.ts";

type Pointwise = (self: Tensor) => Tensor;

// Steps are flat wherever they are not vertical, so their gradient is zero.

const ceilOp = unary()({
  name: "ceil",
  summary: "Smallest integer not below each element; its gradient is zero.",
  dtype: "same",
  forward: kernels.ceil,
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]])],
});

/** ⌈x⌉ */
export const ceil: Pointwise = (self) => applyUnary(ceilOp, self, undefined);

const floorOp = unary()({
  name: "floor",
  summary: "Largest integer not above each element; its gradient is zero.",
  dtype: "same",
  forward: kernels.floor,
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]])],
});

/** ⌊x⌋ */
export const floor: Pointwise = (self) => applyUnary(floorOp, self, undefined);

const truncOp = unary()({
  name: "trunc",
  summary: "Each element without its fraction; its gradient is zero.",
  dtype: "same",
  forward: kernels.trunc,
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]])],
});

/** x rounded toward 0. */
export const trunc: Pointwise = (self) => applyUnary(truncOp, self, undefined);

const signOp = unary()({
  name: "sign",
  summary: "−1, 0 or 1; its gradient is zero.",
  dtype: "same",
  forward: kernels.sign,
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]])],
});

/** −1, 0 or 1. */
export const sign: Pointwise = (self) => applyUnary(signOp, self, undefined);

const sgnOp = unary()({
  name: "sgn",
  summary: "Sign of each element; its gradient is zero.",
  dtype: "same",
  forward: kernels.sign,
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]])],
});

/** −1, 0 or 1: `sign` by the name it has for complex numbers. */
export const sgn: Pointwise = (self) => applyUnary(sgnOp, self, undefined);

const fracOp = unary()({
  name: "frac",
  summary: "Fraction of each element.",
  dtype: "same",
  forward: kernels.frac,
  backward: { x: ({ grad }) => grad },
  accepts: [normal([[2, 3]])],
});

/** x − trunc(x) */
export const frac: Pointwise = (self) => applyUnary(fracOp, self, undefined);

/** Options of `round`. */
export interface RoundOptions {
  /** Digits after the decimal point; negative ones round to tens, hundreds … */
  readonly decimals?: number;
}

const roundOp = unary<{ readonly decimals: number }>()({
  name: "round",
  summary: "Nearest integer, halves to the even one; its gradient is zero.",
  dtype: "same",
  forward: (x, out, attrs) => (attrs.decimals === 0 ? kernels.round(x, out) : kernels.roundTo(x, out, attrs)),
  backward: { x: ({ grad }) => grad.zerosLike() },
  accepts: [normal([[2, 3]]), normal([[2, 3]], { decimals: 1 })],
});

/** The nearest integer, halves to the even one, or the nearest number with some decimals. */
export const round: (self: Tensor, ...args: [decimals?: number] | [options?: RoundOptions]) => Tensor = (
  self,
  ...args
) => applyUnary(roundOp, self, { decimals: readArguments<RoundOptions>("round", args, ["decimals"]).decimals ?? 0 });
