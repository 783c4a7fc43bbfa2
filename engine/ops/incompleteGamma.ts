import type { Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import * as kernels from "../kernels/incompleteGamma.ts";
import { binary } from "./define.ts";
import { notImplemented, notImplementedFor } from "./notImplemented.ts";
import type { BinaryOp } from "./op.ts";
import { applyPair } from "./pair.ts";
import { checkTensor, resultType } from "./promotion.ts";
import { arranged, positive } from "./samples.ts";

type OfTensors = (self: Tensor, other: Tensor) => Tensor;

/** Of shape 1.5 everywhere, because the derivative by the shape is not implemented. */
const ofFixedShape = arranged(positive([[2, 3]]), "of fixed shape", ([x]) => [x.fullLike(1.5), x]);
const unequal = positive([
  [2, 3],
  [2, 4],
]);

const igammaOp = binary()({
  name: "igamma",
  summary: "Share of a gamma distribution, whose shape is the first input, that lies below the second.",
  saves: ["a", "b"],
  forward: kernels.lowerGamma,
  backward: { a: notImplemented("igamma: input"), b: ({ grad, a, b }) => grad.mul(density(a, b)) },
  accepts: [ofFixedShape],
  rejects: [unequal],
});

/** P(a, x) = 1/Γ(a) ∫₀ˣ t^(a−1) e^(−t) dt with a = self and x = other, the regularized lower incomplete gamma function. */
export const igamma: OfTensors = (self, other) => ofFloats(igammaOp, self, other);

const igammacOp = binary()({
  name: "igammac",
  summary: "Share of a gamma distribution, whose shape is the first input, that lies above the second.",
  saves: ["a", "b"],
  forward: kernels.upperGamma,
  backward: { a: notImplemented("igammac: input"), b: ({ grad, a, b }) => grad.neg().mul(density(a, b)) },
  accepts: [ofFixedShape],
  rejects: [unequal],
});

/** Q(a, x) = 1 − P(a, x), the regularized upper incomplete gamma function. */
export const igammac: OfTensors = (self, other) => ofFloats(igammacOp, self, other);

/** x^(a−1) e^(−x)/Γ(a), the derivative of P by x (DLMF 8.8.13). */
const density = (a: Tensor, x: Tensor): Tensor => a.sub(1).mul(x.log()).sub(x).sub(a.lgamma()).exp();

function ofFloats(op: BinaryOp<undefined>, self: Tensor, other: Tensor): Tensor {
  checkTensor(op.name, "input", self);
  checkTensor(op.name, "other", other);
  const dtype = resultType(self, other);
  if (!isFloat(dtype)) throw notImplementedFor(op.name, dtype);
  return applyPair(op, self, other, undefined);
}
