import { empty, type Tensor } from "../autograd/tensor.ts";
import { warn } from "../autograd/warnings.ts";
import { type DType, isFloat, type TypedArray } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { broadcastShapes, type Shape, sameShape, showShape } from "../base/shape.ts";
import { sum } from "../kernels/sum.ts";
import { notImplementedFor } from "./notImplemented.ts";
import { resultType } from "./promotion.ts";

/** What becomes of the losses of all elements. */
export type Reduction = "mean" | "sum" | "none";

/** Options of every loss. */
export interface LossOptions {
  /** Default "mean". */
  readonly reduction?: Reduction;
}

export function checkReduction(op: string, reduction: string, more: readonly string[] = []): void {
  const known = ["mean", "sum", "none", ...more];
  if (known.includes(reduction)) return;
  throw new ArgumentError(op, `${reduction} is not a valid value for reduction. Known: ${known.join(", ")}`);
}

/** The losses themselves, their sum or their mean. */
export function reduceLoss(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}

/** Makes the result of a loss op from the loss of each element. */
export function reduced(losses: TypedArray, shape: Shape, dtype: DType, reduction: Reduction): Tensor {
  const out = empty(reduction === "none" ? shape : [], dtype);
  if (reduction === "none") {
    out.storage.values.set(losses);
    return out;
  }
  sum({ values: losses, offset: 0, outer: 1, n: losses.length, inner: 1 }, out.storage.values);
  if (reduction === "mean") out.storage.values[0] /= losses.length;
  return out;
}

/** The gradient of each element's loss, given that of the reduced loss. */
export const gradPerElement = (grad: Tensor, reduction: Reduction, n: number): Tensor =>
  reduction === "mean" ? grad.div(n) : grad;

/** Input and target in one shape and dtype; a warning where they had to be broadcast, which is hardly ever meant. */
export function sameSize(op: string, input: Tensor, target: Tensor): [input: Tensor, target: Tensor] {
  if (!sameShape(input.shape, target.shape)) {
    const shape = broadcastShapes(op, input.shape, target.shape);
    warn(
      `${op}(): Using a target size (${showShape(target.shape)}) that is different to the input size (${showShape(input.shape)}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
    );
    // Dtypes meet after that: a 0-d operand counts for as much as the other.
    return sameSize(op, input.expand(shape), target.expand(shape));
  }
  const dtype = resultType(input, target);
  if (!isFloat(dtype)) {
    throw notImplementedFor(op, dtype, 'convert input or target with .to("float32")');
  }
  return [input.to(dtype), target.to(dtype)];
}
