import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor, window } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { gather as copyInto } from "../kernels/copy.ts";
import * as kernels from "../kernels/scatterReduce.ts";
import { nextDim } from "./batching.ts";
import { general } from "./define.ts";
import { indexPositions } from "./placing.ts";
import { arranged, mixed, type Sample } from "./samples.ts";

/** How elements that meet in one place are combined. */
export type Reduction = "sum" | "prod" | "mean" | "amax" | "amin";

interface Attributes {
  readonly dim: number;
  readonly reduce: Reduction;
  readonly includeSelf: boolean;
}

const STEPS = {
  sum: { kernel: kernels.add, identity: 0 },
  prod: { kernel: kernels.multiply, identity: 1 },
  mean: { kernel: kernels.add, identity: 0 },
  amax: { kernel: kernels.largest, identity: Number.NEGATIVE_INFINITY },
  amin: { kernel: kernels.smallest, identity: Number.POSITIVE_INFINITY },
} as const;

const combining = (sample: Sample, reduce: Reduction, includeSelf: boolean): Sample =>
  arranged(sample, `${reduce}${includeSelf ? " with self" : ""}`, ([x, index, src]) => [
    x,
    0,
    index,
    src,
    reduce,
    { includeSelf },
  ]);

const scatterReduceOp = general<Attributes>()({
  name: "scatterReduce",
  summary: "A copy where the elements that an index sends to one place are combined.",
  inputs: ["x", "index", "src"],
  saves: ["x", "index", "src", "out"],
  forward: ([x, index, src], { dim, reduce, includeSelf }) => {
    const [self, where, given] = [x as Tensor, index as Tensor, src as Tensor];
    const out = empty(self.shape, self.dtype);
    const { values } = out.storage;
    copyInto(self, values, 0);
    const positions = indexPositions("scatterReduce", where, self.shape, dim);
    const source = densely(window(given, where.shape, given.strides, given.offset));
    const { kernel, identity } = STEPS[reduce];
    if (!includeSelf) for (const at of positions) values[at] = identity;
    kernel(values, positions, source.storage.values, source.offset);
    if (reduce === "mean") kernels.divideByCounts(values, positions, includeSelf ? 1 : 0, !isFloat(out.dtype));
    return out;
  },
  onBatch: nextDim,
  backward: {
    x: ({ grad, x, index, src, out, attrs }) => {
      const own = gradientOfSelf(grad, { x, index, src, out }, attrs);
      return attrs.includeSelf ? own : own.scatter(attrs.dim, index, 0);
    },
    index: null,
    src: ({ grad, x, index, src, out, attrs }) => {
      const used = partOf(src, index);
      return placedIn(gradientOfSource(grad, { x, index, src: used, out }, attrs), src);
    },
  },
  accepts: (["sum", "prod", "mean", "amax", "amin"] as const).flatMap((reduce) => [
    combining(
      mixed([
        ["distinct", [3, 2]],
        [{ index: 3 }, [4, 2]],
        ["distinct", [4, 2]],
      ]),
      reduce,
      true,
    ),
    combining(
      mixed([
        ["distinct", [3, 2]],
        [{ index: 3 }, [2, 1]],
        ["distinct", [3, 2]],
      ]),
      reduce,
      false,
    ),
  ]),
  rejects: [
    combining(
      mixed([
        ["normal", [3]],
        [{ index: 3 }, [2, 1]],
        ["normal", [2]],
      ]),
      "sum",
      true,
    ),
  ],
});

interface Saved {
  readonly x: Tensor;
  readonly index: Tensor;
  readonly src: Tensor;
  readonly out: Tensor;
}

/** The part of a larger source that the index reaches. */
function partOf(src: Tensor, index: Tensor): Tensor {
  if (index.elements === 0) return src.reshape(-1).narrow(0, 0, 0).reshape(index.shape);
  // A number counts as a vector of one.
  const [sizes, whole] = [index.ndim === 0 ? [1] : index.shape, src.ndim === 0 ? src.reshape([1]) : src];
  const part = sizes.reduce((rest, size, d) => (rest.shape[d] === size ? rest : rest.narrow(d, 0, size)), whole);
  return index.ndim === 0 ? part.reshape([]) : part;
}

/** Its gradient, zeros where nothing was read. */
function placedIn(grad: Tensor, src: Tensor): Tensor {
  if (grad.elements === src.elements) return grad.reshape(src.shape);
  if (grad.elements === 0) return src.zerosLike();
  const { strides } = empty(src.shape, "bool");
  return grad.asStridedSum(src.shape, strides, 0);
}

function gradientOfSelf(grad: Tensor, saved: Saved, attrs: Attributes): Tensor {
  const { x, index, src } = saved;
  switch (attrs.reduce) {
    case "sum":
      return grad;
    case "mean":
      return grad.div(countsAt(grad, saved, attrs));
    case "prod": {
      // The product of the others: the whole one with this factor replaced by 1 where it is zero, else divided by it.
      const safe = x.maskedFill(x.eq(0), 1);
      const product = safe.scatterReduce(attrs.dim, index, partOf(src, index), "prod", {
        includeSelf: attrs.includeSelf,
      });
      return grad.mul(product).div(safe);
    }
    default:
      return grad.div(winners(saved, attrs)).mul(x.eq(saved.out));
  }
}

function gradientOfSource(grad: Tensor, saved: Saved, attrs: Attributes): Tensor {
  const { x, index, src, out } = saved;
  const { dim, includeSelf } = attrs;
  switch (attrs.reduce) {
    case "sum":
      return grad.gather(dim, index);
    case "mean":
      return grad.gather(dim, index).div(countsAt(grad, saved, attrs).gather(dim, index));
    case "prod": {
      const zero = src.eq(0);
      const zeros = x.detach().zerosLike().scatterAdd(dim, index, zero.to(x.dtype)).gather(dim, index);
      const onlyZero = zero.logicalAnd(zeros.eq(1));
      const without = x.scatterReduce(dim, index, src.maskedFill(onlyZero, 1), "prod", { includeSelf });
      const others = grad.mul(out).gather(dim, index).div(src.maskedFill(zero, 1));
      return grad.mul(without).gather(dim, index).where(onlyZero, others);
    }
    default: {
      const chosen = src.eq(out.gather(dim, index));
      return grad.div(winners(saved, attrs)).gather(dim, index).mul(chosen);
    }
  }
}

/** How many elements met in each place; at least 1. */
function countsAt(grad: Tensor, { index, src }: Saved, { dim, includeSelf }: Attributes): Tensor {
  const start = includeSelf ? grad.detach().onesLike() : grad.detach().zerosLike();
  const counts = start.scatterAdd(dim, index, partOf(src, index).detach().onesLike());
  return counts.maskedFill(counts.eq(0), 1);
}

/** How many elements attain the extreme of each place: they share its gradient. */
function winners({ x, index, src, out }: Saved, { dim }: Attributes): Tensor {
  const own = x.eq(out).to(out.dtype);
  return own.scatterAdd(dim, index, partOf(src, index).eq(out.gather(dim, index)).to(out.dtype));
}

/** Combines the elements of `src` that `index` sends to one place, and what was there unless that is left out. */
export function scatterReduced(self: Tensor, index: Tensor, src: Tensor, attrs: Attributes): Tensor {
  if (!(attrs.reduce in STEPS)) {
    throw new ArgumentError(
      "scatterReduce",
      `reduce argument must be either sum, prod, mean, amax or amin, got ${String(attrs.reduce)}`,
    );
  }
  return apply(scatterReduceOp, [self, index, src], attrs);
}
