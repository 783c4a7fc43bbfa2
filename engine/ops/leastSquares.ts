import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, checkOptions, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
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
  readonly rcond?: number | null;
  /** Which of LAPACK's ways PyTorch would take; it decides only which of the extras are there. Default "gelsy". */
  readonly driver?: Driver | null;
}

const drivers = ["gels", "gelsy", "gelsd", "gelss"] as const;
type Driver = (typeof drivers)[number];

/** What `linalg.lstsq` gives. */
export type LstsqResult = NamedResult<readonly ["solution", "residuals", "rank", "singularValues"]>;

type LstsqArgs = [options?: LstsqOptions] | [rcond: number | null, options?: LstsqOptions];

/**
 * X with the least ‖A X − B‖, and of all those the shortest; which of the extras there are depends on the
 * driver, as in PyTorch: the squared distances as residuals for all but "gelsy", if A has more rows than columns and full
 * rank; singular values for "gelsd" and "gelss"; the rank for all but "gels".
 */
export const lstsq: (a: Tensor, b: Tensor, ...args: LstsqArgs) => LstsqResult = (a, b, ...args) => {
  const { rcond, driver } = readArguments<LstsqOptions>("lstsq", args, ["rcond", "driver"]);
  const way = driver ?? "gelsy";
  if (!drivers.includes(way)) {
    throw new ArgumentError("lstsq", `parameter 'driver' should be one of (${drivers.join(", ")}), but got '${way}'`);
  }
  checkMatrix("lstsq", a);
  if (b.ndim === 0 || a.ndim < b.ndim || a.ndim - b.ndim > 1) {
    throw new ShapeError(
      "lstsq",
      `input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1, but got shapes ${showShape(a.shape)} and ${showShape(b.shape)}: unsqueeze the one with fewer dimensions`,
    );
  }
  const isVector = sameShape(b.shape, a.shape.slice(0, -1));
  const right = isVector ? b.unsqueeze(-1) : b;
  const [m, n] = a.shape.slice(-2);
  if (right.ndim < 2 || right.shape[right.ndim - 2] !== m) {
    throw new ShapeError(
      "lstsq",
      `A and B must have as many rows, but got shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
  }
  const bounds: RankOptions = rcond === undefined || rcond === null ? {} : { rtol: rcond };
  const solution = pinv(a, bounds).matmul(right);
  const singular = svdvals(a.detach());
  const rank = rankOf(a, singular, bounds);
  const full = m > n && way !== "gelsy" && rank.toArray().every((value) => value === n);
  const residuals = full ? a.matmul(solution).sub(right).square().sum(-2) : empty([0], a.dtype);
  return namedResult(
    ["solution", "residuals", "rank", "singularValues"],
    [
      isVector ? solution.squeeze(-1) : solution,
      residuals,
      way === "gels" ? empty([0], "int64") : rank,
      way === "gelsd" || way === "gelss" ? singular : empty([0], a.dtype),
    ],
  );
};
