import { apply } from "../autograd/dispatch.ts";
import { blank, densely, type Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/softmax.ts";
import { nextDim } from "./batching.ts";
import { general } from "./define.ts";
import { type DimArgs, readDim } from "./dimArguments.ts";
import { shares } from "./hazards.ts";
import { blockAlong } from "./reduce.ts";
import { normal } from "./samples.ts";

interface SoftmaxAttributes {
  readonly dim: number;
}

type Backward = (grad: Tensor, out: Tensor, dim: number) => Tensor;

function backwardWith(kernel: typeof kernels.softmaxBackward, grad: Tensor, out: Tensor, dim: number): Tensor {
  const g = densely(grad);
  const y = densely(out);
  const result = blank(g.shape, g.dtype);
  if (g.elements > 0) kernel(blockAlong(g, dim), y.storage.values, y.offset, result.storage.values);
  return result;
}

const softmaxBackwardOp = general<SoftmaxAttributes>()({
  name: "softmaxBackward",
  node: "SoftmaxBackwardDataBackward0",
  summary: "Gradient of softmax, given its result.",
  inputs: ["grad_", "y"],
  saves: { grad_: ["y"], y: ["grad_", "y"] },
  forward: ([grad, y], { dim }) => backwardWith(kernels.softmaxBackward, grad as Tensor, y as Tensor, dim),
  onBatch: nextDim,
  // With z = y (g − Σ g y): the Jacobian is symmetric in g, and ∂⟨u, z⟩/∂y = u (g − Σ g y) − g Σ u y.
  backward: {
    grad_: ({ grad, y, attrs }) => softmaxBackward(grad, y, attrs.dim),
    y: ({ grad: u, grad_: g, y, attrs: { dim } }) =>
      u.mul(g.sub(g.mul(y).sum(dim, true))).sub(g.mul(u.mul(y).sum(dim, true))),
  },
});

const softmaxBackward: Backward = (grad, out, dim) => apply(softmaxBackwardOp, [grad, out], { dim });

const softmaxOp = general<SoftmaxAttributes>()({
  name: "softmax",
  summary: "exp(x) / Σ exp(x) along a dimension: positive numbers that sum to 1.",
  inputs: ["x"],
  saves: ["out"],
  hazards: shares,
  forward: ([x], { dim }) => {
    const self = densely(x as Tensor);
    const out = blank(self.shape, self.dtype);
    if (self.elements > 0) kernels.softmax(blockAlong(self, dim), out.storage.values);
    return out;
  },
  backward: { x: ({ grad, out, attrs }) => softmaxBackward(grad, out, attrs.dim) },
  accepts: [normal([[2, 3]], 1), normal([[2, 3, 2]], 1), normal([[2, 1]], -1), normal([[]], 0), normal([[0, 3]], 1)],
  rejects: [normal([[2, 3]], 2), normal([[2, 3]])],
});

/** exp(x) / Σ exp(x) along `dim`. */
export const softmax: (self: Tensor, ...args: DimArgs) => Tensor = (self, ...args) => {
  const { x, dim } = readDim("softmax", self, args, "float32");
  return apply(softmaxOp, [x], { dim });
};

const logSoftmaxBackwardOp = general<SoftmaxAttributes>()({
  name: "logSoftmaxBackward",
  node: "LogSoftmaxBackwardDataBackward0",
  summary: "Gradient of logSoftmax, given its result.",
  inputs: ["grad_", "y"],
  saves: { grad_: ["y"], y: ["grad_", "y"] },
  forward: ([grad, y], { dim }) => backwardWith(kernels.logSoftmaxBackward, grad as Tensor, y as Tensor, dim),
  onBatch: nextDim,
  // With z = g − exp(y) Σ g: ∂⟨u, z⟩/∂g = u − Σ u exp(y), and ∂⟨u, z⟩/∂y = −u exp(y) Σ g.
  backward: {
    grad_: ({ grad: u, y, attrs: { dim } }) => u.sub(u.mul(y.exp()).sum(dim, true)),
    y: ({ grad: u, grad_: g, y, attrs: { dim } }) => u.mul(y.exp()).mul(g.sum(dim, true)).neg(),
  },
});

const logSoftmaxBackward: Backward = (grad, out, dim) => apply(logSoftmaxBackwardOp, [grad, out], { dim });

const logSoftmaxOp = general<SoftmaxAttributes>()({
  name: "logSoftmax",
  summary: "x − log Σ exp(x) along a dimension: the logarithm of softmax, without overflow.",
  inputs: ["x"],
  saves: ["out"],
  hazards: shares,
  forward: ([x], { dim }) => {
    const self = densely(x as Tensor);
    const out = blank(self.shape, self.dtype);
    if (self.elements > 0) kernels.logSoftmax(blockAlong(self, dim), out.storage.values);
    return out;
  },
  backward: { x: ({ grad, out, attrs }) => logSoftmaxBackward(grad, out, attrs.dim) },
  accepts: [normal([[2, 3]], 1), normal([[2, 3, 2]], 1), normal([[2, 1]], -1), normal([[]], 0), normal([[0, 3]], 1)],
  rejects: [normal([[2, 3]], 2), normal([[2, 3]])],
});

/** log softmax(x) along `dim`, computed without overflow. */
export const logSoftmax: (self: Tensor, ...args: DimArgs) => Tensor = (self, ...args) => {
  const { x, dim } = readDim("logSoftmax", self, args, "float32");
  return apply(logSoftmaxOp, [x], { dim });
};

/** softmax(−x) along `dim`. */
export const softmin: (self: Tensor, ...args: DimArgs) => Tensor = (self, ...args) => {
  const { x, dim } = readDim("softmin", self, args, "float32");
  return softmax(x.neg(), dim);
};
