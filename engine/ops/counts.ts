import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, AutogradError, checkOptions, DTypeError } from "../base/errors.ts";
import { defaultGenerator, type Generator } from "../base/random.ts";
import { broadcastShapes } from "../base/shape.ts";
import * as kernels from "../kernels/counts.ts";
import { general } from "./define.ts";
import { notImplementedFor } from "./notImplemented.ts";
import type { DrawOptions } from "./sampling.ts";

const poissonOp = general<Generator>()({
  name: "poisson",
  summary: "How often something happens that does so at the rate that each element gives.",
  inputs: ["x"],
  forward: ([input], random) => {
    const x = densely(input as Tensor);
    const out = empty(x.shape, x.dtype);
    kernels.poisson(x.storage.values, x.offset, out.storage.values, random);
    return out;
  },
  backward: { x: ({ grad }) => grad.zerosLike() },
});

/** Poisson numbers of the rates that each element gives. After `manualSeed` the same as PyTorch's. Its gradient is zero. */
export const poisson: (self: Tensor, options?: DrawOptions) => Tensor = (self, options) => {
  checkOptions("poisson", options, ["generator"]);
  if (!isFloat(self.dtype)) throw notImplementedFor("poisson", self.dtype);
  if (!self.toArray().every((rate) => rate >= 0))
    throw new ArgumentError("poisson", "invalid Poisson rate, expected rate to be non-negative");
  return apply(poissonOp, [self], options?.generator ?? defaultGenerator);
};

const binomialOp = general<Generator>()({
  name: "binomial",
  node: "NotImplemented",
  summary: "How many of a number of trials succeed.",
  inputs: ["count", "prob"],
  forward: ([first, second], random) => {
    const [count, prob] = [densely(first as Tensor), densely(second as Tensor)];
    const out = empty(count.shape, count.dtype);
    const single = count.dtype === "float32";
    const { values } = out.storage;
    kernels.binomial(count.storage.values, count.offset, prob.storage.values, prob.offset, values, single, random);
    return out;
  },
  backward: { count: noDerivative, prob: noDerivative },
});

function noDerivative(): never {
  throw new AutogradError("derivative for binomial is not implemented", "binomial");
}

/** How many of `count` trials succeed with probability `prob`; the two broadcast. After `manualSeed` the same as PyTorch's. */
export const binomial: (count: Tensor, prob: Tensor, options?: DrawOptions) => Tensor = (count, prob, options) => {
  checkOptions("binomial", options, ["generator"]);
  if (!isFloat(count.dtype))
    throw new DTypeError("binomial", `only supports floating-point dtypes for count, got: ${count.dtype}`);
  if (prob.dtype !== count.dtype)
    throw new DTypeError("binomial", `Found dtype ${prob.dtype} but expected ${count.dtype}`);
  const shape = broadcastShapes("binomial", count.shape, prob.shape);
  return apply(binomialOp, [count.expand(shape), prob.expand(shape)], options?.generator ?? defaultGenerator);
};
