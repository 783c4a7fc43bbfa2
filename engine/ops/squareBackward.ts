import { applyBinary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/arithmetic.ts";
import { binary } from "./define.ts";
import type { BinaryOp } from "./op.ts";

const squareBackwardOp: BinaryOp<void> = binary()({
  name: "squareBackward",
  summary: "Gradient of the square: the gradient times 2 x.",
  saves: { a: ["b"], b: ["a"] },
  forward: kernels.squareBackward,
  backward: { a: ({ grad, b }) => squareBackward(grad, b), b: ({ grad, a }) => squareBackward(grad, a) },
});

/** The gradient that flows into x, from that of x². */
export const squareBackward = (grad: Tensor, x: Tensor): Tensor => applyBinary(squareBackwardOp, grad, x, undefined);
