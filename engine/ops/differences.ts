import { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { wrapDim } from "../base/shape.ts";
import { cat } from "./joining.ts";

/** Options of `diff`. */
export interface DiffOptions {
  /** How often to take differences. Default 1. */
  readonly n?: number | undefined;
  /** Default the last. */
  readonly dim?: number | undefined;
  /** Put before (after) the tensor first. */
  readonly prepend?: Tensor | undefined;
  /** Put after the elements first, along the same dimension. */
  readonly append?: Tensor | undefined;
}

/** Differences of neighbours along a dimension: x[i + 1] − x[i]. */
export const diff: (self: Tensor, ...args: (number | Tensor | DiffOptions | undefined)[]) => Tensor = (
  self,
  ...args
) => {
  const options = readArguments<DiffOptions>("diff", args, ["n", "dim", "prepend", "append"]);
  const { n = 1, dim = -1, prepend, append } = options;
  if (self.ndim === 0) throw new ShapeError("diff", "diff expects input to be at least one-dimensional");
  if (!Number.isInteger(n) || n < 0) throw new ArgumentError("diff", `order must be non-negative but got ${n}`);
  const along = wrapDim("diff", dim, self.ndim);
  const parts = [prepend, self, append].filter((x) => x !== undefined);
  let x = parts.length === 1 ? self : cat(parts, along);
  for (let i = 0; i < n && x.shape[along] > 0; i++) x = neighbours(x, along);
  return x;
};

function neighbours(x: Tensor, dim: number): Tensor {
  const n = x.shape[dim] - 1;
  const [low, high] = [x.narrow(dim, 0, n), x.narrow(dim, 1, n)];
  return x.dtype === "bool" ? high.logicalXor(low) : high.sub(low);
}

/** Options of `trapezoid`. */
export interface TrapezoidOptions {
  /** Where the values were taken; evenly spaced when left out. */
  readonly x?: Tensor | undefined;
  /** Their distance when they are evenly spaced. Default 1. */
  readonly dx?: number | undefined;
  /** Default the last. */
  readonly dim?: number | undefined;
}

/** The integral along a dimension by the trapezoidal rule. */
export const trapezoid: (self: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions) => Tensor = (
  self,
  ...args
) => {
  const { areas, dim } = trapezoids("trapezoid", self, args);
  return areas.sum(dim);
};

/** The same as `trapezoid`. */
export const trapz: typeof trapezoid = (self, ...args) => {
  const { areas, dim } = trapezoids("trapz", self, args);
  return areas.sum(dim);
};

/** The running integral along a dimension by the trapezoidal rule. */
export const cumulativeTrapezoid: typeof trapezoid = (self, ...args) => {
  const { areas, dim } = trapezoids("cumulativeTrapezoid", self, args);
  return areas.cumsum(dim);
};

function trapezoids(op: string, y: Tensor, args: readonly unknown[]): { areas: Tensor; dim: number } {
  const { x, dx, dim = -1 } = readArguments<TrapezoidOptions>(op, args, ["x", "dx", "dim"]);
  if (x !== undefined && dx !== undefined) throw new ArgumentError(op, "give either x or dx, not both");
  const along = wrapDim(op, dim, y.ndim);
  const n = y.shape[along] - 1;
  if (n < 0) return { areas: y, dim: along };
  const heights = y
    .narrow(along, 1, n)
    .add(y.narrow(along, 0, n))
    .div(2);
  if (!(x instanceof Tensor)) return { areas: heights.mul(dx ?? 1), dim: along };
  const widths = diff(x.ndim === 1 ? x.reshape(y.shape.map((_, d) => (d === along ? x.elements : 1))) : x, {
    dim: along,
  });
  return { areas: heights.mul(widths), dim: along };
}
