import { empty, type Tensor } from "../autograd/tensor.ts";
import { checkOptions, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { pinv, type RankOptions, svdvals, zeroBound } from "./factorizations.ts";
import { checkMatrix } from "./matrixBatches.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";

/** How many singular values of each matrix do not count as zero. */
export const matrixRank: (self: Tensor, options?: RankOptions) => Tensor = (self, options = {}) => {
  checkOptions("matrixRank", options, ["atol", "rtol"]);
  checkMatrix("matrixRank", self);
  return rankOf(self, svdvals(self.detach()), options);
};

function rankOf(x: Tensor, singular: Tensor, options: RankOptions): Tensor {
  const ranks = empty(singular.shape.slice(0, -1), "int64");
  const k = singular.shape[singular.ndim - 1];
  const values = singular.toArray();
  for (let i = 0; i < ranks.elements; i++) {
    const bound = zeroBound(x, k === 0 ? 0 : values[i * k], options);
    for (let j = i * k; j < (i + 1) * k; j++) if (values[j] > bound) ranks.storage.values[i]++;
  }
  return ranks;
}

/** Options of `linalg.lstsq`. */
export interface LstsqOptions {
  /** Singular values up to this times the largest count as zero. */
  readonly rcond?: number;
}

/** What `linalg.lstsq` gives. */
export type LstsqResult = NamedResult<readonly ["solution", "residuals", "rank", "singularValues"]>;

/**
 * X with the least ‖A X − B‖, and of all those the shortest; residuals are the squared distances, empty unless A has
 * more rows than columns and full rank.
 */
export const lstsq: (a: Tensor, b: Tensor, options?: LstsqOptions) => LstsqResult = (a, b, options = {}) => {
  checkOptions("lstsq", options, ["rcond"]);
  checkMatrix("lstsq", a);
  const isVector = b.ndim === a.ndim - 1;
  const right = isVector ? b.unsqueeze(-1) : b;
  const [m, n] = a.shape.slice(-2);
  if (right.ndim < 2 || right.shape[right.ndim - 2] !== m) {
    throw new ShapeError(
      "lstsq",
      `A and B must have as many rows, but got shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  const bounds: RankOptions = options.rcond === undefined ? {} : { rtol: options.rcond };
  const solution = pinv(a, bounds).matmul(right);
  const singular = svdvals(a.detach());
  const rank = rankOf(a, singular, bounds);
  const full = m > n && rank.toArray().every((value) => value === n);
  const residuals = full ? a.matmul(solution).sub(right).square().sum(-2) : empty([0], a.dtype);
  return namedResult(
    ["solution", "residuals", "rank", "singularValues"],
    [isVector ? solution.squeeze(-1) : solution, residuals, rank, singular],
  );
};
