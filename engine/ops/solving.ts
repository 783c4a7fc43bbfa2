import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, checkOptions, ShapeError } from "../base/errors.ts";
import { broadcastShapes, type Shape, sameShape, showShape } from "../base/shape.ts";
import { firstZeroPivot, luFactor, luSolve, solveTriangular as solveInPlace } from "../kernels/lu.ts";
import { broadcasting } from "./batching.ts";
import { eye } from "./creation.ts";
import { general } from "./define.ts";
import { cubic } from "./flops.ts";
import { checkMatrix, checkSquare, emptyPerMatrix, readMatrices, spread } from "./matrixBatches.ts";
import { checkSameDType } from "./matrixOperands.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { mixed, normal } from "./samples.ts";
import { where } from "./where.ts";

const transposed = (x: Tensor): Tensor => x.transpose(-2, -1);

const singular = (op: string, what: string, batch: number, count: number): ArgumentError => {
  const which = count > 1 ? `(Batch element ${batch}): ` : "";
  return new ArgumentError(
    op,
    `${which}${what} because the input matrix is singular. pinv and lstsq take such matrices`,
  );
};

const invOp = general()({
  name: "inv",
  node: "LinalgInvExBackward0",
  summary: "Inverses of square matrices.",
  symbol: "A⁻¹",
  inputs: ["x"],
  flops: cubic,
  saves: ["out"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkSquare("inv", x);
    const { count, rows, matrix } = readMatrices(x);
    const out = emptyPerMatrix(x, [rows, rows]);
    const pivots = new Int32Array(rows);
    for (let i = 0; i < count; i++) {
      const lu = matrix(i);
      luFactor(lu, rows, pivots);
      if (firstZeroPivot(lu, rows) !== -1) throw singular("inv", "The inversion could not be completed", i, count);
      const inverse = new Float64Array(rows * rows);
      for (let d = 0; d < rows; d++) inverse[d * rows + d] = 1;
      luSolve(lu, rows, pivots, inverse, rows);
      out.storage.values.set(inverse, i * rows * rows);
    }
    return out;
  },
  // d(A⁻¹) = −A⁻¹ dA A⁻¹
  backward: { x: ({ grad, out }) => transposed(out).matmul(grad).matmul(transposed(out)).neg() },
  accepts: [mixed([[{ spd: true }, [3, 3]]]), mixed([[{ spd: true }, [2, 2, 2]]]), mixed([[{ spd: true }, [1, 1]]])],
  rejects: [normal([[2, 3]]), normal([[3]])],
});

/** Inverses of square matrices. Throws ArgumentError for a singular one. */
export const inv: (self: Tensor) => Tensor = (self) => apply(invOp, [self], undefined);

/** Options of `linalg.invEx`. */
export interface InvExOptions {
  /** Throw for a singular matrix, as `inv` does. Default false. */
  readonly checkErrors?: boolean;
}

/** Inverses of square matrices, NaN for singular ones; `info` says which pivot of each was zero, from 1 on, and 0 for none. */
export const invEx: (self: Tensor, options?: InvExOptions) => NamedResult<readonly ["inverse", "info"]> = (
  self,
  options = {},
) => {
  checkOptions("invEx", options, ["checkErrors"]);
  checkSquare("invEx", self);
  const { count, rows, matrix } = readMatrices(self.detach());
  const info = empty(self.shape.slice(0, -2), "int32");
  const pivots = new Int32Array(rows);
  for (let i = 0; i < count; i++) {
    const lu = matrix(i);
    luFactor(lu, rows, pivots);
    info.storage.values[i] = firstZeroPivot(lu, rows) + 1;
  }
  if (options.checkErrors === true || !info.storage.values.some((pivot) => pivot !== 0))
    return namedResult(["inverse", "info"], [inv(self), info]);
  const without = info.ne(0).reshape([...info.shape, 1, 1]);
  const inverse = inv(where(without, eye(rows, { dtype: self.dtype }), self)).maskedFill(without, Number.NaN);
  return namedResult(["inverse", "info"], [inverse, info]);
};

/** Options of `solve`. */
export interface SolveOptions {
  /** Solve A X = B; false: X A = B. Default true. */
  readonly left?: boolean;
}

const solveOp = general()({
  name: "solve",
  node: "LinalgSolveExBackward0",
  summary: "Solution X of A X = B.",
  inputs: ["a", "b"],
  flops: cubic,
  saves: { a: ["a", "out"], b: ["a"] },
  forward: ([first, second]) => {
    const a = first as Tensor;
    const b = second as Tensor;
    const { batch, n, columns } = systemOf("solve", a, b);
    const { count, matrix } = readMatrices(spread(a, [...batch, n, n]));
    const right = readMatrices(spread(b, [...batch, n, columns]));
    const out = empty([...batch, n, columns], a.dtype);
    const pivots = new Int32Array(n);
    for (let i = 0; i < count; i++) {
      const lu = matrix(i);
      luFactor(lu, n, pivots);
      if (firstZeroPivot(lu, n) !== -1) throw singular("solve", "The solver failed", i, count);
      const x = right.matrix(i);
      luSolve(lu, n, pivots, x, columns);
      out.storage.values.set(x, i * n * columns);
    }
    return out;
  },
  onBatch: broadcasting,
  // With G = A⁻ᵀ dX: dB = G and dA = −G Xᵀ.
  backward: {
    a: ({ grad, a, out }) => solve(transposed(a), grad).matmul(transposed(out)).neg(),
    b: ({ grad, a }) => solve(transposed(a), grad),
  },
  accepts: [
    mixed([
      [{ spd: true }, [3, 3]],
      ["normal", [3, 2]],
    ]),
    mixed([
      [{ spd: true }, [2, 2]],
      ["normal", [3, 2, 1]],
    ]),
    mixed([
      [{ spd: true }, [2, 2, 2]],
      ["normal", [2, 1]],
    ]),
    mixed([
      [{ spd: true }, [3, 3]],
      ["normal", [3]],
    ]),
  ],
  rejects: [
    normal([
      [2, 3],
      [2, 1],
    ]),
    normal([
      [2, 2],
      [3, 1],
    ]),
  ],
});

/** Sizes of a system of equations whose batches broadcast. */
function systemOf(op: string, a: Tensor, b: Tensor): { batch: Shape; n: number; columns: number } {
  checkSquare(op, a);
  checkMatrix(op, b);
  checkSameDType(op, a, b);
  const n = a.shape[a.ndim - 1];
  const [rows, columns] = b.shape.slice(-2);
  if (rows !== n) {
    throw new ShapeError(
      op,
      `Incompatible shapes of A and B for the equation AX = B (${showShape(a.shape)} and ${showShape(b.shape)})`,
    );
  }
  return { batch: broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2)), n, columns };
}

/** X with A X = B for square A; B is a vector, a matrix or a batch of either. Throws ArgumentError when A is singular. */
export const solve: (a: Tensor, b: Tensor, options?: SolveOptions) => Tensor = (a, b, options) => {
  checkOptions("solve", options, ["left"]);
  if (isVector(a, b) && options?.left === false) {
    throw new ShapeError(
      "solve",
      `Vector broadcasting of the left hand side is not supported for left=False: with left: false B must be a matrix, but got ${showShape(b.shape)}; unsqueeze it`,
    );
  }
  if (isVector(a, b)) return column(apply(solveOp, [a, b.reshape([...b.shape, 1])], undefined));
  if (options?.left === false) return transposed(apply(solveOp, [transposed(a), transposed(b)], undefined));
  return apply(solveOp, [a, b], undefined);
};

/** Whether B is one vector, or one per matrix of the batch. */
const isVector = (a: Tensor, b: Tensor): boolean =>
  b.ndim === 1 || (a.ndim - 1 === b.ndim && sameShape(b.shape, a.shape.slice(0, -1)));

const column = (x: Tensor): Tensor => x.reshape(x.shape.slice(0, -1));

/** Options of `linalg.solveTriangular`. */
export interface SolveTriangularOptions extends SolveOptions {
  /** Whether A is upper triangular; the other triangle is not read. */
  readonly upper: boolean;
  /** Take the diagonal for ones without reading it. Default false. */
  readonly unitriangular?: boolean;
}

interface Triangle {
  readonly upper: boolean;
  readonly unit: boolean;
}

const solveTriangularOp = general<Triangle>()({
  name: "solveTriangular",
  node: "LinalgSolveTriangularBackward0",
  summary: "Solution X of A X = B for a triangular A.",
  inputs: ["a", "b"],
  flops: cubic,
  saves: { a: ["a", "out"], b: ["a"] },
  forward: ([first, second], { upper, unit }) => {
    const a = first as Tensor;
    const b = second as Tensor;
    const { batch, n, columns } = systemOf("solveTriangular", a, b);
    const { count, matrix } = readMatrices(spread(a, [...batch, n, n]));
    const right = readMatrices(spread(b, [...batch, n, columns]));
    const out = empty([...batch, n, columns], a.dtype);
    for (let i = 0; i < count; i++) {
      const x = right.matrix(i);
      solveInPlace(matrix(i), n, upper, unit, x, columns);
      out.storage.values.set(x, i * n * columns);
    }
    return out;
  },
  onBatch: broadcasting,
  backward: {
    a: ({ grad, a, out, attrs }) => {
      const full = againstTransposed(a, grad, attrs).matmul(transposed(out)).neg();
      return attrs.upper ? full.triu(attrs.unit ? 1 : 0) : full.tril(attrs.unit ? -1 : 0);
    },
    b: ({ grad, a, attrs }) => againstTransposed(a, grad, attrs),
  },
  accepts: [
    mixed(
      [
        [{ spd: true }, [3, 3]],
        ["normal", [3, 2]],
      ],
      { upper: true },
    ),
    mixed(
      [
        [{ spd: true }, [3, 3]],
        ["normal", [3, 2]],
      ],
      { upper: false, unitriangular: true },
    ),
    mixed(
      [
        [{ spd: true }, [2, 2]],
        ["normal", [2, 3, 2]],
      ],
      { upper: false, left: false },
    ),
  ],
  rejects: [
    normal(
      [
        [2, 3],
        [2, 1],
      ],
      { upper: true },
    ),
    normal(
      [
        [2, 2],
        [3, 1],
      ],
      { upper: true },
    ),
  ],
});

/** A⁻ᵀ B for a triangular A. */
function againstTransposed(a: Tensor, b: Tensor, { upper, unit }: Triangle): Tensor {
  return apply(solveTriangularOp, [transposed(a), b], { upper: !upper, unit });
}

/** X with A X = B (or X A = B with `left: false`) for a triangular A. */
export const solveTriangular: (a: Tensor, b: Tensor, options: SolveTriangularOptions) => Tensor = (a, b, options) => {
  checkOptions("solveTriangular", options, ["upper", "left", "unitriangular"]);
  const { upper, left = true, unitriangular: unit = false } = options;
  if (left) return apply(solveTriangularOp, [a, b], { upper, unit });
  return transposed(apply(solveTriangularOp, [transposed(a), transposed(b)], { upper: !upper, unit }));
};

/** Options of `triangularSolve`. */
export interface TriangularSolveOptions {
  /** Default true. */
  readonly upper?: boolean;
  /** Solve Aᵀ X = b instead. Default false. */
  readonly transpose?: boolean;
  /** Take the diagonal for ones. Default false. */
  readonly unitriangular?: boolean;
}

/** X with A X = self for a triangular A, and a copy of A. */
export const triangularSolve: (
  self: Tensor,
  a: Tensor,
  ...args: [options?: TriangularSolveOptions] | [upper: boolean, transpose?: boolean, unitriangular?: boolean]
) => NamedResult<readonly ["solution", "clonedCoefficient"]> = (self, a, ...args) => {
  const options = readArguments<TriangularSolveOptions>("triangularSolve", args, [
    "upper",
    "transpose",
    "unitriangular",
  ]);
  const { upper = true, transpose = false, unitriangular: unit = false } = options;
  const solution = transpose
    ? againstTransposed(a, self, { upper, unit })
    : apply(solveTriangularOp, [a, self], { upper, unit });
  const coefficient = a.expand([...solution.shape.slice(0, -2), ...a.shape.slice(-2)]).clone();
  return namedResult(["solution", "clonedCoefficient"], [solution, coefficient]);
};

/** Options of `choleskySolve` and `choleskyInverse`. */
export interface UpperOptions {
  /** Whether the factor is the upper one. Default false. */
  readonly upper?: boolean;
}

/** X with A X = self, given the Cholesky factor of A. */
export const choleskySolve: (
  self: Tensor,
  factor: Tensor,
  ...args: [options?: UpperOptions] | [upper: boolean]
) => Tensor = (self, factor, ...args) => {
  const { upper = false } = readArguments<UpperOptions>("choleskySolve", args, ["upper"]);
  const lower = upper ? transposed(factor) : factor;
  const half = apply(solveTriangularOp, [lower, self], { upper: false, unit: false });
  return againstTransposed(lower, half, { upper: false, unit: false });
};

/** The inverse of A, given its Cholesky factor. */
export const choleskyInverse: (self: Tensor, ...args: [options?: UpperOptions] | [upper: boolean]) => Tensor = (
  self,
  ...args
) => {
  const { upper = false } = readArguments<UpperOptions>("choleskyInverse", args, ["upper"]);
  checkSquare("choleskyInverse", self);
  return choleskySolve(eye(self.shape[self.ndim - 1], { dtype: self.dtype }), self, { upper });
};
