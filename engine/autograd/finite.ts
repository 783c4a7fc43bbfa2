import { isFloat } from "../base/dtype.ts";
import { AutogradError } from "../base/errors.ts";
import { fastSquares } from "../kernels/squares.ts";
import { anomaly } from "./anomaly.ts";
import type { Gradients, Node } from "./node.ts";
import { densely, type Tensor } from "./tensor.ts";

/** Throws when a node gave NaN while anomaly detection is on. */
export function checkFinite(node: Node, gradients: Gradients): void {
  if (!anomaly.enabled || !anomaly.checkNan) return;
  gradients.forEach((gradient, i) => {
    if (gradient === null || !isFloat(gradient.dtype)) return;
    if (hasNan(densely(gradient)))
      throw new AutogradError(`Function '${node.name}' returned nan values in its ${i}th output.`);
  });
}

function hasNan({ storage, offset, elements }: Tensor): boolean {
  const { values } = storage;
  // Infinity times itself is none, so a sum of squares is NaN only where an element is.
  const sum = fastSquares(values, offset, elements);
  if (sum !== null) return Number.isNaN(sum);
  for (let i = offset; i < offset + elements; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
