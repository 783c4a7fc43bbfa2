import { applyAll } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { AutogradError, ShapeError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { reflections } from "../kernels/qr.ts";
import { eye } from "./creation.ts";
import { general } from "./define.ts";
import { cubic } from "./flops.ts";
import { checkMatrix, emptyPerMatrix, readMatrices } from "./matrixBatches.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { normal } from "./samples.ts";

const transposed = (x: Tensor): Tensor => x.transpose(-2, -1);

const geqrfOp = general()({
  name: "geqrf",
  node: "GeqrfBackward0",
  summary: "QR as LAPACK keeps it: R, with the vectors of the reflections below its diagonal, and their factors.",
  inputs: ["x"],
  flops: cubic,
  outputs: ["a", "tau"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkMatrix("geqrf", x);
    const { count, rows, columns, matrix } = readMatrices(x);
    const a = emptyPerMatrix(x, [rows, columns]);
    const tau = emptyPerMatrix(x, [Math.min(rows, columns)]);
    for (let i = 0; i < count; i++) {
      const packed = matrix(i);
      tau.storage.values.set(reflections(packed, rows, columns), i * Math.min(rows, columns));
      a.storage.values.set(packed, i * rows * columns);
    }
    return [a, tau];
  },
  backward: {
    x: () => {
      throw new AutogradError("the derivative for 'geqrf' is not implemented: use linalg.qr");
    },
  },
  rejects: [normal([[3]])],
});

/** R with the vectors of the reflections below its diagonal, and their factors: what `linalg.householderProduct` makes Q of. */
export const geqrf: (self: Tensor) => NamedResult<readonly ["a", "tau"]> = (self) =>
  namedResult(["a", "tau"], applyAll(geqrfOp, [self], undefined));

/** The first columns of the product of the reflections I − tau v vᵀ, whose vectors stand below the diagonal of `self`, below a 1. */
export const householderProduct: (self: Tensor, tau: Tensor) => Tensor = (self, tau) => {
  checkReflections(self, tau);
  return product("householderProduct", self, tau, self.shape[self.ndim - 1]);
};

/** The same as `linalg.householderProduct`. */
export const orgqr: (self: Tensor, tau: Tensor) => Tensor = householderProduct;

interface OrmqrOptions {
  left: boolean;
  transpose: boolean;
}

/** The product of Q, all of it, and a matrix; `left: false` for the matrix times Q, `transpose` for Qᵀ. */
export const ormqr: (
  self: Tensor,
  tau: Tensor,
  other: Tensor,
  ...args: PositionalArgs<[left: boolean, transpose: boolean], OrmqrOptions>
) => Tensor = (self, tau, other, ...args) => {
  const { left = true, transpose = false } = readArguments<Partial<OrmqrOptions>>("ormqr", args, ["left", "transpose"]);
  checkFactor(self, tau, other, left);
  const q = product("ormqr", self, tau, self.shape[self.ndim - 2]);
  const factor = transpose ? transposed(q) : q;
  return left ? factor.matmul(other) : other.matmul(factor);
};

/** Whether `other` can stand beside Q, and tau has a factor for each reflection that shows in both. */
function checkFactor(self: Tensor, tau: Tensor, other: Tensor, left: boolean): void {
  checkMatrix("ormqr", self);
  checkMatrix("ormqr", other);
  const size = other.shape[other.ndim - (left ? 2 : 1)];
  const [m, n] = self.shape.slice(-2);
  const sameBatch = sameShape(other.shape.slice(0, -2), self.shape.slice(0, -2));
  if (size !== m || !sameBatch) {
    throw misfit("ormqr", `other.shape[${left ? -2 : -1}] must be equal to input.shape[-2]`, self, other);
  }
  if (tau.shape[tau.ndim - 1] !== Math.min(m, n)) {
    throw misfit("ormqr", "tau.shape[-1] must be equal to min(other.shape[-2], input.shape[-1])", self, tau);
  }
}

function checkReflections(self: Tensor, tau: Tensor): void {
  checkMatrix("householderProduct", self);
  const [m, n] = self.shape.slice(-2);
  if (m < n) {
    throw misfit("householderProduct", "input.shape[-2] must be greater than or equal to input.shape[-1]", self, tau);
  }
  if (n < (tau.shape[tau.ndim - 1] ?? 0)) {
    throw misfit("householderProduct", "input.shape[-1] must be greater than or equal to tau.shape[-1]", self, tau);
  }
}

function product(op: string, self: Tensor, tau: Tensor, columns: number): Tensor {
  if (tau.ndim !== self.ndim - 1) throw misfit(op, "tau must have one dimension less than the input", self, tau);
  if (!sameShape(tau.shape.slice(0, -1), self.shape.slice(0, -2))) {
    throw misfit(op, "Expected batch dimensions of tau to be equal to input.shape[:-2]", self, tau);
  }
  const k = tau.shape[tau.ndim - 1];
  const m = self.shape[self.ndim - 2];
  const identity = eye(m, { dtype: self.dtype });
  const vectors = self
    .narrow(-1, 0, k)
    .tril(-1)
    .add(identity.narrow(1, 0, k));
  let q = identity.narrow(1, 0, columns).expand([...self.shape.slice(0, -1), columns]);
  for (let i = k - 1; i >= 0; i--) {
    const v = vectors.narrow(-1, i, 1);
    const factor = tau.narrow(-1, i, 1).unsqueeze(-1);
    q = q.sub(factor.mul(v).matmul(transposed(v).matmul(q)));
  }
  return q;
}

const misfit = (op: string, what: string, self: Tensor, tau: Tensor): ShapeError =>
  new ShapeError(op, `${what}, but got shapes ${showShape(self.shape)} and ${showShape(tau.shape)}`);
