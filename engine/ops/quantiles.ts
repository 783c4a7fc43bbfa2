import { empty, Tensor } from "../autograd/tensor.ts";
import { byPosition, readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError } from "../base/errors.ts";
import { wrapDim } from "../base/shape.ts";

/** How a quantile between two elements is found. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Options of `quantile` and `nanquantile`. */
export interface QuantileOptions {
  /** Everything when left out. */
  readonly dim?: number | null | undefined;
  /** Keep the dimension with size 1. Default false. */
  readonly keepdim?: boolean | undefined;
  /** Default "linear". */
  readonly interpolation?: Interpolation | undefined;
}

type QuantileArgs = (number | boolean | null | QuantileOptions | undefined)[];

interface NamedQuantile extends QuantileOptions {
  /** Between 0 and 1. */
  readonly q: number | Tensor;
}

type QuantileLevel = number | Tensor | NamedQuantile;

/** The q-quantile (q from 0 to 1, a number or a list) of all elements or along a dimension; NaN where there is one. */
export const quantile: (self: Tensor, q: QuantileLevel, ...args: QuantileArgs) => Tensor = (self, q, ...args) =>
  quantiles("quantile", self, q, args);

/** The q-quantile of the elements that are not NaN. */
export const nanquantile: (self: Tensor, q: QuantileLevel, ...args: QuantileArgs) => Tensor = (self, q, ...args) =>
  quantiles("nanquantile", self, q, args);

function quantiles(op: "quantile" | "nanquantile", self: Tensor, level: QuantileLevel, given: QuantileArgs): Tensor {
  const [q, ...args] = byPosition(op, [level, ...given], ["q"]) as [number | Tensor, ...QuantileArgs];
  const options = readArguments<QuantileOptions>(op, args, ["dim", "keepdim", "interpolation"]);
  const { dim = null, keepdim = false, interpolation = "linear" } = options;
  const levels = readLevels(op, q);
  if (!isFloat(self.dtype)) throw new DTypeError(op, "input tensor must be either float or double dtype");
  if (q instanceof Tensor && q.dtype !== self.dtype) {
    throw new DTypeError(op, `q tensor must be same dtype as the input tensor, but got ${q.dtype} and ${self.dtype}`);
  }
  if (self.elements === 0) throw new ArgumentError(op, "input tensor must be non-empty");
  const axis = dim === null ? 0 : wrapDim(op, dim, self.ndim);
  const rows = dim === null ? self.reshape([-1]) : self.ndim === 0 ? self.reshape([1]) : self.movedim(axis, -1);
  const sorted = rows.sort(-1).values;
  const ranks = ranksOf(sorted, levels, op === "nanquantile", interpolation);
  const low = sorted.gather(-1, ranks.low);
  const weight = q instanceof Tensor && interpolation === "linear" ? weightOf(q, ranks) : ranks.weight;
  const found = low.add(sorted.gather(-1, ranks.high).sub(low).mul(weight));
  return arranged(found, self, dim === null ? null : axis, keepdim, typeof q !== "number" && q.ndim === 1);
}

function readLevels(op: string, q: number | Tensor): number[] {
  const levels = q instanceof Tensor ? [...q.toArray()] : [q];
  if (q instanceof Tensor && q.ndim > 1) throw new ArgumentError(op, "q must be a scalar or 1D tensor");
  for (const level of levels) {
    if (!(level >= 0 && level <= 1)) throw new ArgumentError(op, `q must be in the range [0, 1] but got ${level}`);
  }
  return levels;
}

interface Ranks {
  readonly low: Tensor;
  readonly high: Tensor;
  /** How far between them. */
  readonly weight: Tensor;
  /** How many ranks a level of 1 is above one of 0. */
  readonly span: Tensor;
}

/** The weight as a function of the level, between two elements a straight line. */
const weightOf = (q: Tensor, { weight, span }: Ranks): Tensor =>
  q.requiresGrad ? weight.add(q.sub(q.detach()).mul(span)) : weight;

/** Where each quantile lies in each sorted row. */
function ranksOf(sorted: Tensor, levels: readonly number[], skipNan: boolean, interpolation: Interpolation): Ranks {
  const n = sorted.shape[sorted.ndim - 1];
  const shape = [...sorted.shape.slice(0, -1), levels.length];
  const [low, high] = [empty(shape, "int64"), empty(shape, "int64")];
  const [weight, span] = [empty(shape, sorted.dtype), empty(shape, sorted.dtype)];
  const values = sorted.toArray();
  for (let row = 0, at = 0; row * n < values.length; row++) {
    // NaNs are last.
    let numbers = n;
    while (numbers > 0 && Number.isNaN(values[row * n + numbers - 1])) numbers--;
    for (const level of levels) {
      const whole = !skipNan && numbers < n ? n - 1 : level * Math.max(numbers - 1, 0);
      const rank = settle(whole, interpolation);
      low.storage.values[at] = Math.floor(rank);
      high.storage.values[at] = Math.ceil(rank);
      weight.storage.values[at] = rank - Math.floor(rank);
      span.storage.values[at++] = Math.max(numbers - 1, 0);
    }
  }
  return { low, high, weight, span };
}

function settle(rank: number, interpolation: Interpolation): number {
  switch (interpolation) {
    case "linear":
      return rank;
    case "lower":
      return Math.floor(rank);
    case "higher":
      return Math.ceil(rank);
    case "midpoint":
      return Number.isInteger(rank) ? rank : Math.floor(rank) + 0.5;
    case "nearest":
      return roundHalfToEven(rank);
    default:
      throw new ArgumentError(
        "quantile",
        `interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${String(interpolation)}`,
      );
  }
}

function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** Several levels come as a first dimension; one level takes the place of what was reduced. */
function arranged(found: Tensor, x: Tensor, dim: number | null, keepdim: boolean, several: boolean): Tensor {
  const levels = found.shape[found.ndim - 1];
  const rest = x.shape.filter((_, d) => dim !== null && d !== dim);
  const kept = x.shape.map((size, d) => (dim === null || d === dim ? 1 : size));
  const shape = keepdim ? kept : rest;
  return several ? found.movedim(-1, 0).reshape([levels, ...shape]) : found.reshape(shape);
}
