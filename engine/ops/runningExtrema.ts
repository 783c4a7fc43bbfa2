import { apply, applyAll } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/scan.ts";
import { nextDim } from "./batching.ts";
import { general } from "./define.ts";
import { type DimArgs, readDim } from "./dimArguments.ts";
import { namedResult, type ValuesIndices } from "./namedResult.ts";
import { placeAlong } from "./placing.ts";
import { blockAlong } from "./reduce.ts";
import { distinct, normal } from "./samples.ts";

interface ScanAttributes {
  readonly dim: number;
}

const running = (name: "cummax" | "cummin", summary: string, kernel: typeof kernels.cummax) =>
  general<ScanAttributes>()({
    name,
    summary,
    inputs: ["x"],
    outputs: ["values", "indices"],
    saves: ["indices"],
    forward: ([x], { dim }) => {
      const self = x as Tensor;
      const values = empty(self.shape, self.dtype);
      const indices = empty(self.shape, "int64");
      if (self.elements > 0) kernel(blockAlong(densely(self), dim), values.storage.values, indices.storage.values);
      return [values, indices];
    },
    backward: {
      x: (context) => placeAlong(context.grad, context.indices, context.attrs.dim, context.input(0).shape),
    },
    accepts: [distinct([[2, 3]], 1), distinct([[2, 3, 2]], -2), distinct([[]], 0)],
    rejects: [normal([[2, 3]], 2), normal([[2, 3]])],
  });

const cummaxOp = running("cummax", "Largest element so far along a dimension, and where.", kernels.cummax);
const cumminOp = running("cummin", "Smallest element so far along a dimension, and where.", kernels.cummin);

/** Largest element so far along `dim`, and where it lies; of ties the last. */
export const cummax: (self: Tensor, ...args: DimArgs) => ValuesIndices = (self, ...args) => {
  const { x, dim } = readDim("cummax", self, args, null);
  return namedResult(["values", "indices"], applyAll(cummaxOp, [x], { dim }));
};

/** Smallest element so far along `dim`, and where it lies; of ties the last. */
export const cummin: (self: Tensor, ...args: DimArgs) => ValuesIndices = (self, ...args) => {
  const { x, dim } = readDim("cummin", self, args, null);
  return namedResult(["values", "indices"], applyAll(cumminOp, [x], { dim }));
};

const spreadOp = general<{ readonly dim: number; readonly forward: boolean }>()({
  name: "logcumsumexpBackward",
  summary: "Weights spread over the elements by their share in each running log Σ exp.",
  inputs: ["weights", "x", "out"],
  saves: ["weights", "x", "out", "result"],
  outputs: ["result"],
  forward: ([weights, x, out], { dim, forward }) => {
    const [w, v, r] = [weights, x, out].map((t) => densely(t as Tensor));
    const result = empty(w.shape, w.dtype);
    const kernel = forward ? kernels.spreadForward : kernels.spreadBack;
    if (w.elements > 0) {
      kernel(blockAlong(w, dim), v.storage.values, v.offset, r.storage.values, r.offset, result.storage.values);
    }
    return result;
  },
  onBatch: nextDim,
  // With S_ij = exp(x_i − r_j) for j ≥ i, this is S w (back) or Sᵀ w (forward); x scales rows of S and r divides columns.
  backward: {
    weights: ({ grad, x, out, attrs }) => spread(grad, x, out, attrs.dim, !attrs.forward),
    x: ({ grad, weights, x, out, result, attrs }) =>
      attrs.forward ? weights.mul(spread(grad, x, out, attrs.dim, false)) : grad.mul(result),
    out: ({ grad, weights, x, out, result, attrs }) =>
      (attrs.forward ? grad.mul(result) : weights.mul(spread(grad, x, out, attrs.dim, true))).neg(),
  },
});

const spread: (weights: Tensor, x: Tensor, out: Tensor, dim: number, forward: boolean) => Tensor = (
  weights,
  x,
  out,
  dim,
  forward,
) => apply(spreadOp, [weights, x, out], { dim, forward });

const logcumsumexpOp = general<ScanAttributes>()({
  name: "logcumsumexp",
  summary: "Running logarithm of the sum of exponentials along a dimension.",
  inputs: ["x"],
  saves: ["x", "out"],
  forward: ([x], { dim }) => {
    const self = x as Tensor;
    const out = empty(self.shape, self.dtype);
    if (self.elements > 0) kernels.logcumsumexp(blockAlong(densely(self), dim), out.storage.values);
    return out;
  },
  backward: { x: ({ grad, x, out, attrs }) => spread(grad, x, out, attrs.dim, false) },
  accepts: [normal([[2, 3]], 1), normal([[2, 3, 2]], -2), normal([[]], 0)],
  rejects: [normal([[2, 3]], 2)],
});

/** log of the running sum of exponentials along `dim`. */
export const logcumsumexp: (self: Tensor, ...args: DimArgs) => Tensor = (self, ...args) => {
  const { x, dim } = readDim("logcumsumexp", self, args, "float32");
  return apply(logcumsumexpOp, [x], { dim });
};
