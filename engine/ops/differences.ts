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
  return integral("trapezoid", self, args);
};

/** The same as `trapezoid`. */
export const trapz: typeof trapezoid = (self, ...args) => {
  return integral("trapz", self, args);
};

/** The running integral along a dimension by the trapezoidal rule. */
export const cumulativeTrapezoid: typeof trapezoid = (self, ...args) => {
  const { x, dx, along } = readTrapezoids("cumulativeTrapezoid", self, args);
  return areas("cumulativeTrapezoid", self, x, dx, along).cumsum(along);
};

function integral(op: string, y: Tensor, args: readonly unknown[]): Tensor {
  const { x, dx, along } = readTrapezoids(op, y, args);
  // Of no samples at all the integral is 0, wherever they were taken.
  return y.shape[along] === 0 ? y.sum(along) : areas(op, y, x, dx, along).sum(along);
}

function readTrapezoids(op: string, y: Tensor, args: readonly unknown[]) {
  const { x, dx, dim = -1 } = readArguments<TrapezoidOptions>(op, args, ["x", "dx", "dim"]);
  if (x !== undefined && dx !== undefined) throw new ArgumentError(op, "give either x or dx, not both");
  return { x, dx, along: dimOf(op, dim, y.ndim) };
}

/** Of the trapezoids between neighbours. */
function areas(op: string, y: Tensor, x: Tensor | undefined, dx: number | undefined, along: number): Tensor {
  const n = Math.max(0, y.shape[along] - 1);
  const high = y.narrow(along, y.shape[along] - n, n);
  const heights = high.add(y.narrow(along, 0, n)).div(2);
  return heights.mul(x instanceof Tensor ? diff(pointsFor(op, y, x, along), { dim: along }) : (dx ?? 1));
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
