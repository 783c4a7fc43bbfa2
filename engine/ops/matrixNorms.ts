import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape, wrapDim } from "../base/shape.ts";
import { svdvals } from "./factorizations.ts";
import { checkFloat, checkMatrix, checkSquare } from "./matrixBatches.ts";
import { inv } from "./solving.ts";
import { vectorNorm } from "./vectorNorm.ts";

/**
 * fro: root of the sum of squares; nuc: sum of singular values; 2, -2: largest, smallest singular value; 1, -1: largest,
 * smallest sum of a column's absolute values; ±Infinity: the same of a row.
 */
export type MatrixOrder = "fro" | "nuc" | number;

/** Options of `linalg.matrixNorm`. */
export interface MatrixNormOptions {
  /** Default "fro". */
  readonly ord?: MatrixOrder;
  /** The two dimensions of the matrices. Default the last two. */
  readonly dim?: readonly number[];
  readonly keepdim?: boolean;
}

type MatrixNormArgs = [options?: MatrixNormOptions] | [ord: MatrixOrder, dim?: readonly number[], keepdim?: boolean];

/** Norms of matrices. */
export const matrixNorm: (self: Tensor, ...args: MatrixNormArgs) => Tensor = (self, ...args) => {
  const options = readArguments<MatrixNormOptions>("matrixNorm", args, ["ord", "dim", "keepdim"]);
  const { ord = "fro", dim = [-2, -1], keepdim = false } = options;
  checkFloat("matrixNorm", self);
  const [rows, columns] = matrixDims(self, dim);
  if (ord === "fro") return vectorNorm(self, 2, [rows, columns], keepdim);
  const last = self.movedim([rows, columns], [-2, -1]);
  const value = normOfLast(last, ord);
  return keepdim ? value.unsqueeze(-1).unsqueeze(-1).movedim([-2, -1], [rows, columns]) : value;
};

function matrixDims(x: Tensor, dim: readonly number[]): [number, number] {
  if (x.ndim < 2 || dim.length !== 2) {
    throw new ShapeError(
      "matrixNorm",
      `dim must be a 2-tuple of dimensions of a tensor with at least 2, but got ${showShape(dim)} for shape ${showShape(x.shape)}`,
    );
  }
  const rows = wrapDim("matrixNorm", dim[0], x.ndim);
  const columns = wrapDim("matrixNorm", dim[1], x.ndim);
  if (rows === columns) throw new ShapeError("matrixNorm", `dims must be different. Got ${showShape(dim)}`);
  return [rows, columns];
}

function normOfLast(x: Tensor, ord: MatrixOrder): Tensor {
  switch (ord) {
    case "nuc":
      return svdvals(x).sum(-1);
    case 2:
      return largest(svdvals(x));
    case -2:
      return svdvals(x).amin(-1);
    case 1:
      return largest(x.abs().sum(-2));
    case -1:
      return x.abs().sum(-2).amin(-1);
    case Number.POSITIVE_INFINITY:
      return largest(x.abs().sum(-1));
    case Number.NEGATIVE_INFINITY:
      return x.abs().sum(-1).amin(-1);
    default:
      throw new ArgumentError("matrixNorm", `Order ${ord} not supported. Known: "fro", "nuc", ±1, ±2, ±Infinity`);
  }
}

/** Of numbers that are not negative; none have 0. */
const largest = (x: Tensor): Tensor => (x.shape[x.ndim - 1] === 0 ? x.sum(-1) : x.amax(-1));

/** Options of `linalg.norm`. */
export interface LinalgNormOptions {
  /** Default: 2 of a vector, "fro" of a matrix. */
  readonly ord?: MatrixOrder | null;
  /** One dimension: vectors; two: matrices. Default: all as one vector, unless `ord` is given. */
  readonly dim?: number | readonly number[] | null;
  readonly keepdim?: boolean;
}

/** Norms of vectors or matrices, whichever `dim` and `ord` say. */
export const norm: (
  self: Tensor,
  ...args:
    | [options?: LinalgNormOptions]
    | [ord: MatrixOrder | null, dim?: number | readonly number[] | null, keepdim?: boolean]
) => Tensor = (self, ...args) => {
  const options = readArguments<LinalgNormOptions>("norm", args, ["ord", "dim", "keepdim"]);
  const { ord = null, dim = null, keepdim = false } = options;
  const pair = typeof dim === "number" ? [dim] : dim;
  if (ord !== null && pair === null && self.ndim !== 1 && self.ndim !== 2) {
    throw new ShapeError(
      "norm",
      `If dim is not specified but ord is, the input must be 1D or 2D. Got ${self.ndim}D, ${showShape(self.shape)}`,
    );
  }
  const ofMatrix = ord !== null && (pair === null ? self.ndim === 2 : pair.length === 2);
  if (ofMatrix) return matrixNorm(self, ord, pair ?? [-2, -1], keepdim);
  if (typeof ord === "string") throw new ArgumentError("norm", `Order "${ord}" is for matrices, but dim says vectors`);
  return vectorNorm(self, ord ?? 2, pair ?? undefined, keepdim);
};

/** How much solving with a matrix can magnify errors: its norm times that of its inverse, by default by singular values. */
export const cond: (self: Tensor, ...args: [options?: { readonly p?: MatrixOrder }] | [p: MatrixOrder]) => Tensor = (
  self,
  ...args
) => {
  const { p = 2 } = readArguments<{ p?: MatrixOrder }>("cond", args, ["p"]);
  checkMatrix("cond", self);
  if (self.elements === 0) return self.sum([-2, -1]);
  if (p === 2 || p === -2) {
    const values = svdvals(self);
    return p === 2 ? values.amax(-1).div(values.amin(-1)) : values.amin(-1).div(values.amax(-1));
  }
  checkSquare("cond", self);
  return matrixNorm(self, p).mul(matrixNorm(inv(self), p));
};
