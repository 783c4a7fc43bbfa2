import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { promote } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { broadcastShapes, showShape } from "../base/shape.ts";
import { distances } from "../kernels/distances.ts";
import { tensor } from "./creation.ts";
import { general } from "./define.ts";
import { distance } from "./hazards.ts";
import { checkMatrix, spread } from "./matrixBatches.ts";
import { checkSameDType } from "./matrixOperands.ts";
import { normal } from "./samples.ts";

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Default 1. */
  readonly dim?: number;
  /** The least norm to divide by. Default 1e-8. */
  readonly eps?: number;
}

/** Cosine of the angle between vectors along a dimension; the others broadcast. */
export const cosineSimilarity: (
  x1: Tensor,
  x2: Tensor,
  ...args: [options?: CosineSimilarityOptions] | [dim: number, eps?: number]
) => Tensor = (x1, x2, ...args) => {
  const { dim = 1, eps = 1e-8 } = readArguments<CosineSimilarityOptions>("cosineSimilarity", args, ["dim", "eps"]);
  const shape = broadcastShapes("cosineSimilarity", x1.shape, x2.shape);
  const dtype = promote(x1.dtype, x2.dtype);
  return unit(x1.to(dtype).expand(shape), dim, eps)
    .mul(unit(x2.to(dtype).expand(shape), dim, eps))
    .sum(dim);
};

const unit = (x: Tensor, dim: number, eps: number): Tensor =>
  x.div(x.norm({ p: 2, dim, keepdim: true }).clamp({ min: eps }));

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** Which norm. Default 2. */
  readonly p?: number;
  /** Added to every difference, so that the norm has a derivative. Default 1e-6. */
  readonly eps?: number;
  readonly keepdim?: boolean;
}

/** Norm of the difference of vectors in the last dimension; the others broadcast. */
export const pairwiseDistance: (
  x1: Tensor,
  x2: Tensor,
  ...args: [options?: PairwiseDistanceOptions] | [p: number, eps?: number, keepdim?: boolean]
) => Tensor = (x1, x2, ...args) => {
  const options = readArguments<PairwiseDistanceOptions>("pairwiseDistance", args, ["p", "eps", "keepdim"]);
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  return x1.sub(x2).add(eps).norm({ p, dim: -1, keepdim });
};

const cdistOp = general()({
  name: "cdist",
  summary: "Distances of all pairs of rows of two matrices.",
  inputs: ["a", "b"],
  saves: ["a", "b", "out"],
  hazards: distance,
  forward: ([x, y]) => {
    const a = x as Tensor;
    const b = y as Tensor;
    const batch = broadcastShapes("cdist", a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [n, columns] = a.shape.slice(-2);
    const m = b.shape[b.ndim - 2];
    const left = spread(a, [...batch, n, columns]);
    const right = spread(b, [...batch, m, columns]);
    const out = empty([...batch, n, m], a.dtype);
    for (let i = 0; i * n * m < out.elements; i++) {
      distances(
        left.storage.values,
        left.offset + i * n * columns,
        right.storage.values,
        right.offset + i * m * columns,
        n,
        m,
        columns,
        out.storage.values,
        i * n * m,
      );
    }
    return out;
  },
  // With R = grad / distance (0 where that is 0): da = a · rows' sums of R − R b, and the same for b with Rᵀ.
  backward: {
    a: ({ grad, a, b, out }) => pull(perDistance(grad, out), a, b),
    b: ({ grad, a, b, out }) => pull(perDistance(grad, out).transpose(-2, -1), b, a),
  },
  accepts: [
    normal([
      [3, 2],
      [2, 2],
    ]),
    normal([
      [2, 3, 2],
      [1, 4, 2],
    ]),
    normal([
      [0, 2],
      [3, 2],
    ]),
  ],
  rejects: [
    normal([
      [3, 2],
      [2, 3],
    ]),
    normal([[3], [3]]),
  ],
});

const perDistance = (grad: Tensor, distance: Tensor): Tensor => grad.div(distance).maskedFill(distance.eq(0), 0);

const pull = (weights: Tensor, from: Tensor, to: Tensor): Tensor =>
  from.mul(weights.sum({ dim: -1, keepdim: true })).sub(weights.matmul(to));

/** Distances of every row of `x1` to every row of `x2`, by the p-norm (default 2); batches broadcast. */
export const cdist: (x1: Tensor, x2: Tensor, ...args: [options?: { readonly p?: number }] | [p: number]) => Tensor = (
  x1,
  x2,
  ...args
) => {
  const { p = 2 } = readArguments<{ p?: number }>("cdist", args, ["p"]);
  checkMatrix("cdist", x1);
  checkMatrix("cdist", x2);
  checkSameDType("cdist", x1, x2);
  if (x1.shape[x1.ndim - 1] !== x2.shape[x2.ndim - 1]) {
    throw new ShapeError(
      "cdist",
      `X1 and X2 must have the same number of columns, but got shapes ${showShape(x1.shape)} and ${showShape(x2.shape)}`,
    );
  }
  if (!(p >= 0)) throw new ArgumentError("cdist", `only supports non-negative p values, but got ${p}`);
  if (p === 2) return apply(cdistOp, [x1, x2], undefined);
  const difference = x1.unsqueeze(-2).sub(x2.unsqueeze(-3));
  // How many coordinates differ: constant, but part of the graph as the other distances are.
  return p === 0 ? difference.sgn().abs().sum(-1) : difference.norm({ p, dim: -1 });
};

/** Distances of all pairs of different rows of a matrix, as a vector: (0, 1), (0, 2) … (1, 2) … */
export const pdist: (input: Tensor, ...args: [options?: { readonly p?: number }] | [p: number]) => Tensor = (
  input,
  ...args
) => {
  const { p = 2 } = readArguments<{ p?: number }>("pdist", args, ["p"]);
  if (input.ndim !== 2) throw new ShapeError("pdist", `only supports 2D tensors, got: ${input.ndim}D`);
  const n = input.shape[0];
  const pairs: [number, number][] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  const rows = tensor(
    pairs.map(([i]) => i),
    { dtype: "int64" },
  );
  const others = tensor(
    pairs.map(([, j]) => j),
    { dtype: "int64" },
  );
  return input.indexSelect(0, rows).sub(input.indexSelect(0, others)).norm({ p, dim: -1 });
};
