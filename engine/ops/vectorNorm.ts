import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import * as kernels from "../kernels/norm.ts";
import { general } from "./define.ts";
import { distance } from "./hazards.ts";
import { checkNotEmpty, type Dims, keepDims, type Reduced, reduced, reduceLast } from "./reduce.ts";
import { normal } from "./samples.ts";

/** Which norm: a number, ±Infinity, or "fro" for 2. */
export type Order = number | "fro" | null;

/** Options of `norm`. */
export interface NormOptions {
  /** Default 2. */
  readonly p?: Order | undefined;
  /** What to reduce over; everything when left out. */
  readonly dim?: Dims | undefined;
  readonly keepdim?: boolean | undefined;
  /** Convert first. */
  readonly dtype?: DType | undefined;
}

/** Options of `linalg.vectorNorm`. */
export interface VectorNormOptions extends Omit<NormOptions, "p"> {
  /** Default 2. */
  readonly ord?: number | undefined;
}

interface NormAttributes extends Reduced {
  readonly p: number;
}

const normOp = general<NormAttributes>()({
  name: "norm",
  node: "LinalgVectorNormBackward0",
  summary: "The p-norm of the elements, over all or some dimensions.",
  symbol: "‖x‖",
  inputs: ["x"],
  saves: ["x", "out"],
  hazards: distance,
  forward: ([x], attrs) => {
    if (attrs.p < 0 || attrs.p === Number.POSITIVE_INFINITY) checkNotEmpty("norm", x as Tensor, attrs);
    const { block, shape } = reduceLast(x as Tensor, attrs);
    const out = empty(shape, (x as Tensor).dtype);
    kernels.norm(block, attrs.p, out.storage.values);
    return out;
  },
  backward: {
    x: ({ grad, attrs, x, out }) =>
      gradientOfNorm(keepDims(grad, attrs, x.shape), x, keepDims(out, attrs, x.shape), attrs),
  },
  accepts: [
    normal([[2, 3]]),
    normal([[2, 3]], 1),
    normal([[2, 3]], 3, 1),
    normal([[2, 3]], 1.5, 1, true),
    normal([[2, 3]], { p: 0.5 }),
    normal([[2, 3]], { p: Number.POSITIVE_INFINITY, dim: 0 }),
    normal([[2, 3]], { p: 0, dim: 0 }),
    normal([[]]),
  ],
  rejects: [normal([[2, 3]], { dim: 2 }), normal([[2]], "nuc")],
});

/**
 * d‖x‖ₚ/dx = x |x|^(p−2) / ‖x‖ₚ^(p−1). Where the norm is zero there is no derivative, and zero is the subgradient to take.
 * The extreme norms share theirs evenly among the elements that attain them.
 */
function gradientOfNorm(grad: Tensor, x: Tensor, norm: Tensor, { p, dims }: NormAttributes): Tensor | null {
  if (p === 0) return null;
  if (p === 1) return x.sgn().mul(grad);
  if (p === 2) return grad.mul(x.div(norm).maskedFill(norm.eq(0), 0));
  const size = x.abs();
  if (Math.abs(p) === Number.POSITIVE_INFINITY) {
    const attained = size.eq(norm).logicalOr(size.ne(size));
    return x.sgn().mul(grad.div(attained.sum({ dim: dims, keepdim: true })).mul(attained));
  }
  if (p < 1)
    return x
      .sgn()
      .mul(size.pow(p - 1).maskedFill(x.eq(0), 0))
      .mul(grad)
      .mul(norm.pow(1 - p));
  const scale = grad.div(norm.pow(p - 1)).maskedFill(norm.eq(0), 0);
  return (p < 2 ? x.sgn().mul(size.pow(p - 1)) : x.mul(size.pow(p - 2))).mul(scale);
}

/** The norm behind all the public ones. */
export function vectorNormOf(op: string, self: Tensor, p: Order, options: Omit<NormOptions, "p">): Tensor {
  const order = p === null || p === "fro" ? 2 : p;
  if (typeof order !== "number" || Number.isNaN(order)) {
    throw new ArgumentError(op, `the order must be a number, Infinity, -Infinity or "fro", but got ${String(order)}`);
  }
  const x = options.dtype === undefined ? self : self.to(checkDType(op, options.dtype));
  if (!isFloat(x.dtype)) {
    throw new ArgumentError(
      op,
      `Input dtype must be a floating point type. Got: ${x.dtype}. Convert it with .to("float32").`,
    );
  }
  return apply(normOp, [x], { ...reduced(op, x, options), p: order });
}

/**
 * The p-norm (default 2) of a tensor seen as a vector, or over dimensions: `linalg.vectorNorm`. `matrixNorm` is for the norms
 * of matrices as maps.
 */
export const vectorNorm: (self: Tensor, ...args: (Dims | boolean | VectorNormOptions | undefined)[]) => Tensor = (
  self,
  ...args
) => {
  const { ord, ...options } = readArguments<VectorNormOptions>("vectorNorm", args, ["ord", "dim", "keepdim", "dtype"]);
  return vectorNormOf("vectorNorm", self, ord ?? 2, options);
};
