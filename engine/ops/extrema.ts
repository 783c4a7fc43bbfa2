import { apply, applyAll } from "../autograd/dispatch.ts";
import { empty, Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, IndexError } from "../base/errors.ts";
import * as kernels from "../kernels/reduce.ts";
import { general } from "./define.ts";
import { backToIndices, evenlyAlong, evenlyTo } from "./extremes.ts";
import { type NamedResult, namedResult, type ValuesIndices } from "./namedResult.ts";
import {
  type Along,
  alongDim,
  checkNotEmpty,
  type DimOptions,
  type DimsOptions,
  type ReduceArgs,
  type Reduced,
  readReduced,
  reduceLast,
} from "./reduce.ts";
import { distinct, normal } from "./samples.ts";

type Kernel = typeof kernels.max;

/** Extreme elements and where they lie. */
function extremes(kernel: Kernel, x: Tensor, attrs: Reduced): readonly [values: Tensor, indices: Tensor] {
  const { block, shape } = reduceLast(x, attrs);
  const values = empty(shape, x.dtype);
  const indices = empty(shape, "int64");
  kernel(block, values.storage.values, indices.storage.values);
  return [values, indices];
}

const asReduced = ({ dim, keepdim }: Along, x: Tensor): Reduced => ({ dims: x.ndim === 0 ? [] : [dim], keepdim });

/** All dimensions; an empty tensor has no extremes. */
function everything(op: string, x: Tensor): Reduced {
  if (x.elements === 0) {
    throw new IndexError(
      op,
      "Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.",
    );
  }
  return { dims: x.shape.map((_, d) => d), keepdim: false };
}

const extremum = (name: "amax" | "amin", summary: string, kernel: Kernel) =>
  general<Reduced>()({
    name,
    summary,
    inputs: ["x"],
    saves: ["x", "out"],
    forward: ([x], attrs) => extremes(kernel, x as Tensor, attrs)[0],
    backward: { x: ({ grad, attrs, x, out }) => evenlyAlong(x, out, grad, attrs) },
    accepts: [distinct([[2, 3]]), distinct([[2, 3]], 1), distinct([[2, 3, 2]], [0, 2], true), distinct([[]])],
    rejects: [normal([[2, 3]], 2), normal([[0, 3]], 0)],
  });

const amaxOp = extremum("amax", "Largest element, over all or some dimensions; ties share the gradient.", kernels.max);
const aminOp = extremum("amin", "Smallest element, over all or some dimensions; ties share the gradient.", kernels.min);

/** Largest elements over the given dimensions. Ties share the gradient evenly. */
export const amax: (self: Tensor, ...args: ReduceArgs<DimsOptions>) => Tensor = (self, ...args) => {
  const attrs = readReduced("amax", self, args);
  checkNotEmpty("amax", self, attrs);
  return apply(amaxOp, [self], attrs);
};

/** Smallest elements over the given dimensions. Ties share the gradient evenly. */
export const amin: (self: Tensor, ...args: ReduceArgs<DimsOptions>) => Tensor = (self, ...args) => {
  const attrs = readReduced("amin", self, args);
  checkNotEmpty("amin", self, attrs);
  return apply(aminOp, [self], attrs);
};

const aminmaxOp = general<Reduced>()({
  name: "aminmax",
  summary: "Smallest and largest element.",
  inputs: ["x"],
  outputs: ["min", "max"],
  saves: ["x", "min", "max"],
  forward: ([x], attrs) => [extremes(kernels.min, x as Tensor, attrs)[0], extremes(kernels.max, x as Tensor, attrs)[0]],
  backward: {
    x: ({ grads: [ofMin, ofMax], attrs, x, min, max }) => {
      const low = ofMin === null ? null : evenlyAlong(x, min, ofMin, attrs);
      const high = ofMax === null ? null : evenlyAlong(x, max, ofMax, attrs);
      return low === null ? high : high === null ? low : low.add(high);
    },
  },
  accepts: [distinct([[2, 3]]), distinct([[2, 3]], { dim: 1, keepdim: true })],
  rejects: [normal([[2, 3]], { dim: 2 })],
});

/** Smallest and largest elements of the whole or along one dimension. */
export const aminmax: (self: Tensor, options?: DimOptions) => NamedResult<readonly ["min", "max"]> = (
  self,
  options = {},
) => {
  const attrs = readReduced("aminmax", self, [options]);
  checkNotEmpty("aminmax", self, attrs);
  return namedResult(["min", "max"], applyAll(aminmaxOp, [self], attrs));
};

const fullExtremum = (name: "max" | "min", summary: string, kernel: Kernel) =>
  general()({
    name,
    node: name === "max" ? "MaxBackward1" : "MinBackward1",
    summary,
    inputs: ["x"],
    saves: ["x", "out"],
    forward: ([x]) => extremes(kernel, x as Tensor, everything(name, x as Tensor))[0],
    backward: { x: ({ grad, x, out }) => evenlyTo(x, out, grad) },
    accepts: [distinct([[2, 3]]), distinct([[]])],
    rejects: [normal([[0, 3]])],
  });

const extremumAlong = (name: "max" | "min", summary: string, kernel: Kernel) =>
  general<Along>()({
    name,
    overload: "dim",
    summary,
    inputs: ["x"],
    outputs: ["values", "indices"],
    saves: ["indices"],
    forward: ([x], attrs) => extremes(kernel, x as Tensor, asReduced(attrs, x as Tensor)),
    backward: {
      x: (context) => {
        const { grad, indices, attrs } = context;
        return backToIndices(grad, indices, attrs.dim, attrs.keepdim, context.input(0).shape);
      },
    },
    accepts: [distinct([[2, 3]], 1), distinct([[2, 3, 2]], 0, true), distinct([[]], { dim: -1 })],
    rejects: [normal([[2, 3]], 2), normal([[0, 3]], 0)],
  });

const MAX = "Largest element of the whole, or largest elements along a dimension and where they lie.";
const MIN = "Smallest element of the whole, or smallest elements along a dimension and where they lie.";
const maxOp = fullExtremum("max", MAX, kernels.max);
const minOp = fullExtremum("min", MIN, kernels.min);
const maxAlongOp = extremumAlong("max", MAX, kernels.max);
const minAlongOp = extremumAlong("min", MIN, kernels.min);

/** What `max` and `min` take, as functions. */
export interface Extremum {
  /** Of all elements; ties share the gradient evenly. */
  (self: Tensor): Tensor;
  /** Of each pair of elements. */
  (self: Tensor, other: Tensor): Tensor;
  /** Along a dimension, and where; of ties the first. */
  (self: Tensor, dim: number | DimOptions, keepdim?: boolean): ValuesIndices;
}

/** What `max` and `min` take, as methods. */
export interface ExtremumMethods {
  /** Of all elements; ties share the gradient evenly. */
  max(): Tensor;
  /** Of each pair of elements. */
  max(other: Tensor): Tensor;
  /** Along a dimension, and where; of ties the first. */
  max(dim: number | DimOptions, keepdim?: boolean): ValuesIndices;
  /** Of all elements; ties share the gradient evenly. */
  min(): Tensor;
  /** Of each pair of elements. */
  min(other: Tensor): Tensor;
  /** Along a dimension, and where; of ties the first. */
  min(dim: number | DimOptions, keepdim?: boolean): ValuesIndices;
}

type Which = number | Tensor | DimOptions | undefined;

/** Largest of all elements, of pairs, or along a dimension. */
export const max = ((self: Tensor, which?: Which, keepdim?: boolean): Tensor | ValuesIndices => {
  if (which === undefined) return apply(maxOp, [self], undefined);
  if (which instanceof Tensor) return self.maximum(which);
  return namedResult(["values", "indices"], applyAll(maxAlongOp, [self], readAlong("max", self, which, keepdim)));
}) as Extremum;

/** Smallest of all elements, of pairs, or along a dimension. */
export const min = ((self: Tensor, which?: Which, keepdim?: boolean): Tensor | ValuesIndices => {
  if (which === undefined) return apply(minOp, [self], undefined);
  if (which instanceof Tensor) return self.minimum(which);
  return namedResult(["values", "indices"], applyAll(minAlongOp, [self], readAlong("min", self, which, keepdim)));
}) as Extremum;

function readAlong(op: string, x: Tensor, which: number | DimOptions, keepdim: boolean | undefined): Along {
  if (which === null) throw new ArgumentError(op, "expected a dimension, a tensor or nothing, but got null");
  const options = readArguments<DimOptions>(op, keepdim === undefined ? [which] : [which, keepdim], ["dim", "keepdim"]);
  return alongDim(op, x, options.dim, options.keepdim ?? false);
}

interface ArgAttributes {
  readonly dim: number | null;
  readonly keepdim: boolean;
}

const argExtremum = (name: "argmax" | "argmin", summary: string, kernel: Kernel) =>
  general<ArgAttributes>()({
    name,
    summary,
    inputs: ["x"],
    forward: ([x], { dim, keepdim }) => {
      const self = x as Tensor;
      const attrs = dim === null ? { ...everything(name, self), keepdim } : asReduced({ dim, keepdim }, self);
      return extremes(kernel, self, attrs)[1];
    },
    backward: null,
    accepts: [normal([[2, 3]]), normal([[2, 3]], 1), normal([[2, 3]], { dim: 0, keepdim: true })],
    rejects: [normal([[2, 3]], 2), normal([[0, 3]])],
  });

const argmaxOp = argExtremum("argmax", "Index of the (first) largest element.", kernels.max);
const argminOp = argExtremum("argmin", "Index of the (first) smallest element.", kernels.min);

type ArgArgs = [dim?: number | DimOptions | null, keepdim?: boolean | DimOptions];

function readArg(op: string, x: Tensor, args: ArgArgs): ArgAttributes {
  const { dim = null, keepdim = false } = readArguments<{ dim?: number | null; keepdim?: boolean }>(op, args, [
    "dim",
    "keepdim",
  ]);
  return dim === null ? { dim, keepdim } : alongDim(op, x, dim, keepdim);
}

/** Index of the largest element along a dimension, or in the flattened tensor. */
export const argmax: (self: Tensor, ...args: ArgArgs) => Tensor = (self, ...args) =>
  apply(argmaxOp, [self], readArg("argmax", self, args));

/** Index of the smallest element along a dimension, or in the flattened tensor. */
export const argmin: (self: Tensor, ...args: ArgArgs) => Tensor = (self, ...args) =>
  apply(argminOp, [self], readArg("argmin", self, args));
