import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/sum.ts";
import { general } from "./define.ts";
import { parseReduction, type ReduceArgs, type Reduced, reduceLast, unreduce } from "./reduce.ts";
import { normal } from "./samples.ts";

const sumOp = general<Reduced>()({
  name: "sum",
  summary: "Sum of elements, over all or some dimensions.",
  symbol: "Σ",
  inputs: ["x"],
  forward: ([x], attrs) => {
    const { values, outer, n, inner, shape } = reduceLast(x as Tensor, attrs);
    const out = empty(shape, values.dtype);
    kernels.sum(values.storage.values, values.offset, outer, n, inner, out.storage.values, 0);
    return out;
  },
  backward: { x: (context) => unreduce(context.grad, context.attrs, context.input(0).shape) },
  accepts: [normal([[2, 3]]), normal([[2, 3]], { dim: 1 }), normal([[2, 3, 4]], { dim: [0, 2], keepdim: true }), normal([[]])],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** Sum of elements; integers and booleans sum to int64. */
export const sum: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("sum", self, args, "int64");
  return apply(sumOp, [x], attrs);
};
