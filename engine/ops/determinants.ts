import { apply, applyAll } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { luFactor } from "../kernels/lu.ts";
import { arange, eye } from "./creation.ts";
import { general } from "./define.ts";
import { cubic } from "./flops.ts";
import { stack } from "./joining.ts";
import { checkSquare, emptyPerMatrix, readMatrices } from "./matrixBatches.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { hasZero } from "./products.ts";
import { normal } from "./samples.ts";
import { inv } from "./solving.ts";
import { where } from "./where.ts";

const perMatrix = (x: Tensor): Tensor => x.reshape([...x.shape, 1, 1]);

const detOp = general()({
  name: "det",
  node: "LinalgDetBackward0",
  summary: "Determinants of square matrices.",
  symbol: "det",
  inputs: ["x"],
  flops: cubic,
  saves: ["x", "out"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkSquare("det", x);
    const { count, rows, matrix } = readMatrices(x);
    const out = emptyPerMatrix(x, []);
    const pivots = new Int32Array(rows);
    for (let i = 0; i < count; i++) {
      const lu = matrix(i);
      let product = luFactor(lu, rows, pivots);
      for (let d = 0; d < rows; d++) product *= lu[d * rows + d];
      out.storage.values[i] = product;
    }
    return out;
  },
  // d det = det · A⁻ᵀ; of a singular matrix the cofactors, which are its limit.
  backward: {
    x: ({ grad, x, out }) =>
      hasZero(out) ? perMatrix(grad).mul(cofactors(x)) : perMatrix(grad.mul(out)).mul(inv(x).transpose(-2, -1)),
  },
  accepts: [normal([[2, 2]]), normal([[2, 3, 3]]), normal([[1, 1]])],
  rejects: [normal([[2, 3]]), normal([[3]])],
});

/** Determinants of square matrices. */
export const det: (self: Tensor) => Tensor = (self) => apply(detOp, [self], undefined);

/** Signed determinants of what is left without row i and column j, for all i and j. */
function cofactors(x: Tensor): Tensor {
  const n = x.shape[x.ndim - 1];
  if (n === 1) return x.onesLike();
  const rows = Array.from({ length: n }, (_, i) => without(x, -2, i));
  return stack(
    rows.map((row, i) => {
      const minors = Array.from({ length: n }, (_, j) => det(without(row, -1, j)).mul((i + j) % 2 === 0 ? 1 : -1));
      return stack(minors, -1);
    }),
    -2,
  );
}

function without(x: Tensor, dim: number, index: number): Tensor {
  const n = x.shape[x.ndim + dim];
  const kept = arange(n - 1);
  return x.indexSelect(dim, kept.add(kept.ge(index).to("int64")));
}

const slogdetOp = general()({
  name: "slogdet",
  node: "LinalgSlogdetBackward0",
  summary: "Sign and logarithm of the absolute value of determinants.",
  inputs: ["x"],
  flops: cubic,
  outputs: ["sign", "logabsdet"],
  saves: ["x", "logabsdet"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkSquare("slogdet", x);
    const { count, rows, matrix } = readMatrices(x);
    const signs = emptyPerMatrix(x, []);
    const logs = emptyPerMatrix(x, []);
    const pivots = new Int32Array(rows);
    for (let i = 0; i < count; i++) {
      const lu = matrix(i);
      let sign = luFactor(lu, rows, pivots);
      let log = 0;
      for (let d = 0; d < rows; d++) {
        const pivot = lu[d * rows + d];
        sign *= Math.sign(pivot);
        log += Math.log(Math.abs(pivot));
      }
      signs.storage.values[i] = sign;
      logs.storage.values[i] = log;
    }
    return [signs, logs];
  },
  // d log|det A| = A⁻ᵀ, and NaN where there is no inverse; the sign is constant wherever it is defined.
  backward: {
    x: ({ grads: [, grad], x, logabsdet }) => {
      if (!grad) return null;
      const singular = perMatrix(logabsdet.eq(Number.NEGATIVE_INFINITY));
      const n = x.shape[x.ndim - 1];
      const inverse = inv(where(singular, eye(n, { dtype: x.dtype }), x)).maskedFill(singular, Number.NaN);
      return perMatrix(grad).mul(inverse.transpose(-2, -1));
    },
  },
  accepts: [normal([[2, 2]]), normal([[2, 3, 3]])],
  rejects: [normal([[2, 3]]), normal([[3]])],
});

/** Sign of the determinant and logarithm of its absolute value, which neither overflow nor underflow. */
export const slogdet: (self: Tensor) => NamedResult<readonly ["sign", "logabsdet"]> = (self) =>
  namedResult(["sign", "logabsdet"], applyAll(slogdetOp, [self], undefined));

/** Logarithm of the determinant; NaN where that is negative, −∞ where it is zero. */
export const logdet: (self: Tensor) => Tensor = (self) => {
  const [sign, logabsdet] = slogdet(self);
  return logabsdet.maskedFill(sign.lt(0), Number.NaN);
};
