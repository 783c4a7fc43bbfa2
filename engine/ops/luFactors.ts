import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { ArgumentError, checkOptions, ShapeError } from "../base/errors.ts";
import { elementCount, sameShape, showShape } from "../base/shape.ts";
import { eliminate, partialPivots } from "../kernels/luRectangular.ts";
import { eye } from "./creation.ts";
import { general } from "./define.ts";
import { oneHot } from "./embedding.ts";
import { cat } from "./joining.ts";
import { checkMatrix, checkSquare, emptyPerMatrix, readMatrices } from "./matrixBatches.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { arranged, normal } from "./samples.ts";
import { solveTriangular } from "./solving.ts";

const transposed = (x: Tensor): Tensor => x.transpose(-2, -1);
const identity = (n: number, like: Tensor): Tensor => eye(n, { dtype: like.dtype });

/** Square matrices to their factors: L below the diagonal, without its ones, and U from the diagonal on. */
const eliminateOp = general()({
  name: "luFactor",
  node: "LinalgLuFactorExBackward0",
  summary: "L and U of square matrices in one, without exchanging rows.",
  inputs: ["x"],
  saves: ["out"],
  forward: ([input]) => {
    const x = input as Tensor;
    const { count, rows, matrix } = readMatrices(x);
    const out = emptyPerMatrix(x, [rows, rows]);
    for (let i = 0; i < count; i++) {
      const factors = matrix(i);
      eliminate(factors, rows, rows);
      out.storage.values.set(factors, i * rows * rows);
    }
    return out;
  },
  // dA = L⁻ᵀ (tril(Lᵀ dL, −1) + triu(dU Uᵀ)) U⁻ᵀ
  backward: {
    x: ({ grad, out }) => {
      const lower = unitLower(out);
      const upper = out.triu();
      const inner = transposed(lower)
        .matmul(grad.tril(-1))
        .tril(-1)
        .add(grad.triu().matmul(transposed(upper)).triu());
      const left = solveTriangular(transposed(lower), inner, { upper: true, unitriangular: true });
      return solveTriangular(transposed(upper), left, { upper: false, left: false });
    },
  },
  accepts: [
    arranged(normal([[3, 3]]), "with a strong diagonal", ([x]) => [x.add(identity(3, x).mul(4))]),
    arranged(normal([[2, 2, 2]]), "with a strong diagonal", ([x]) => [x.add(identity(2, x).mul(4))]),
  ],
});

const unitLower = (lu: Tensor): Tensor => lu.tril(-1).add(identity(lu.shape[lu.ndim - 1], lu));

/** Options of `linalg.lu` and `linalg.luFactor`. */
export interface LuOptions {
  /** Exchange rows so that every pivot is the largest of its column. Default true. */
  readonly pivot?: boolean | undefined;
}

/** The factors of A with its rows exchanged: L [m, k] with ones on its diagonal and U [k, n], k = min(m, n). */
function factorsOf(x: Tensor, order: Tensor): { lower: Tensor; upper: Tensor } {
  const [m, n] = x.shape.slice(-2);
  const k = Math.min(m, n);
  const rows = order.matmul(x);
  const compact = apply(eliminateOp, [rows.narrow(-2, 0, k).narrow(-1, 0, k)], undefined);
  const lower = unitLower(compact);
  const upper = compact.triu();
  if (m > n) {
    const below = solveTriangular(upper, rows.narrow(-2, k, m - k), { upper: true, left: false });
    return { lower: cat([lower, below], -2), upper };
  }
  if (n === m) return { lower, upper };
  const beside = solveTriangular(lower, rows.narrow(-1, k, n - k), { upper: false, unitriangular: true });
  return { lower, upper: cat([upper, beside], -1) };
}

/** int32, counted from 1 as LAPACK does: row k was exchanged with row pivots[k]. */
function pivotsOf(op: string, x: Tensor, pivot: boolean): Tensor {
  checkMatrix(op, x);
  const { count, rows, columns, matrix } = readMatrices(x.detach());
  const k = Math.min(rows, columns);
  const pivots = empty([...x.shape.slice(0, -2), k], "int32");
  const found = new Int32Array(k);
  for (let i = 0; i < count; i++) {
    for (let row = 0; row < k; row++) found[row] = row;
    if (pivot) partialPivots(matrix(i), rows, columns, found);
    pivots.storage.values.set(
      found.map((row) => row + 1),
      i * k,
    );
  }
  return pivots;
}

/** P with P A the rows of A in the order of the factors: [..., m, m]. */
function permutationOf(pivots: Tensor, m: number, like: Tensor): Tensor {
  const k = pivots.shape[pivots.ndim - 1];
  const batch = pivots.shape.slice(0, -1);
  const count = elementCount(batch);
  const given = pivots.toArray();
  const order = empty([...batch, m], "int64");
  for (let i = 0; i < count; i++) {
    const rows = Array.from({ length: m }, (_, row) => row);
    for (let step = 0; step < k; step++) {
      const other = given[i * k + step] - 1;
      [rows[step], rows[other]] = [rows[other], rows[step]];
    }
    order.storage.values.set(rows, i * m);
  }
  return m === 0 ? empty([...batch, 0, 0], like.dtype) : oneHot(order, m).to(like.dtype);
}

/** P, L and U with A = P L U, for matrices [..., m, n] of any shape. */
export const lu: (self: Tensor, options?: LuOptions) => NamedResult<readonly ["P", "L", "U"]> = (
  self,
  options = {},
) => {
  checkOptions("lu", options, ["pivot"]);
  const order = permutationOf(pivotsOf("lu", self, options.pivot ?? true), self.shape[self.ndim - 2], self);
  const { lower, upper } = factorsOf(self, order);
  return namedResult(["P", "L", "U"], [transposed(order), lower, upper]);
};

/** L and U in one matrix [..., m, n], and the exchanges of rows as int32 counted from 1: what `luSolve` takes. */
export const luFactor: (self: Tensor, options?: LuOptions) => NamedResult<readonly ["LU", "pivots"]> = (
  self,
  options = {},
) => {
  checkOptions("luFactor", options, ["pivot"]);
  const pivots = pivotsOf("luFactor", self, options.pivot ?? true);
  const [m, n] = self.shape.slice(-2);
  const { lower, upper } = factorsOf(self, permutationOf(pivots, m, self));
  const below = n > m ? cat([lower.tril(-1), lower.newZeros([...self.shape.slice(0, -1), n - m])], -1) : lower.tril(-1);
  const above = m > n ? cat([upper, upper.newZeros([...self.shape.slice(0, -2), m - n, n])], -2) : upper;
  return namedResult(["LU", "pivots"], [below.add(above.triu()), pivots]);
};

/** P, L and U again, of what `luFactor` gave. */
export const luUnpack: (LU: Tensor, pivots: Tensor) => NamedResult<readonly ["P", "L", "U"]> = (LU, pivots) => {
  checkMatrix("luUnpack", LU);
  const [m, n] = LU.shape.slice(-2);
  const k = Math.min(m, n);
  const corner = m > n ? cat([identity(n, LU), LU.newZeros([m - n, n])], -2) : identity(m, LU);
  const lower = LU.narrow(-1, 0, k).tril(-1).add(corner);
  const upper = LU.narrow(-2, 0, k).triu();
  return namedResult(["P", "L", "U"], [transposed(permutationOf(pivots, m, LU)), lower, upper]);
};

/** Options of `linalg.luSolve`. */
export interface LuSolveOptions {
  /** Solve A X = B; with false X A = B. Default true. */
  readonly left?: boolean | undefined;
  /** Solve with Aᵀ for A. Default false. */
  readonly adjoint?: boolean | undefined;
}

function checkPivots(LU: Tensor, pivots: Tensor, n: number): void {
  if (!sameShape(pivots.shape, LU.shape.slice(0, -1))) {
    throw new ShapeError(
      "luSolve",
      `Expected LU.shape[:-1] and pivots.shape to be the same, but got ${showShape(LU.shape)} and pivots with shape ${showShape(pivots.shape)}`,
    );
  }
  const wrong = pivots.toArray().find((row) => !(row >= 1 && row <= n));
  if (wrong === undefined) return;
  throw new ArgumentError(
    "luSolve",
    `Pivots given to lu_solve must all be greater or equal to 1 and smaller or equal to LU.size(-2), ${n}, but got ${wrong}. Did you properly pass the result of luFactor?`,
  );
}

/** X with A X = B, for the factors of square A that `luFactor` gave; B is a matrix or a batch of matrices. */
export const luSolve: (LU: Tensor, pivots: Tensor, B: Tensor, options?: LuSolveOptions) => Tensor = (
  LU,
  pivots,
  B,
  options = {},
) => {
  checkOptions("luSolve", options, ["left", "adjoint"]);
  const { left = true, adjoint = false } = options;
  checkSquare("luSolve", LU);
  const n = LU.shape[LU.ndim - 1];
  checkPivots(LU, pivots, n);
  if (!left) return transposed(luSolve(LU, pivots, transposed(B), { adjoint: !adjoint }));
  const order = permutationOf(pivots, n, LU);
  if (adjoint) {
    const first = solveTriangular(transposed(LU), B, { upper: false });
    const second = solveTriangular(transposed(LU), first, { upper: true, unitriangular: true });
    return transposed(order).matmul(second);
  }
  const first = solveTriangular(LU, order.matmul(B), { upper: false, unitriangular: true });
  return solveTriangular(LU, first, { upper: true });
};
