/** `nn.utils.parametrizations.*` of the public surface. */
import { noGrad } from "../autograd/modes.ts";
import { empty, Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { type Shape, sameShape, showShape, wrapDim } from "../base/shape.ts";
import { eye } from "../ops/creation.ts";
import { qr as factor } from "../ops/factorizations.ts";
import { householderProduct } from "../ops/householder.ts";
import { cat } from "../ops/joining.ts";
import { solve } from "../ops/solving.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./convolution.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { ownBuffers, ownParameters, propertyOf } from "./own.ts";
import { isParametrized, type Parametrized, registerParametrization } from "./parametrize.ts";
import { lengthsAlong } from "./weightNorm.ts";

interface SpectralNormOptions {
  nPowerIterations: number;
  eps: number;
  dim: number | null;
}

type SpectralNormArgs = PositionalArgs<
  [name: string, nPowerIterations: number, eps: number, dim: number | null],
  SpectralNormOptions & { name: string }
>;

/**
 * Divides a weight by its largest singular value, so that the layer never makes a difference between inputs larger. The value
 * comes from one step of the power method at each call in training.
 */
export function spectralNorm<M extends Module>(module: M, ...args: SpectralNormArgs): M & Parametrized {
  const names = ["name", "nPowerIterations", "eps", "dim"] as const;
  const read = readArguments<Partial<SpectralNormOptions> & { name?: string }>("spectralNorm", args, names);
  const { name = "weight", nPowerIterations = 1, eps = 1e-12 } = read;
  const weight = parametrizable("spectralNorm", module, name);
  const isTransposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((Class) => module instanceof Class);
  const dim = read.dim ?? (isTransposed ? 1 : 0);
  if (!(nPowerIterations > 0)) {
    throw new ArgumentError(
      "spectralNorm",
      `Expected nPowerIterations to be positive, but got nPowerIterations=${nPowerIterations}`,
    );
  }
  const along = wrapDim("spectralNorm", dim, weight.ndim);
  return registerParametrization(module, name, new SpectralNorm(weight.detach(), nPowerIterations, along, eps));
}

class SpectralNorm extends Module {
  readonly nPowerIterations: number;
  readonly dim: number;
  readonly eps: number;
  /** Singular vectors of the largest value, as found so far; a vector has none. */
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super();
    this.nPowerIterations = nPowerIterations;
    this.dim = dim;
    this.eps = eps;
    if (weight.ndim < 2) return;
    const matrix = this.matrixOf(weight);
    const [h, w] = matrix.shape;
    const direction = (n: number): Tensor => F.normalize(empty([n], weight.dtype).normal_(), { dim: 0, eps });
    this.registerBuffer("_u", direction(h));
    this.registerBuffer("_v", direction(w));
    this.improve(matrix, 15);
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim < 2) return F.normalize(weight, { dim: 0, eps: this.eps });
    const matrix = this.matrixOf(weight);
    if (this.training) this.improve(matrix, this.nPowerIterations);
    // Copies, because the next call writes to them.
    const sigma = this._u.clone().dot(matrix.mv(this._v.clone()));
    return weight.div(sigma);
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }

  /** One row per slice along `dim`. */
  private matrixOf(weight: Tensor): Tensor {
    const others = weight.shape.map((_, d) => d).filter((d) => d !== this.dim);
    return weight.permute(this.dim, ...others).flatten(1);
  }

  private improve(matrix: Tensor, steps: number): void {
    const { eps } = this;
    noGrad(() => {
      for (let i = 0; i < steps; i++) {
        this._u.copy_(F.normalize(matrix.mv(this._v), { dim: 0, eps }));
        this._v.copy_(F.normalize(matrix.t().mv(this._u), { dim: 0, eps }));
      }
    });
  }
}

type WeightNormArgs = PositionalArgs<[name: string, dim: number | null], { name: string; dim: number | null }>;

/**
 * Trains length and direction of a weight apart: `original0` has one length per slice along `dim` (one for all when null),
 * `original1` the direction.
 */
export function weightNorm<M extends Module>(module: M, ...args: WeightNormArgs): M & Parametrized {
  const read = readArguments<{ name?: string; dim?: number | null }>("weightNorm", args, ["name", "dim"]);
  const { name = "weight", dim = 0 } = read;
  const weight = parametrizable("weightNorm", module, name);
  const along = dim === null || dim === -1 ? null : wrapDim("weightNorm", dim, weight.ndim);
  return registerParametrization(module, name, new WeightNorm(along), { unsafe: true });
}

class WeightNorm extends Module {
  readonly dim: number | null;

  constructor(dim: number | null) {
    super();
    this.dim = dim;
  }

  override forward(lengths: Tensor, directions: Tensor): Tensor {
    return directions.mul(lengths.div(lengthsAlong(directions, this.dim)));
  }

  rightInverse(weight: Tensor): [Tensor, Tensor] {
    return [lengthsAlong(weight, this.dim), weight];
  }
}

/** How a matrix is made orthogonal. */
export type OrthogonalMap = "matrix_exp" | "cayley" | "householder";

interface OrthogonalOptions {
  name: string;
  orthogonalMap: OrthogonalMap | null;
  useTrivialization: boolean;
}

/** How `orthogonal` may be called. */
type OrthogonalArgs = PositionalArgs<[name: string, orthogonalMap: OrthogonalMap | null], OrthogonalOptions>;

/**
 * Keeps a matrix, or each of a batch, orthogonal while it is trained: its columns, or its rows where these are fewer, are
 * orthonormal. With trivialization (default) the matrix is one orthogonal matrix times another, and only the second is trained.
 */
export function orthogonal<M extends Module>(module: M, ...args: OrthogonalArgs): M & Parametrized {
  const names = ["name", "orthogonalMap", "useTrivialization"] as const;
  const read = readArguments<Partial<OrthogonalOptions>>("orthogonal", args, names);
  const { name = "weight", useTrivialization = true } = read;
  const weight = parametrizable("orthogonal", module, name);
  if (weight.ndim < 2) {
    throw new ShapeError(
      "orthogonal",
      `Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`,
    );
  }
  const map = read.orthogonalMap ?? (weight.shape.at(-2) === weight.shape.at(-1) ? "matrix_exp" : "householder");
  if (!["matrix_exp", "cayley", "householder"].includes(map)) {
    throw new ArgumentError(
      "orthogonal",
      `orthogonalMap has to be one of "matrix_exp", "cayley", "householder". Got: ${map}`,
    );
  }
  const parametrization = new Orthogonal(weight.shape, map, useTrivialization);
  return registerParametrization(module, name, parametrization, { unsafe: true });
}

class Orthogonal extends Module {
  readonly shape: Shape;
  readonly orthogonalMap: OrthogonalMap;
  readonly useTrivialization: boolean;
  /** What the trained orthogonal matrix is multiplied with, if anything. */
  declare base: Tensor | null;

  constructor(shape: Shape, orthogonalMap: OrthogonalMap, useTrivialization: boolean) {
    super();
    this.shape = shape;
    this.orthogonalMap = orthogonalMap;
    this.useTrivialization = useTrivialization;
    if (useTrivialization) this.registerBuffer("base", null);
    // Nobody knows which half a matrix comes from, so nothing can be assigned, and training begins elsewhere.
    else if (orthogonalMap !== "householder") Object.assign(this, { rightInverse: undefined });
  }

  override forward(original: Tensor): Tensor {
    const isWide = (original.shape.at(-2) ?? 0) < (original.shape.at(-1) ?? 0);
    const x = isWide ? original.mT : original;
    const { base = null } = this;
    const trained = this.orthogonalMap === "householder" ? fromReflections(x) : this.fromSkew(x);
    const q = base === null ? trained : base.matmul(trained);
    return isWide ? q.mT : q;
  }

  /** From the part on and below the diagonal, as one half of a skew-symmetric matrix. */
  private fromSkew(x: Tensor): Tensor {
    const [n, k] = x.shape.slice(-2);
    const lower = x.tril();
    const rest = empty([...x.shape.slice(0, -2), n, n - k], x.dtype);
    const square = n === k ? lower : cat([lower, rest], -1);
    const skew = square.sub(square.mT);
    if (this.orthogonalMap === "matrix_exp") return skew.matrixExp().narrow(-1, 0, k);
    const identity = eye(n, { dtype: x.dtype });
    const half = skew.mul(0.5);
    return solve(identity.sub(half), identity.add(half)).narrow(-1, 0, k);
  }

  rightInverse(value: Tensor): Tensor {
    if (!sameShape(value.shape, this.shape)) {
      throw new ShapeError(
        "orthogonal",
        `Expected a matrix or batch of matrices of shape ${showShape(this.shape)}. Got a tensor of shape ${showShape(value.shape)}.`,
      );
    }
    return noGrad(() => {
      const [rows, columns] = value.shape.slice(-2);
      const isWide = rows < columns;
      const tall = isWide ? value.mT : value;
      if (!this.useTrivialization) return this.packed(tall, isWide);
      this.base = completed(tall);
      // Minus the identity, because the signs on the diagonal are those of the reflections: those of no reflection at all give it.
      const start = value.zerosLike();
      start.diagonal(0, -2, -1).fill_(-1);
      return start;
    });
  }

  /** The reflections whose product a matrix is, with the signs of R on the diagonal. */
  private packed(tall: Tensor, isWide: boolean): Tensor {
    const [a, tau] = tall.geqrf();
    const diagonal = a.diagonal(0, -2, -1);
    diagonal.copy_(diagonal.sign());
    diagonal.mul_(tau.eq(0).to(a.dtype).mul(-2).add(1));
    return isWide ? a.mT : a;
  }
}

/** The product of reflections whose vectors stand below the diagonal; only the signs of the diagonal count, and they are not trained. */
function fromReflections(x: Tensor): Tensor {
  const vectors = x.tril(-1);
  const factors = vectors.square().sum({ dim: -2 }).add(1).reciprocal().mul(2);
  const signs = x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2);
  return householderProduct(vectors, factors).mul(signs);
}

/** A square orthogonal matrix whose first columns are those of a tall matrix, made orthonormal where they are not. */
function completed(tall: Tensor): Tensor {
  const [n, k] = tall.shape.slice(-2);
  if (n > k) {
    const others = empty([...tall.shape.slice(0, -2), n, n - k], tall.dtype).normal_();
    return orthonormal(cat([tall, others], -1));
  }
  const eps = tall.dtype === "float64" ? 2 ** -52 : 2 ** -23;
  const identity = eye(k, { dtype: tall.dtype });
  return tall.mT.matmul(tall).allclose(identity, { atol: 10 * n * eps }) ? tall.clone() : orthonormal(tall);
}

function orthonormal(x: Tensor): Tensor {
  const [q, r] = factor(x);
  return q.mul(r.diagonal(0, -2, -1).sign().unsqueeze(-2));
}

/** A parameter or buffer of a module, parametrized already or not. */
function parametrizable(op: string, module: Module, name: string): Tensor {
  const value = isParametrized(module, name)
    ? propertyOf(module, name)
    : new Map([...ownParameters(module), ...ownBuffers(module)]).get(name);
  if (value instanceof Tensor) return value;
  throw new ArgumentError(op, `Module '${module.constructor.name}' has no parameter or buffer with name '${name}'`);
}
