import { AutogradError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { watch } from "./observer.ts";
import type { Tensor } from "./tensor.ts";
import { warn } from "./warnings.ts";

/** Checks what is assigned to `.grad`. */
export function checkedGrad(x: Tensor, value: unknown): Tensor | null {
  if (value === null) return null;
  if (typeof value !== "object" || !("storage" in (value as object))) {
    throw new AutogradError(`assigned grad expected to be a Tensor or null but got grad of type ${typeof value}`);
  }
  const grad = value as Tensor;
  if (grad === x) throw new AutogradError("can't assign Variable as its own grad");
  if (!sameShape(grad.shape, x.shape)) {
    throw new AutogradError(
      `attempting to assign a gradient of size '${showShape(grad.shape)}' to a tensor of size '${showShape(x.shape)}'. Please ensure that the gradient and the tensor are the same size`,
    );
  }
  if (grad.dtype !== x.dtype) {
    throw new AutogradError(
      `attempting to assign a gradient with dtype '${grad.dtype}' to a tensor with dtype '${x.dtype}'. Please ensure that the gradient and the tensor have the same dtype`,
    );
  }
  return grad;
}

export function warnNonLeafGrad(x: Tensor): void {
  watch.observer?.read?.(x, "grad", null);
  const name = x.name === null ? "" : ` ('${x.name}')`;
  warn(
    `The .grad attribute of a Tensor that is not a leaf Tensor is being accessed${name}: backward() does not fill it. Call retainGrad() on it before backward, or read the leaf's gradient.`,
  );
}
