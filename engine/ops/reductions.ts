import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { type DType, isFloat, type TypedArray } from "../base/dtype.ts";
import { DTypeError } from "../base/errors.ts";
import type { Block } from "../kernels/block.ts";
import * as kernels from "../kernels/reduce.ts";
import { nansum as nansumKernel, sum as sumKernel } from "../kernels/sum.ts";
import { nextDims } from "./batching.ts";
import { general } from "./define.ts";
import { logOfShares, total } from "./hazards.ts";
import { hasZero, productOfOthers } from "./products.ts";
import {
  countOf,
  type DimsOptions,
  parseReduction,
  type ReduceArgs,
  type Reduced,
  readReduced,
  reduceLast,
  unreduce,
} from "./reduce.ts";
import { normal } from "./samples.ts";

/** Runs a kernel over the reduced dimensions. */
function reduceWith(
  kernel: (x: Block, out: TypedArray) => void,
  x: Tensor,
  attrs: Reduced,
  dtype: DType = x.dtype,
): Tensor {
  const { block, shape } = reduceLast(x, attrs);
  const out = empty(shape, dtype);
  kernel(block, out.storage.values);
  return out;
}

const sumOp = general<Reduced>()({
  name: "sum",
  summary: "Sum of elements, over all or some dimensions.",
  symbol: "Σ",
  inputs: ["x"],
  hazards: total,
  forward: ([x], attrs) => reduceWith(sumKernel, x as Tensor, attrs),
  onBatch: nextDims,
  backward: { x: (context) => unreduce(context.grad, context.attrs, context.input(0).shape) },
  accepts: [
    normal([[2, 3]]),
    normal([[2, 3]], { dim: 1 }),
    normal([[2, 3, 4]], 0),
    normal([[2, 3, 4]], { dim: [0, 2], keepdim: true }),
    normal([[]]),
    normal([[1, 1]], -1, true),
    normal([[0, 3]], 0),
  ],
  rejects: [normal([[2, 3]], { dim: 2 }), normal([[2, 3]], { dims: 1 }), normal([[2, 3]], [0, 0])],
});

/** Sum of elements; integers and booleans sum to int64. */
export const sum: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("sum", self, args, "int64");
  return apply(x.dtype === "bool" ? anyOp : sumOp, [x], attrs);
};

const meanOp = general<Reduced>()({
  name: "mean",
  summary: "Mean of elements, over all or some dimensions.",
  inputs: ["x"],
  hazards: total,
  forward: ([x], attrs) => {
    const out = reduceWith(sumKernel, x as Tensor, attrs);
    const n = countOf((x as Tensor).shape, attrs);
    const { values } = out.storage;
    for (let i = 0; i < values.length; i++) values[i] /= n;
    return out;
  },
  onBatch: nextDims,
  backward: {
    x: (context) => {
      const { grad, attrs } = context;
      const { shape } = context.input(0);
      // Spread first: each element has a gradient of its own then, which a hook may write to.
      return unreduce(grad, attrs, shape).div(countOf(shape, attrs));
    },
  },
  accepts: [
    normal([[2, 3]]),
    normal([[2, 3]], { dim: 1 }),
    normal([[2, 3, 4]], { dim: [0, 2], keepdim: true }),
    normal([[]]),
  ],
  rejects: [normal([[2, 3]], { dim: 2 }), normal([[2, 3]], { keepdims: true })],
});

/** Mean of elements. Integers have no mean: convert them first, or give a `dtype`. */
export const mean: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("mean", self, args, null);
  checkMeanDType("mean", x);
  return apply(meanOp, [x], attrs);
};

function checkMeanDType(op: string, { dtype }: Tensor): void {
  if (isFloat(dtype)) return;
  throw new DTypeError(
    op,
    `could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ${dtype}`,
  );
}

const nansumOp = general<Reduced>()({
  name: "nansum",
  summary: "Sum of elements, NaN counting as zero.",
  inputs: ["x"],
  saves: ["x"],
  forward: ([x], attrs) => reduceWith(nansumKernel, x as Tensor, attrs),
  onBatch: nextDims,
  backward: { x: ({ grad, attrs, x }) => unreduce(grad, attrs, x.shape).mul(x.eq(x)) },
  accepts: [normal([[2, 3]]), normal([[2, 3]], 1, true)],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** Sum of elements, NaN counting as zero. */
export const nansum: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("nansum", self, args, "int64");
  return apply(x.dtype === "bool" ? anyOp : nansumOp, [x], attrs);
};

/** Mean of the elements that are not NaN. */
export const nanmean: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("nanmean", self, args, null);
  checkMeanDType("nanmean", x);
  const options = { dim: attrs.dims, keepdim: attrs.keepdim };
  return nansum(x, options).div(x.detach().eq(x.detach()).sum(options));
};

const prodOp = general<Reduced>()({
  name: "prod",
  summary: "Product of elements, over all dimensions or one.",
  symbol: "Π",
  inputs: ["x"],
  saves: ["x", "out"],
  forward: ([x], attrs) => reduceWith(kernels.prod, x as Tensor, attrs),
  onBatch: nextDims,
  // ∂/∂xᵢ is the product of the others: the whole product divided by xᵢ, unless that is zero.
  backward: {
    x: ({ grad, attrs, x, out }) =>
      hasZero(x)
        ? unreduce(grad, attrs, x.shape).mul(productOfOthers(x, attrs))
        : unreduce(grad.mul(out), attrs, x.shape).div(x),
  },
  accepts: [normal([[2, 3]]), normal([[2, 3]], 1), normal([[2, 3]], { dim: 0, keepdim: true }), normal([[]])],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** Product of elements; integers give int64. */
export const prod: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("prod", self, args, "int64");
  return apply(x.dtype === "bool" ? allOp : prodOp, [x], attrs);
};

const anyOp = general<Reduced>()({
  name: "any",
  summary: "Whether any element is not zero.",
  inputs: ["x"],
  forward: ([x], attrs) => reduceWith(kernels.any, x as Tensor, attrs, "bool"),
  backward: null,
  accepts: [normal([[2, 3]]), normal([[2, 3]], 1, true)],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** Whether the list of dimensions is there and empty, which for `any` and `all`, unlike for others, means none. */
function overNothing([first]: ReduceArgs<DimsOptions>): boolean {
  const dim = typeof first === "object" && first !== null && "dim" in first ? first.dim : first;
  return Array.isArray(dim) && dim.length === 0;
}

/** Whether any element is not zero. */
export const any: (self: Tensor, ...args: ReduceArgs<DimsOptions>) => Tensor = (self, ...args) =>
  overNothing(args) ? self.ne(0) : apply(anyOp, [self], readReduced("any", self, args));

const allOp = general<Reduced>()({
  name: "all",
  summary: "Whether no element is zero.",
  inputs: ["x"],
  forward: ([x], attrs) => reduceWith(kernels.all, x as Tensor, attrs, "bool"),
  backward: null,
  accepts: [normal([[2, 3]]), normal([[2, 3]], 1, true)],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** Whether no element is zero. */
export const all: (self: Tensor, ...args: ReduceArgs<DimsOptions>) => Tensor = (self, ...args) =>
  overNothing(args) ? self.ne(0) : apply(allOp, [self], readReduced("all", self, args));

const countNonzeroOp = general<Reduced>()({
  name: "countNonzero",
  summary: "How many elements are not zero.",
  inputs: ["x"],
  forward: ([x], attrs) => reduceWith(kernels.countNonzero, x as Tensor, attrs, "int64"),
  backward: null,
  accepts: [normal([[2, 3]]), normal([[2, 3]], 1)],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** How many elements are not zero, as int64. */
export const countNonzero: (self: Tensor, ...args: ReduceArgs<DimsOptions>) => Tensor = (self, ...args) =>
  apply(countNonzeroOp, [self], readReduced("countNonzero", self, args));

const logsumexpOp = general<Reduced>()({
  name: "logsumexp",
  summary: "Logarithm of the sum of exponentials, without overflow.",
  symbol: "logΣexp",
  inputs: ["x"],
  saves: ["x", "out"],
  hazards: logOfShares,
  forward: ([x], attrs) => reduceWith(kernels.logsumexp, x as Tensor, attrs),
  // exp(x − out) is the softmax of x.
  backward: {
    x: ({ grad, attrs, x, out }) => unreduce(grad, attrs, x.shape).mul(x.sub(unreduce(out, attrs, x.shape)).exp()),
  },
  accepts: [normal([[2, 3]], 1), normal([[2, 3]], [0, 1]), normal([[2, 3, 2]], 1, true), normal([[]], 0)],
  rejects: [normal([[2, 3]], 2)],
});

/** log Σ exp over the given dimensions. */
export const logsumexp: (self: Tensor, ...args: ReduceArgs) => Tensor = (self, ...args) => {
  const { x, attrs } = parseReduction("logsumexp", self, args, "float32");
  return apply(logsumexpOp, [x], attrs);
};
