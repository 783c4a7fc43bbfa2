import { apply, applyAll } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, AutogradError, checkOptions } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { cholesky as choleskyInPlace } from "../kernels/cholesky.ts";
import { qr as factorQr } from "../kernels/qr.ts";
import { svd as factorSvd } from "../kernels/svd.ts";
import { symmetricEigen } from "../kernels/symmetricEigen.ts";
import { eye } from "./creation.ts";
import { general } from "./define.ts";
import { cubic } from "./flops.ts";
import { cat } from "./joining.ts";
import { checkMatrix, checkSquare, emptyPerMatrix, readMatrices } from "./matrixBatches.ts";
import { type NamedResult, namedResult } from "./namedResult.ts";
import { arranged, normal, type Sample } from "./samples.ts";
import { solveTriangular, type UpperOptions } from "./solving.ts";

const transposed = (x: Tensor): Tensor => x.transpose(-2, -1);

const identityLike = (x: Tensor): Tensor => eye(x.shape[x.ndim - 1], { dtype: x.dtype });

/** A sample of matrices made to have what an op asks of them. */
const symmetric = (shapes: readonly Shape[], make: (x: Tensor) => unknown[]): Sample =>
  arranged(normal(shapes), "made symmetric", ([x]) => make(x));

const positiveBatch = symmetric([[2, 2, 2]], (x) => [x.matmul(transposed(x)).add(identityLike(x))]);

const choleskyOp = general()({
  name: "cholesky",
  node: "LinalgCholeskyExBackward0",
  summary: "Lower triangular L with A = L Lᵀ.",
  inputs: ["x"],
  flops: cubic,
  saves: ["out"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkSquare("cholesky", x);
    const { count, rows, matrix } = readMatrices(x);
    const out = emptyPerMatrix(x, [rows, rows]);
    for (let i = 0; i < count; i++) {
      const factor = matrix(i);
      const order = choleskyInPlace(factor, rows);
      if (order > 0) throw notPositive(order, i, count);
      out.storage.values.set(factor, i * rows * rows);
    }
    return out;
  },
  // With S the symmetric part of tril(Lᵀ dL), its diagonal halved: dA = L⁻ᵀ S L⁻¹.
  backward: {
    x: ({ grad, out }) => {
      const lower = transposed(out).matmul(grad).tril();
      const symmetric = lower.add(transposed(lower.tril(-1))).mul(0.5);
      const left = solveTriangular(transposed(out), symmetric, { upper: true });
      return transposed(solveTriangular(transposed(out), transposed(left), { upper: true }));
    },
  },
  accepts: [symmetric([[3, 3]], (x) => [x.matmul(transposed(x)).add(identityLike(x))]), positiveBatch],
  rejects: [normal([[2, 3]]), normal([[3]])],
});

const notPositive = (order: number, batch: number, count: number): ArgumentError =>
  new ArgumentError(
    "cholesky",
    `${count > 1 ? `(Batch element ${batch}): ` : ""}The factorization could not be completed because the input is not positive-definite (the leading minor of order ${order} is not positive-definite)`,
  );

/** Lower triangular L with A = L Lᵀ (or upper U with A = Uᵀ U) of symmetric positive-definite matrices. */
export const cholesky: (self: Tensor, ...args: [options?: UpperOptions] | [upper: boolean]) => Tensor = (
  self,
  ...args
) => {
  const { upper = false } = readArguments<UpperOptions>("cholesky", args, ["upper"]);
  if (!upper) return apply(choleskyOp, [self], undefined);
  checkSquare("cholesky", self);
  return transposed(apply(choleskyOp, [transposed(self)], undefined));
};

/** reduced: Q has as many columns as R has rows; complete: Q is square; r: R alone, without a derivative. */
export type QrMode = "reduced" | "complete" | "r";

const qrOp = general<{ readonly mode: QrMode }>()({
  name: "qr",
  node: "LinalgQrBackward0",
  summary: "A = Q R with orthonormal columns in Q and a triangular R.",
  inputs: ["x"],
  flops: cubic,
  outputs: ["q", "r"],
  saves: ["q", "r"],
  forward: ([input], { mode }) => {
    const x = input as Tensor;
    checkMatrix("qr", x);
    const { count, rows: m, columns: n, matrix } = readMatrices(x);
    const width = mode === "complete" ? m : Math.min(m, n);
    const q = emptyPerMatrix(x, [m, width]);
    const r = emptyPerMatrix(x, [width, n]);
    for (let i = 0; i < count; i++) {
      const upper = matrix(i);
      const orthogonal = new Float64Array(m * width);
      factorQr(upper, m, n, orthogonal, width);
      q.storage.values.set(orthogonal, i * m * width);
      r.storage.values.set(upper.subarray(0, width * n), i * width * n);
    }
    return [q, r];
  },
  backward: { x: ({ grads, q, r, attrs }) => qrDerivative(grads, q, r, attrs.mode) },
  accepts: [normal([[3, 3]]), normal([[4, 2]]), normal([[2, 3]]), normal([[2, 3, 2]])],
  rejects: [normal([[3]])],
});

function qrDerivative(grads: readonly (Tensor | null)[], q: Tensor, r: Tensor, mode: QrMode): Tensor {
  const [gq, gr] = grads;
  const [m, width] = q.shape.slice(-2);
  const n = r.shape[r.ndim - 1];
  if (mode === "r") throw new AutogradError("The derivative of qr is not implemented when mode='r': use 'reduced'");
  if (mode === "complete" && m > n) {
    throw new AutogradError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols");
  }
  if (n <= width) return tallQrDerivative(gq, gr, q, r);
  // A = [A₁ A₂] with A₁ = Q R₁ square and R₂ = Qᵀ A₂, so R₂ hands its gradient on to A₂ and to Q.
  const r1 = r.narrow(-1, 0, width);
  const g1 = gr?.narrow(-1, 0, width) ?? null;
  const g2 = (gr ?? r.zerosLike()).narrow(-1, width, n - width);
  const throughR2 = q.matmul(r.narrow(-1, width, n - width)).matmul(transposed(g2));
  return cat([tallQrDerivative(gq ? gq.add(throughR2) : throughR2, g1, q, r1), q.matmul(g2)], -1);
}

/** For at least as many rows as columns: dA = (dQ + Q S) R⁻ᵀ with S the symmetrized triu(dR Rᵀ − Qᵀ dQ). */
function tallQrDerivative(gq: Tensor | null, gr: Tensor | null, q: Tensor, r: Tensor): Tensor {
  const fromR = gr ? gr.matmul(transposed(r)) : null;
  const fromQ = gq ? transposed(q).matmul(gq).neg() : null;
  const inner = (fromR && fromQ ? fromR.add(fromQ) : ((fromR ?? fromQ) as Tensor)).triu();
  const symmetric = inner.add(transposed(inner.triu(1)));
  const outer = q.matmul(symmetric);
  return solveTriangular(transposed(r), gq ? outer.add(gq) : outer, { upper: false, left: false });
}

/** Q with orthonormal columns and upper triangular R with A = Q R. */
export const qr: (
  self: Tensor,
  ...args: [options?: { readonly mode?: QrMode }] | [mode: QrMode]
) => NamedResult<readonly ["Q", "R"]> = (self, ...args) => {
  const { mode = "reduced" } = readArguments<{ mode?: QrMode }>("qr", args, ["mode"]);
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new ArgumentError(
      "qr",
      `received unrecognized mode '${mode}' but expected one of 'reduced', 'complete' or 'r'`,
    );
  }
  const [q, r] = applyAll(qrOp, [self], { mode });
  return namedResult(["Q", "R"], [mode === "r" ? empty([0], self.dtype) : q, r]);
};

const eighOp = general()({
  name: "eigh",
  node: "LinalgEighBackward0",
  summary: "Eigenvalues, ascending, and eigenvectors of symmetric matrices.",
  inputs: ["x"],
  flops: cubic,
  outputs: ["values", "vectors"],
  saves: ["values", "vectors"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkSquare("eigh", x);
    const { count, rows: n, matrix } = readMatrices(x);
    const values = emptyPerMatrix(x, [n]);
    const vectors = emptyPerMatrix(x, [n, n]);
    const w = new Float64Array(n);
    const v = new Float64Array(n * n);
    for (let i = 0; i < count; i++) {
      if (!symmetricEigen(matrix(i), n, w, v)) {
        throw new ArgumentError(
          "eigh",
          "The algorithm failed to converge because the input matrix has NaN or is ill-conditioned",
        );
      }
      values.storage.values.set(w, i * n);
      vectors.storage.values.set(v, i * n * n);
    }
    return [values, vectors];
  },
  // dA = V (diag(dλ) + (Vᵀ dV) / E) Vᵀ with Eᵢⱼ = λⱼ − λᵢ off the diagonal.
  backward: {
    x: ({ grads: [gValues, gVectors], values, vectors }) => {
      const identity = identityLike(vectors);
      let inner = gValues ? gValues.unsqueeze(-2).mul(identity) : null;
      if (gVectors) {
        const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1)).add(identity);
        const turn = transposed(vectors).matmul(gVectors);
        // Half the difference with its transpose, so that the gradient of a symmetric matrix is symmetric.
        const turned = turn.sub(transposed(turn)).div(gaps.mul(2)).mul(identity.neg().add(1));
        inner = inner ? inner.add(turned) : turned;
      }
      return inner ? vectors.matmul(inner).matmul(transposed(vectors)) : null;
    },
  },
  accepts: [symmetric([[3, 3]], (x) => [x.add(transposed(x))]), symmetric([[2, 2, 2]], (x) => [x.add(transposed(x))])],
  rejects: [normal([[2, 3]]), normal([[3]])],
});

/** Options of `eigh` and `eigvalsh`. */
export interface EighOptions {
  /** Which triangle is read. Default "L". */
  readonly UPLO?: "L" | "U";
}

type EighArgs = [options?: EighOptions] | [UPLO: "L" | "U"];

/** Eigenvalues, ascending, and orthonormal eigenvectors (as columns) of symmetric matrices. */
export const eigh: (self: Tensor, ...args: EighArgs) => NamedResult<readonly ["eigenvalues", "eigenvectors"]> = (
  self,
  ...args
) => {
  const { UPLO = "L" } = readArguments<EighOptions>("eigh", args, ["UPLO"]);
  checkSquare("eigh", self);
  const results = applyAll(eighOp, [UPLO === "U" ? transposed(self) : self], undefined);
  return namedResult(["eigenvalues", "eigenvectors"], results);
};

/** Eigenvalues of symmetric matrices, ascending. */
export const eigvalsh: (self: Tensor, ...args: EighArgs) => Tensor = (self, ...args) => eigh(self, ...args)[0];

const svdOp = general<{ readonly full: boolean }>()({
  name: "svd",
  node: "LinalgSvdBackward0",
  summary: "Singular value decomposition A = U diag(S) Vᵀ.",
  inputs: ["x"],
  flops: cubic,
  outputs: ["u", "s", "vh"],
  saves: ["u", "s", "vh"],
  forward: ([input], { full }) => {
    const x = input as Tensor;
    checkMatrix("svd", x);
    const { count, rows: m, columns: n, matrix } = readMatrices(x);
    const k = Math.min(m, n);
    const u = emptyPerMatrix(x, [m, full ? m : k]);
    const s = emptyPerMatrix(x, [k]);
    const vh = emptyPerMatrix(x, [full ? n : k, n]);
    for (let i = 0; i < count; i++) {
      const factors = factorSvd(matrix(i), m, n, full);
      u.storage.values.set(factors.u, i * factors.u.length);
      s.storage.values.set(factors.s, i * k);
      vh.storage.values.set(factors.vt, i * factors.vt.length);
    }
    return [u, s, vh];
  },
  backward: {
    x: ({ grads: [gu, gs, gvh], u, s, vh }) => {
      // Vectors beyond the singular values are arbitrary and have no derivative.
      const k = s.shape[s.ndim - 1];
      const left = (x: Tensor): Tensor => x.narrow(-1, 0, k);
      const right = (x: Tensor): Tensor => x.narrow(-2, 0, k);
      return svdDerivative(gu ? left(gu) : null, gs, gvh ? right(gvh) : null, left(u), s, right(vh));
    },
  },
});

/**
 * dA = U [ (skew(Uᵀ dU) / E) S + S (skew(Vᵀ dV) / E) + diag(dS) ] Vᵀ with Eᵢⱼ = Sⱼ² − Sᵢ² off the diagonal, plus what
 * leaves the span of U or V where the matrix is not square.
 */
function svdDerivative(
  gu: Tensor | null,
  gs: Tensor | null,
  gvh: Tensor | null,
  u: Tensor,
  s: Tensor,
  vh: Tensor,
): Tensor | null {
  if (!gu && !gvh) return gs ? u.matmul(gs.unsqueeze(-1).mul(vh)) : null;
  const identity = eye(s.shape[s.ndim - 1], { dtype: s.dtype });
  const squares = s.mul(s);
  const gaps = squares.unsqueeze(-2).sub(squares.unsqueeze(-1)).add(identity);
  let inner = gs ? gs.unsqueeze(-2).mul(identity) : identity.mul(0);
  if (gu) inner = inner.add(skew(transposed(u).matmul(gu)).div(gaps).mul(s.unsqueeze(-2)));
  if (gvh)
    inner = inner.add(
      skew(vh.matmul(transposed(gvh)))
        .div(gaps)
        .mul(s.unsqueeze(-1)),
    );
  let result = u.matmul(inner).matmul(vh);
  if (gu && u.shape[u.ndim - 2] > s.shape[s.ndim - 1]) {
    const outside = gu.sub(u.matmul(transposed(u).matmul(gu)));
    result = result.add(outside.div(s.unsqueeze(-2)).matmul(vh));
  }
  if (gvh && vh.shape[vh.ndim - 1] > s.shape[s.ndim - 1]) {
    const outside = gvh.sub(gvh.matmul(transposed(vh)).matmul(vh));
    result = result.add(u.matmul(outside.div(s.unsqueeze(-1))));
  }
  return result;
}

const skew = (x: Tensor): Tensor => x.sub(transposed(x));

/** Options of `linalg.svd`. */
export interface SvdOptions {
  /** Square U and Vᵀ. Default true. */
  readonly fullMatrices?: boolean;
}

/** U, singular values S (descending) and Vᵀ with A = U diag(S) Vᵀ. */
export const svd: (
  self: Tensor,
  ...args: [options?: SvdOptions] | [fullMatrices: boolean]
) => NamedResult<readonly ["U", "S", "Vh"]> = (self, ...args) => {
  const { fullMatrices = true } = readArguments<SvdOptions>("svd", args, ["fullMatrices"]);
  return namedResult(["U", "S", "Vh"], applyAll(svdOp, [self], { full: fullMatrices }));
};

/** Singular values, descending. */
export const svdvals: (self: Tensor) => Tensor = (self) => svd(self, false)[1];

/** Options of `pinv`, `lstsq` and `matrixRank`: which singular values count as zero. */
export interface RankOptions {
  /** Those up to this. Default 0. */
  readonly atol?: number;
  /** Those up to this times the largest. Default: the dtype's epsilon times the larger side. */
  readonly rtol?: number;
}

/** The bound under which a singular value counts as zero. */
export function zeroBound(x: Tensor, largest: number, { atol = 0, rtol }: RankOptions): number {
  const epsilon = x.dtype === "float32" ? 2 ** -23 : 2 ** -52;
  const relative = rtol ?? (atol > 0 ? 0 : epsilon * Math.max(x.shape[x.ndim - 2], x.shape[x.ndim - 1]));
  return Math.max(atol, relative * largest);
}

const pinvOp = general<RankOptions>()({
  name: "pinv",
  node: "LinalgPinvBackward0",
  summary: "Moore-Penrose pseudoinverses.",
  symbol: "A⁺",
  inputs: ["x"],
  flops: cubic,
  saves: ["x", "out"],
  forward: ([input], attrs) => {
    const x = input as Tensor;
    checkMatrix("pinv", x);
    const { count, rows: m, columns: n, matrix } = readMatrices(x);
    const out = emptyPerMatrix(x, [n, m]);
    for (let i = 0; i < count; i++) out.storage.values.set(pseudoinverse(x, matrix(i), m, n, attrs), i * m * n);
    return out;
  },
  backward: { x: ({ grad, x, out }) => pinvDerivative(transposed(grad), out, x) },
  accepts: [normal([[3, 3]]), normal([[4, 2]]), normal([[2, 3]]), normal([[2, 3, 2]])],
  rejects: [normal([[3]])],
});

/** V S⁻¹ Uᵀ over the singular values that do not count as zero. */
function pseudoinverse(x: Tensor, a: Float64Array, m: number, n: number, options: RankOptions): Float64Array {
  const { u, s, vt } = factorSvd(a, m, n, false);
  const bound = zeroBound(x, s[0] ?? 0, options);
  const out = new Float64Array(n * m);
  const width = s.length;
  for (let k = 0; k < width; k++) {
    if (s[k] <= bound) continue;
    for (let i = 0; i < n; i++) {
      const factor = vt[k * n + i] / s[k];
      for (let j = 0; j < m; j++) out[i * m + j] += factor * u[j * width + k];
    }
  }
  return out;
}

/** The adjoint of Golub and Pereyra's derivative of the pseudoinverse P of A; `g` is the gradient, transposed. */
function pinvDerivative(g: Tensor, p: Tensor, a: Tensor): Tensor {
  const pt = transposed(p);
  if (a.shape[a.ndim - 2] <= a.shape[a.ndim - 1]) {
    const k = g.matmul(p);
    const kpt = k.matmul(pt);
    return transposed(p.matmul(k))
      .neg()
      .add(kpt)
      .sub(a.matmul(p).matmul(kpt))
      .add(pt.matmul(p).matmul(g.sub(k.matmul(a))));
  }
  const k = p.matmul(g);
  const ptk = pt.matmul(k);
  return transposed(k.matmul(p))
    .neg()
    .add(g.sub(a.matmul(k)).matmul(p).matmul(pt))
    .add(ptk)
    .sub(ptk.matmul(p).matmul(a));
}

/** Pseudoinverses: what solves A X = B with the least squares, for matrices of any shape and rank. */
export const pinv: (self: Tensor, options?: RankOptions) => Tensor = (self, options = {}) => {
  checkOptions("pinv", options, ["atol", "rtol"]);
  return apply(pinvOp, [self], options);
};
