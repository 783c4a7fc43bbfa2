import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { wrapDim } from "../base/shape.ts";
import { checkRows } from "./indexTensors.ts";
import type { ScatterReduceOptions } from "./scattering.ts";
import { type Reduction, scatterReduced } from "./scatterReduction.ts";

// What is done to whole slices along a dimension. The in-place methods come from these.

interface NamedRenorm {
  readonly p: number;
  readonly dim: number;
  readonly maxnorm: number;
}

/** A copy whose slices along `dim` are shrunk to the p-norm `maxnorm` where they have more. */
export const renorm: (self: Tensor, ...args: [p: number, dim: number, maxnorm: number] | [NamedRenorm]) => Tensor = (
  self,
  ...args
) => {
  const [p, dim, maxnorm] = byPosition("renorm", args, ["p", "dim", "maxnorm"]) as [number, number, number];
  if (self.ndim < 2)
    throw new ShapeError(
      "renorm",
      `input needs at least 2 dimensions, got ${self.ndim} dimension${self.ndim === 1 ? "s" : ""}`,
    );
  if (!(p > 0)) throw new ArgumentError("renorm", `non-positive-norm not supported, but got p = ${p}`);
  if (!(maxnorm >= 0)) throw new ArgumentError("renorm", `expected maxnorm to be >= 0 but got ${maxnorm}`);
  const along = wrapDim("renorm", dim, self.ndim);
  const others = self.shape.map((_, d) => d).filter((d) => d !== along);
  const norms = self.norm({ p, dim: others, keepdim: true });
  // So that nothing is divided by 0; PyTorch adds the same.
  const factors = norms.add(1e-7).reciprocal().mul(maxnorm);
  return self.mul(factors.where(norms.gt(maxnorm), 1));
};

type SliceReduction = Exclude<Reduction, "sum">;

interface NamedIndexReduce extends ScatterReduceOptions {
  readonly reduce: SliceReduction;
}

/** A copy where all slices of `source` that go to one slice of `dim` are combined: their prod, mean, amax or amin. */
export const indexReduce: (
  self: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: SliceReduction | NamedIndexReduce,
  options?: ScatterReduceOptions,
) => Tensor = (self, dim, index, source, ...args) => {
  const [reduce, options] = byPosition("indexReduce", args, ["reduce"]) as [SliceReduction, ScatterReduceOptions?];
  const { includeSelf = true } = readArguments<ScatterReduceOptions>("indexReduce", [options], ["includeSelf"]);
  if (!REDUCTIONS.includes(reduce)) {
    const got = String(reduce);
    throw new ArgumentError("indexReduce", `Expected reduce to be one of prod, mean, amax or amin but got ${got}.`);
  }
  const along = checkRows("indexReduce", self, dim, index, source);
  // The same index for every element of a slice.
  const places = index.reshape(source.shape.map((_, d) => (d === along ? index.elements : 1))).expand(source.shape);
  return scatterReduced(self, places, source, { dim: along, reduce, includeSelf });
};

const REDUCTIONS: readonly string[] = ["prod", "mean", "amax", "amin"];
