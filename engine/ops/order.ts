import { apply, applyAll } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, IndexError } from "../base/errors.ts";
import { wrapDim } from "../base/shape.ts";
import * as kernels from "../kernels/sort.ts";
import { general } from "./define.ts";
import { backToIndices, evenlyTo } from "./extremes.ts";
import { namedResult, type ValuesIndices } from "./namedResult.ts";
import { type Along, alongDim, blockAlong, type DimOptions, shapeWithout } from "./reduce.ts";
import { distinct, normal } from "./samples.ts";

type Pair = readonly [values: Tensor, indices: Tensor];
type PairKernel = (
  x: ReturnType<typeof blockAlong>,
  values: Tensor["storage"]["values"],
  indices: Float64Array,
) => void;

/** Picks one element per row along a dimension. */
function pickAlong(kernel: PairKernel, x: Tensor, { dim, keepdim }: Along): Pair {
  const shape = shapeWithout(x.shape, dim, keepdim);
  const values = empty(shape, x.dtype);
  const indices = empty(shape, "int64");
  if (values.elements > 0) {
    kernel(blockAlong(densely(x), dim), values.storage.values, indices.storage.values as Float64Array);
  }
  return [values, indices];
}

/** An op that picks one element per row: its gradient goes back to where that was. */
const picking = <A extends Along>(spec: {
  readonly name: string;
  readonly overload?: string;
  readonly node: string;
  readonly summary: string;
  readonly kernel: (attrs: A) => PairKernel;
  readonly accepts: readonly ReturnType<typeof normal>[];
  readonly rejects: readonly ReturnType<typeof normal>[];
}) =>
  general<A>()({
    name: spec.name,
    node: spec.node,
    summary: spec.summary,
    inputs: ["x"],
    ...(spec.overload === undefined ? {} : { overload: spec.overload }),
    outputs: ["values", "indices"],
    saves: ["indices"],
    forward: ([x], attrs) => pickAlong(spec.kernel(attrs), x as Tensor, attrs),
    backward: {
      x: (context) => {
        const { grad, indices, attrs } = context;
        return backToIndices(grad, indices, attrs.dim, attrs.keepdim, context.input(0).shape);
      },
    },
    accepts: spec.accepts,
    rejects: spec.rejects,
  });

const fullMedian = (name: "median" | "nanmedian", skipNan: boolean) =>
  general()({
    name,
    summary: "The (lower) median of all elements.",
    inputs: ["x"],
    saves: ["x", "out"],
    forward: ([x]) => {
      const self = densely(x as Tensor);
      const out = empty([], self.dtype);
      const { values } = out.storage;
      const whole = { values: self.storage.values, offset: self.offset, outer: 1, n: self.elements, inner: 1 };
      if (self.elements === 0) values[0] = Number.NaN;
      else kernels.median(whole, skipNan, values, new Float64Array(1));
      return out;
    },
    backward: { x: ({ grad, x, out }) => evenlyTo(x, out, grad) },
    accepts: [distinct([[2, 3]]), distinct([[]])],
  });

const medianAlong = (name: "median" | "nanmedian", skipNan: boolean) =>
  picking<Along>({
    name,
    overload: "dim",
    node: skipNan ? "NanmedianBackward1" : "MedianBackward1",
    summary: "The (lower) median of all elements, or medians along a dimension and where they lie.",
    kernel: () => (x, values, indices) => kernels.median(x, skipNan, values, indices),
    accepts: [distinct([[2, 3]], 1), distinct([[4, 3]], 0, true)],
    rejects: [normal([[2, 3]], 2)],
  });

const medianOp = fullMedian("median", false);
const nanmedianOp = fullMedian("nanmedian", true);
const medianAlongOp = medianAlong("median", false);
const nanmedianAlongOp = medianAlong("nanmedian", true);

/** What `median` and `nanmedian` take, as functions. */
export interface Median {
  /** Of all elements. */
  (self: Tensor): Tensor;
  /** Along a dimension, and where. */
  (self: Tensor, dim: number | DimOptions, keepdim?: boolean): ValuesIndices;
}

/** What `median` and `nanmedian` take, as methods. */
export interface MedianMethods {
  /** The lower median of all elements. */
  median(): Tensor;
  /** Lower medians along a dimension, and where. */
  median(dim: number | DimOptions, keepdim?: boolean): ValuesIndices;
  /** The lower median of the elements that are not NaN. */
  nanmedian(): Tensor;
  /** Lower medians of what is not NaN along a dimension, and where. */
  nanmedian(dim: number | DimOptions, keepdim?: boolean): ValuesIndices;
}

type MedianArgs = [dim?: number | DimOptions, keepdim?: boolean];

/** The lower median of all elements or along a dimension; NaN when there is one. */
export const median = ((self: Tensor, ...args: MedianArgs): Tensor | ValuesIndices =>
  args.length === 0
    ? apply(medianOp, [self], undefined)
    : pair(applyAll(medianAlongOp, [self], readAlong("median", self, args)))) as Median;

/** The lower median of the elements that are not NaN. */
export const nanmedian = ((self: Tensor, ...args: MedianArgs): Tensor | ValuesIndices =>
  args.length === 0
    ? apply(nanmedianOp, [self], undefined)
    : pair(applyAll(nanmedianAlongOp, [self], readAlong("nanmedian", self, args)))) as Median;

const pair = (tensors: readonly Tensor[]): ValuesIndices => namedResult(["values", "indices"], tensors);

/** Reads `dim` (default the last) and `keepdim`. */
function readAlong(op: string, x: Tensor, args: readonly unknown[]): Along {
  const { dim = -1, keepdim = false } = readArguments<DimOptions>(op, args, ["dim", "keepdim"]);
  return alongDim(op, x, dim, keepdim);
}

const modeOp = picking<Along>({
  name: "mode",
  node: "ModeBackward0",
  summary: "The most frequent element along a dimension, and where it lies.",
  kernel: () => kernels.mode,
  accepts: [distinct([[2, 3]]), distinct([[2, 3]], 0, true)],
  rejects: [normal([[2, 3]], 2)],
});

/** The most frequent element along `dim` (default the last), the smallest of several, and where it lies. */
export const mode: (self: Tensor, ...args: [dim?: number | DimOptions, keepdim?: boolean]) => ValuesIndices = (
  self,
  ...args
) => pair(applyAll(modeOp, [self], readAlong("mode", self, args)));

interface KthAttributes extends Along {
  readonly k: number;
}

const kthvalueOp = picking<KthAttributes>({
  name: "kthvalue",
  node: "KthvalueBackward0",
  summary: "The k-th smallest element along a dimension, and where it lies.",
  kernel:
    ({ k }) =>
    (x, values, indices) =>
      kernels.kth(x, k - 1, values, indices),
  accepts: [distinct([[2, 3]], 2), distinct([[2, 3]], 1, 0, true), distinct([[]], 1)],
  rejects: [normal([[2, 3]], 4), normal([[2, 3]], 1, 2)],
});

type KthArgs = [dim?: number | DimOptions, keepdim?: boolean | DimOptions];

/** The k-th smallest element (k from 1) along `dim` (default the last), and where it lies. */
export const kthvalue: (self: Tensor, k: number, ...args: KthArgs) => ValuesIndices = (self, k, ...args) => {
  const along = readAlong("kthvalue", self, args);
  const size = self.ndim === 0 ? 1 : self.shape[along.dim];
  if (!Number.isInteger(k) || k < 1 || k > size) {
    throw new IndexError(
      "kthvalue",
      `selected number k out of range for dimension ${along.dim}: k is ${k}, size ${size}`,
    );
  }
  return pair(applyAll(kthvalueOp, [self], { ...along, k }));
};

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Default the last. */
  readonly dim?: number | undefined;
  /** Largest first. Default false. */
  readonly descending?: boolean | undefined;
  /** Equal elements always keep their order here; the option is PyTorch's. */
  readonly stable?: boolean | undefined;
}

interface SortAttributes {
  readonly dim: number;
  readonly k: number;
  readonly first: "largest" | "smallest";
}

/** The first `k` along a dimension, in order. */
function sortAlong(x: Tensor, { dim, k, first }: SortAttributes): Pair {
  const shape = x.shape.map((size, d) => (d === dim ? k : size));
  const values = empty(shape, x.dtype);
  const indices = empty(shape, "int64");
  if (values.elements === 0) return [values, indices];
  const block = blockAlong(densely(x), dim);
  const [v, i] = [values.storage.values, indices.storage.values];
  // Keeping a short list sorted looks at most elements once; a long one is cheaper to sort as a whole.
  if (k < block.n && k <= 64) kernels.topk(block, k, first === "largest", v, i);
  else kernels.sort(block, k, first === "largest", v, i);
  return [values, indices];
}

const sorting = (
  name: "sort" | "topk",
  summary: string,
  spec: Pick<Parameters<typeof picking>[0], "accepts" | "rejects">,
) =>
  general<SortAttributes>()({
    name,
    summary,
    inputs: ["x"],
    outputs: ["values", "indices"],
    saves: ["indices"],
    forward: ([x], attrs) => sortAlong(x as Tensor, attrs),
    backward: {
      x: (context) => backToIndices(context.grad, context.indices, context.attrs.dim, true, context.input(0).shape),
    },
    accepts: spec.accepts,
    rejects: spec.rejects,
  });

const sortOp = sorting("sort", "Elements in order along a dimension, and where they were.", {
  accepts: [distinct([[2, 3]]), distinct([[4, 2]], 0, true), distinct([[]]), distinct([[0, 2]])],
  rejects: [normal([[2, 3]], 2), normal([[2, 3]], { order: "down" })],
});

type SortArgs = [dim?: number | SortOptions, descending?: boolean | SortOptions];

/** Elements in order along `dim` (default the last), and where they were. Equal ones keep their order; NaN counts as largest. */
export const sort: (self: Tensor, ...args: SortArgs) => ValuesIndices = (self, ...args) => {
  const { dim = -1, descending = false } = readArguments<SortOptions>("sort", args, ["dim", "descending", "stable"]);
  const along = wrapDim("sort", dim, self.ndim);
  const k = self.ndim === 0 ? 1 : self.shape[along];
  return pair(applyAll(sortOp, [self], { dim: along, k, first: descending ? "largest" : "smallest" }));
};

/** The indices that would sort along `dim` (default the last). */
export const argsort: (self: Tensor, ...args: SortArgs) => Tensor = (self, ...args) => {
  const options = readArguments<SortOptions>("argsort", args, ["dim", "descending", "stable"]);
  return sort(self.detach(), options).indices;
};

/** Options of `topk`. */
export interface TopkOptions {
  /** Default the last. */
  readonly dim?: number | undefined;
  /** false picks the smallest. Default true. */
  readonly largest?: boolean | undefined;
  /** Results are always in order here; the option is PyTorch's. */
  readonly sorted?: boolean | undefined;
}

const topkOp = sorting("topk", "The k largest elements along a dimension in order, and where they were.", {
  accepts: [distinct([[2, 3]], 2), distinct([[4, 2]], 3, 0, false), distinct([[2, 3]], 0)],
  rejects: [normal([[2, 3]], 4), normal([[2, 3]], 1, 2)],
});

type TopkArgs = [dim?: number | TopkOptions, largest?: boolean | TopkOptions, sorted?: boolean | TopkOptions];

/** The k largest (or smallest) elements along `dim` (default the last) in order, and where they were. */
export const topk: (self: Tensor, k: number, ...args: TopkArgs) => ValuesIndices = (self, k, ...args) => {
  const { dim = -1, largest = true } = readArguments<TopkOptions>("topk", args, ["dim", "largest", "sorted"]);
  if (!Number.isInteger(k)) throw new ArgumentError("topk", `k must be a whole number, but got ${String(k)}`);
  const along = wrapDim("topk", dim, self.ndim);
  const size = self.ndim === 0 ? 1 : self.shape[along];
  if (k < 0 || k > size) {
    throw new IndexError("topk", `selected index k out of range: k is ${k}, and dimension ${along} has size ${size}`);
  }
  // A number stays one, as PyTorch has it, also where none are asked for.
  const count = self.ndim === 0 ? 1 : k;
  return pair(applyAll(topkOp, [self], { dim: along, k: count, first: largest ? "largest" : "smallest" }));
};
