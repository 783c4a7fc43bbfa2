import { isContiguous, type Shape } from "../base/shape.ts";
import { renewAccumulator } from "./accumulate.ts";
import { moveRetained } from "./hooks.ts";
import { isRecording, withGrad } from "./modes.ts";
import { Tensor } from "./tensor.ts";
import { checkTracked } from "./views.ts";

type Mutable = { -readonly [K in "shape" | "strides" | "offset" | "dense"]: Tensor[K] };

/**
 * Makes `x` what `look` shows of it: the same storage through another window, as `t_` and `squeeze_` do. Nothing is
 * written, but the version moves on as with every in-place op. Checks come first.
 */
export function viewInPlace(name: string, x: Tensor, look: (x: Tensor) => Tensor): Tensor {
  checkTracked(name, x);
  const copy = asItWas(x);
  // What has a graph keeps it under noGrad, too: no element changes.
  const seen = copy.ownGradFn === null ? look(copy) : withGrad(true, () => look(copy));
  // A leaf stays one where nothing is recorded, also in inferenceMode, whose views of it have a graph.
  const gradFn = copy.ownGradFn === null && !isRecording() ? null : seen.gradFn;
  const { outputIndex } = seen;
  const before = x.retainsGrad ? x.ownGradFn : null;
  reshape(x, seen.shape, seen.strides, seen.offset);
  x.storage.version++;
  if (gradFn !== null) {
    x.ownGradFn = gradFn;
    x.outputIndex = outputIndex;
  }
  if (x.viewOf !== null) x.viewOf.version = x.storage.version;
  renewAccumulator(x);
  x.traceRow = seen.traceRow;
  moveRetained(x, before);
  return x;
}

/** The tensor with its place in the graph, to be looked at while `x` itself changes. */
function asItWas(x: Tensor): Tensor {
  const copy = new Tensor(x.storage, x.shape, x.strides, x.offset, x.dtype, x.dense);
  copy.ownGradFn = x.gradFn;
  copy.outputIndex = x.outputIndex;
  copy.leafRequiresGrad = x.leafRequiresGrad;
  copy.isInference = x.isInference;
  copy.traceRow = x.traceRow;
  return copy;
}

function reshape(x: Tensor, shape: Shape, strides: readonly number[], offset: number): void {
  const target: Mutable = x;
  target.shape = shape;
  target.strides = strides;
  target.offset = offset;
  target.dense = isContiguous(shape, strides);
}
