import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape, wrapDim } from "../base/shape.ts";

/** How many dimensions to contract, or which ones of each operand. */
export type ContractedDims = number | readonly [readonly number[], readonly number[]];

/** Options of `tensordot`. */
export interface TensordotOptions {
  /** A number n: the last n of the first with the first n of the second. Default 2. */
  readonly dims?: ContractedDims;
}

/** Sums of products over dimensions of two tensors: a matrix product with as many inner dimensions as `dims` says. */
export const tensordot: (
  self: Tensor,
  other: Tensor,
  ...args: [options?: TensordotOptions] | [dims: ContractedDims]
) => Tensor = (self, other, ...args) => {
  const { dims = 2 } = readArguments<TensordotOptions>("tensordot", args, ["dims"]);
  const [left, right] = contracted(self, other, dims);
  const first = onesSummed(self, left, other, right);
  const second = onesSummed(other, right, self, left);
  const keptLeft = self.shape.map((_, d) => d).filter((d) => !left.includes(d));
  const keptRight = other.shape.map((_, d) => d).filter((d) => !right.includes(d));
  const product = asMatrix(first, keptLeft, left).mm(asMatrix(second, right, keptRight));
  return product.reshape([...keptLeft.map((d) => self.shape[d]), ...keptRight.map((d) => other.shape[d])]);
};

function contracted(a: Tensor, b: Tensor, dims: ContractedDims): [number[], number[]] {
  const pairs = typeof dims === "number" ? innermost(a, b, dims) : dims;
  const left = pairs[0].map((dim) => wrapDim("tensordot", dim, a.ndim));
  const right = pairs[1].map((dim) => wrapDim("tensordot", dim, b.ndim));
  if (left.length !== right.length) {
    throw new ArgumentError(
      "tensordot",
      `both dimension lists should have same length, but got ${showShape(left)} and ${showShape(right)}`,
    );
  }
  left.forEach((dim, i) => {
    if (a.shape[dim] !== b.shape[right[i]] && a.shape[dim] !== 1 && b.shape[right[i]] !== 1) {
      throw new ShapeError(
        "tensordot",
        `contracted dimensions need to match, but first has size ${a.shape[dim]} in dim ${dim} and second has size ${b.shape[right[i]]} in dim ${right[i]}`,
      );
    }
  });
  return [left, right];
}

function innermost(a: Tensor, b: Tensor, n: number): [number[], number[]] {
  if (!Number.isInteger(n) || n < 0 || n > a.ndim || n > b.ndim) {
    throw new ArgumentError(
      "tensordot",
      `can't contract ${n} dimensions of shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  return [Array.from({ length: n }, (_, i) => a.ndim - n + i), Array.from({ length: n }, (_, i) => i)];
}

/** `x` summed, with keepdim, over the dimensions whose partner in `y` has size 1: what broadcasting that would give. */
function onesSummed(x: Tensor, dims: readonly number[], y: Tensor, partners: readonly number[]): Tensor {
  const wide = dims.filter((dim, i) => y.shape[partners[i]] === 1 && x.shape[dim] !== 1);
  return wide.length === 0 ? x : x.sum({ dim: wide, keepdim: true });
}

/** Two groups of dimensions as rows and columns. */
function asMatrix(x: Tensor, rows: readonly number[], columns: readonly number[]): Tensor {
  const count = (dims: readonly number[]): number => dims.reduce((n, d) => n * x.shape[d], 1);
  return x.permute([...rows, ...columns]).reshape(count(rows), count(columns));
}
