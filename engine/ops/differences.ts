import { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { dimOf, showShape, wrapDim } from "../base/shape.ts";
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
  for (const part of parts) checkBeside(self, part, along);
  let x = parts.length === 1 ? self : cat(parts, along);
  for (let i = 0; i < n && x.shape[along] > 0; i++) x = neighbours(x, along);
  return x;
};

/** cat lets a vector of nothing pass; here all must be of one kind. */
function checkBeside(self: Tensor, part: Tensor, along: number): void {
  if (part.ndim !== self.ndim) {
    throw new ShapeError(
      "diff",
      `expects prepend or append to be the same dimension as input, but got ${showShape(part.shape)} for ${showShape(self.shape)}`,
    );
  }
  if (part.shape.some((size, d) => d !== along && size !== self.shape[d])) {
    throw new ShapeError(
      "diff",
      `expects the shape of tensor to prepend or append to match that of input except along the differencing dimension ${along}, but got ${showShape(part.shape)} for ${showShape(self.shape)}`,
    );
  }
}

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
  const along = dimOf(op, dim, y.ndim);
  const n = y.shape[along] - 1;
  if (n < 0) return { areas: y, dim: along };
  const heights = y
    .narrow(along, 1, n)
    .add(y.narrow(along, 0, n))
    .div(2);
  if (!(x instanceof Tensor)) return { areas: heights.mul(dx ?? 1), dim: along };
  return { areas: heights.mul(diff(pointsFor(op, y, x, along), { dim: along })), dim: along };
}

/** Where the values were taken, in a shape that broadcasts with them: a vector runs along the dimension, others gain leading ones. */
function pointsFor(op: string, y: Tensor, x: Tensor, along: number): Tensor {
  if (x.ndim !== 1) return x.ndim < y.ndim ? x.reshape([...new Array<number>(y.ndim - x.ndim).fill(1), ...x.shape]) : x;
  if (x.elements !== y.shape[along]) {
    throw new ShapeError(
      op,
      `There must be one \`x\` value for each sample point, but got ${x.elements} for ${y.shape[along]} points`,
    );
  }
  return x.reshape(y.shape.map((_, d) => (d === along ? x.elements : 1)));
}
