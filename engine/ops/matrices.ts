import { apply } from "../autograd/dispatch.ts";
import { blank, empty, type Tensor } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { matmul as multiply } from "../kernels/matmul.ts";
import { broadcasting } from "./batching.ts";
import { general } from "./define.ts";
import { productOf } from "./flops.ts";
import {
  by,
  checkInner,
  checkNdim,
  checkSameDType,
  columnOf,
  matrixOf,
  multiplyBatches,
  productShape,
  rowOf,
  rowsOf,
} from "./matrixOperands.ts";
import { normal } from "./samples.ts";

type Product = (self: Tensor, other: Tensor) => Tensor;

const mmOp = general()({
  name: "mm",
  summary: "Product of two matrices.",
  symbol: "@",
  inputs: ["a", "b"],
  flops: productOf(0),
  saves: { a: ["b"], b: ["a"] },
  forward: ([x, y]) => {
    const a = x as Tensor;
    const b = y as Tensor;
    checkNdim("mm", "self", a, 2);
    checkNdim("mm", "other", b, 2);
    checkInner("mm", a.shape, b.shape);
    checkSameDType("mm", a, b);
    const out = blank([a.shape[0], b.shape[1]], a.dtype);
    multiply(a.shape[0], a.shape[1], b.shape[1], matrixOf(a), matrixOf(b), out.storage.values, 0);
    return out;
  },
  onBatch: ([a, b]) => (a as Tensor).matmul(b as Tensor),
  // Y = A B, so dA = dY Bᵀ and dB = Aᵀ dY.
  backward: { a: ({ grad, b }) => grad.mm(b.transpose(0, 1)), b: ({ grad, a }) => a.transpose(0, 1).mm(grad) },
  accepts: [
    normal([
      [2, 3],
      [3, 4],
    ]),
    normal([
      [1, 1],
      [1, 1],
    ]),
    normal([
      [1, 5],
      [5, 3],
    ]),
    normal([
      [0, 3],
      [3, 2],
    ]),
  ],
  rejects: [
    normal([
      [2, 3],
      [2, 3],
    ]),
    normal([[3], [3]]),
  ],
});

/** Product of two matrices. */
export const mm: Product = (self, other) => apply(mmOp, [self, other], undefined);

const bmmOp = general()({
  name: "bmm",
  summary: "Products of two batches of matrices.",
  symbol: "@",
  inputs: ["a", "b"],
  flops: productOf(0),
  saves: { a: ["b"], b: ["a"] },
  forward: ([x, y]) => {
    const a = x as Tensor;
    const b = y as Tensor;
    checkNdim("bmm", "self", a, 3);
    checkNdim("bmm", "other", b, 3);
    if (a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1]) {
      throw new ShapeError(
        "bmm",
        `Expected size for first two dimensions of batch2 tensor to be: ${showShape([a.shape[0], a.shape[2]])} but got: ${showShape(b.shape.slice(0, 2))}`,
      );
    }
    return batchedProduct("bmm", a, b);
  },
  onBatch: ([a, b]) => (a as Tensor).matmul(b as Tensor),
  backward: { a: ({ grad, b }) => grad.bmm(b.transpose(1, 2)), b: ({ grad, a }) => a.transpose(1, 2).bmm(grad) },
  accepts: [
    normal([
      [2, 3, 4],
      [2, 4, 2],
    ]),
    normal([
      [1, 1, 1],
      [1, 1, 2],
    ]),
    normal([
      [2, 0, 3],
      [2, 3, 2],
    ]),
  ],
  rejects: [
    normal([
      [2, 3, 4],
      [2, 3, 4],
    ]),
    normal([
      [2, 3, 4],
      [3, 4, 2],
    ]),
    normal([
      [2, 3],
      [3, 2],
    ]),
  ],
});

/** Products of the matrices of two batches of equal length. */
export const bmm: Product = (self, other) => apply(bmmOp, [self, other], undefined);

function batchedProduct(op: string, a: Tensor, b: Tensor): Tensor {
  checkSameDType(op, a, b);
  const shape = productShape(op, a.shape, b.shape);
  const out = blank(shape, a.dtype);
  multiplyBatches(a, b, shape, out.storage.values);
  return out;
}

const matmulOp = general()({
  name: "matmul",
  node: "BmmBackward0",
  summary: "Products of batches of matrices that broadcast.",
  symbol: "@",
  inputs: ["a", "b"],
  flops: productOf(0),
  saves: { a: ["b"], b: ["a"] },
  forward: ([a, b]) => batchedProduct("matmul", a as Tensor, b as Tensor),
  onBatch: broadcasting,
  backward: {
    // Where batches were broadcast, backward sums the gradient over them.
    a: ({ grad, b }) => grad.matmul(b.transpose(-2, -1)),
    // One matrix for all rows of all batches: one product over all rows instead of a sum of products.
    b: (context) => {
      const { grad, a } = context;
      const shared = context.input(1).shape.length === 2;
      return shared ? rowsOf(a).transpose(0, 1).mm(rowsOf(grad)) : a.transpose(-2, -1).matmul(grad);
    },
  },
  accepts: [
    normal([
      [2, 2, 3],
      [3, 2],
    ]),
    normal([
      [3, 2],
      [2, 2, 4],
    ]),
    normal([
      [2, 1, 2, 3],
      [3, 3, 2],
    ]),
    normal([
      [1, 2, 3],
      [4, 3, 1],
    ]),
  ],
  rejects: [
    normal([
      [2, 2, 3],
      [2, 2, 3],
    ]),
    normal([
      [2, 2, 3],
      [3, 3, 2],
    ]),
    normal([[], [3]]),
  ],
});

/**
 * Matrix product in all its forms: of two vectors the dot product; of matrices and vectors the usual products; with
 * more dimensions the products of the matrices in the last two, the others broadcast.
 */
export const matmul: Product = (self, other) => {
  if (self.ndim === 0 || other.ndim === 0) {
    throw new ShapeError(
      "matmul",
      `both arguments to matmul need to be at least 1D, but they are ${self.ndim}D and ${other.ndim}D. Use mul for numbers`,
    );
  }
  if (self.ndim === 1 && other.ndim === 1) return dot(self, other);
  if (self.ndim === 2 && other.ndim === 1) return mv(self, other);
  if (self.ndim === 2 && other.ndim === 2) return mm(self, other);
  if (self.ndim === 1) return without(matmul(self.reshape(1, self.elements), other), -2);
  if (other.ndim === 1) return without(matmul(self, other.reshape(other.elements, 1)), -1);
  return apply(matmulOp, [self, other], undefined);
};

/** The result without a dimension of size 1, counted from the end. */
function without(x: Tensor, dim: -1 | -2): Tensor {
  return x.reshape(x.shape.filter((_, d) => d !== x.ndim + dim));
}

const dotOp = general()({
  name: "dot",
  summary: "Sum of the products of two vectors' elements.",
  symbol: "·",
  inputs: ["a", "b"],
  flops: productOf(0),
  saves: { a: ["b"], b: ["a"] },
  forward: ([x, y]) => {
    const a = x as Tensor;
    const b = y as Tensor;
    if (a.ndim !== 1 || b.ndim !== 1) {
      throw new ShapeError("dot", `1D tensors expected, but got ${a.ndim}D and ${b.ndim}D tensors`);
    }
    if (a.elements !== b.elements) {
      throw new ShapeError(
        "dot",
        `inconsistent tensor size, expected tensor ${showShape(a.shape)} and src ${showShape(b.shape)} to have the same number of elements`,
      );
    }
    checkSameDType("dot", a, b);
    const out = empty([], a.dtype);
    multiply(1, a.elements, 1, rowOf(a), columnOf(b), out.storage.values, 0);
    return out;
  },
  onBatch: ([a, b]) => (a as Tensor).mul(b as Tensor).sum(-1),
  backward: { a: ({ grad, b }) => grad.mul(b), b: ({ grad, a }) => grad.mul(a) },
  accepts: [normal([[3], [3]]), normal([[1], [1]]), normal([[0], [0]])],
  rejects: [
    normal([[3], [4]]),
    normal([
      [2, 2],
      [2, 2],
    ]),
  ],
});

/** Dot product of two vectors. */
export const dot: Product = (self, other) => apply(dotOp, [self, other], undefined);

/** Dot product of two vectors; the same as `dot` for real numbers. */
export const vdot: Product = dot;

const mvOp = general()({
  name: "mv",
  summary: "Product of a matrix and a vector.",
  symbol: "@",
  inputs: ["a", "v"],
  flops: productOf(0),
  saves: { a: ["v"], v: ["a"] },
  forward: ([x, y]) => {
    const a = x as Tensor;
    const v = y as Tensor;
    checkNdim("mv", "self", a, 2);
    checkNdim("mv", "vec", v, 1);
    if (a.shape[1] !== v.shape[0]) {
      throw new ShapeError("mv", `size mismatch, got mat (${by(a.shape)}), vec (${v.shape[0]})`);
    }
    checkSameDType("mv", a, v);
    const out = blank([a.shape[0]], a.dtype);
    multiply(a.shape[0], a.shape[1], 1, matrixOf(a), columnOf(v), out.storage.values, 0);
    return out;
  },
  onBatch: ([x, y], _, batch) => {
    const a = x as Tensor;
    const v = y as Tensor;
    if (!batch.has(1)) return a.matmul(v);
    return batch.has(0) ? a.matmul(v.unsqueeze(-1)).squeeze(-1) : v.mm(a.transpose(0, 1));
  },
  backward: { a: ({ grad, v }) => grad.outer(v), v: ({ grad, a }) => a.transpose(0, 1).mv(grad) },
  accepts: [normal([[2, 3], [3]]), normal([[1, 1], [1]]), normal([[2, 0], [0]])],
  rejects: [normal([[2, 3], [2]]), normal([[3], [3]])],
});

/** Product of a matrix and a vector. */
export const mv: (self: Tensor, vec: Tensor) => Tensor = (self, vec) => apply(mvOp, [self, vec], undefined);

/** All products of an element of one vector and one of another, as a matrix. */
export const outer: Product = (self, other) => {
  checkNdim("outer", "self", self, 1);
  checkNdim("outer", "other", other, 1);
  return self.reshape(self.elements, 1).mul(other);
};

/** The same as `outer`. */
export const ger: Product = outer;

/** Sums of products over the last dimensions of two tensors. */
export const inner: Product = (self, other) => {
  if (self.ndim === 0 || other.ndim === 0) return self.mul(other);
  const k = self.shape[self.ndim - 1];
  if (k !== other.shape[other.ndim - 1]) {
    throw new ShapeError(
      "inner",
      `inner() the last dimension must match on both input tensors but got shapes ${showShape(self.shape)} and ${showShape(other.shape)}`,
    );
  }
  const product = mm(matrixOfRows(self), matrixOfRows(other).transpose(0, 1));
  return product.reshape([...self.shape.slice(0, -1), ...other.shape.slice(0, -1)]);
};

const matrixOfRows = (x: Tensor): Tensor => (x.ndim === 1 ? x.reshape(1, x.elements) : rowsOf(x));
