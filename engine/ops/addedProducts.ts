import { apply } from "../autograd/dispatch.ts";
import { blank, type Tensor } from "../autograd/tensor.ts";
import { isFloat } from "../base/dtype.ts";
import { checkOptions, ShapeError } from "../base/errors.ts";
import { expandsTo, type Shape, showShape } from "../base/shape.ts";
import { blend } from "../kernels/blend.ts";
import { matmul as multiply } from "../kernels/matmul.ts";
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
} from "./matrixOperands.ts";
import { normal } from "./samples.ts";

/** Options of `addmm` and its kind: beta · self + alpha · (product). */
export interface BlendOptions {
  /** Factor of the tensor that is added; with 0 even its NaN does not count. Default 1. */
  readonly beta?: number;
  /** Factor of the product. Default 1. */
  readonly alpha?: number;
}

interface Factors {
  readonly beta: number;
  readonly alpha: number;
}

type AddedProduct = (self: Tensor, a: Tensor, b: Tensor, options?: BlendOptions) => Tensor;

/** Among integers the factors are integers, too. */
function factors(op: string, self: Tensor, options: BlendOptions | undefined): Factors {
  checkOptions(op, options, ["beta", "alpha"]);
  const { beta = 1, alpha = 1 } = options ?? {};
  return isFloat(self.dtype) ? { beta, alpha } : { beta: Math.trunc(beta), alpha: Math.trunc(alpha) };
}

/** beta · self + alpha · product, where `fill` writes the product into a dense buffer of `shape`. */
function added(op: string, self: Tensor, shape: Shape, { beta, alpha }: Factors, fill: (out: Tensor) => void): Tensor {
  if (!expandsTo(self.shape, shape)) {
    throw new ShapeError(
      op,
      `The expanded size ${showShape(shape)} of the product must match the existing size ${showShape(self.shape)} where that is not 1`,
    );
  }
  const out = blank(shape, self.dtype);
  fill(out);
  blend(out, alpha, self, beta);
  return out;
}

const scaled = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : x.mul(factor));

const addmmOp = general<Factors>()({
  name: "addmm",
  summary: "A product of two matrices added to a tensor.",
  inputs: ["x", "a", "b"],
  flops: productOf(1),
  saves: { a: ["b"], b: ["a"] },
  forward: (inputs, attrs) => {
    const [x, a, b] = inputs as readonly Tensor[];
    checkNdim("addmm", "mat1", a, 2);
    checkNdim("addmm", "mat2", b, 2);
    checkInner("addmm", a.shape, b.shape);
    checkSameDType("addmm", x, a, b);
    const [m, k] = a.shape;
    const n = b.shape[1];
    return added("addmm", x, [m, n], attrs, (out) =>
      multiply(m, k, n, matrixOf(a), matrixOf(b), out.storage.values, 0),
    );
  },
  backward: {
    x: ({ grad, attrs }) => scaled(grad, attrs.beta),
    a: ({ grad, b, attrs }) => scaled(grad.mm(b.transpose(0, 1)), attrs.alpha),
    b: ({ grad, a, attrs }) => scaled(a.transpose(0, 1).mm(grad), attrs.alpha),
  },
  accepts: [
    normal([
      [2, 4],
      [2, 3],
      [3, 4],
    ]),
    normal([[4], [2, 3], [3, 4]], { beta: 0.5, alpha: -2 }),
    normal(
      [
        [2, 1],
        [2, 3],
        [3, 4],
      ],
      { beta: 2 },
    ),
    normal([[], [2, 3], [3, 4]]),
  ],
  rejects: [
    normal([
      [2, 4],
      [2, 3],
      [2, 4],
    ]),
    normal([[3], [2, 3], [3, 4]]),
  ],
});

/** beta · self + alpha · (mat1 @ mat2); `self` broadcasts. */
export const addmm: AddedProduct = (self, mat1, mat2, options) =>
  apply(addmmOp, [self, mat1, mat2], factors("addmm", self, options));

const addmvOp = general<Factors>()({
  name: "addmv",
  summary: "A product of a matrix and a vector added to a tensor.",
  inputs: ["x", "a", "v"],
  flops: productOf(1),
  saves: { a: ["v"], v: ["a"] },
  forward: (inputs, attrs) => {
    const [x, a, v] = inputs as readonly Tensor[];
    checkNdim("addmv", "mat", a, 2);
    checkNdim("addmv", "vec", v, 1);
    if (a.shape[1] !== v.shape[0]) {
      throw new ShapeError("addmv", `size mismatch, got mat (${by(a.shape)}), vec (${v.shape[0]})`);
    }
    checkSameDType("addmv", x, a, v);
    const [m, k] = a.shape;
    return added("addmv", x, [m], attrs, (out) => multiply(m, k, 1, matrixOf(a), columnOf(v), out.storage.values, 0));
  },
  backward: {
    x: ({ grad, attrs }) => scaled(grad, attrs.beta),
    a: ({ grad, v, attrs }) => scaled(grad.outer(v), attrs.alpha),
    v: ({ grad, a, attrs }) => scaled(a.transpose(0, 1).mv(grad), attrs.alpha),
  },
  accepts: [normal([[2], [2, 3], [3]]), normal([[1], [2, 3], [3]], { beta: 0.5, alpha: -2 })],
  rejects: [normal([[2], [2, 3], [2]]), normal([[3], [2, 3], [3]])],
});

/** beta · self + alpha · (mat @ vec); `self` broadcasts. */
export const addmv: AddedProduct = (self, mat, vec, options) =>
  apply(addmvOp, [self, mat, vec], factors("addmv", self, options));

const addrOp = general<Factors>()({
  name: "addr",
  summary: "An outer product of two vectors added to a tensor.",
  inputs: ["x", "u", "v"],
  saves: { u: ["v"], v: ["u"] },
  forward: (inputs, attrs) => {
    const [x, u, v] = inputs as readonly Tensor[];
    checkNdim("addr", "vec1", u, 1);
    checkNdim("addr", "vec2", v, 1);
    checkSameDType("addr", x, u, v);
    const shape = [u.elements, v.elements];
    return added("addr", x, shape, attrs, (out) =>
      multiply(u.elements, 1, v.elements, columnOf(u), rowOf(v), out.storage.values, 0),
    );
  },
  backward: {
    x: ({ grad, attrs }) => scaled(grad, attrs.beta),
    u: ({ grad, v, attrs }) => scaled(grad.mv(v), attrs.alpha),
    v: ({ grad, u, attrs }) => scaled(grad.transpose(0, 1).mv(u), attrs.alpha),
  },
  accepts: [normal([[2, 3], [2], [3]]), normal([[3], [2], [3]], { beta: 0.5, alpha: -2 })],
  rejects: [normal([[2, 2], [2], [3]]), normal([[2, 3], [2, 3], [3]])],
});

/** beta · self + alpha · (vec1 ⊗ vec2); `self` broadcasts. */
export const addr: AddedProduct = (self, vec1, vec2, options) =>
  apply(addrOp, [self, vec1, vec2], factors("addr", self, options));

const baddbmmOp = general<Factors>()({
  name: "baddbmm",
  summary: "Products of two batches of matrices added to a tensor.",
  inputs: ["x", "a", "b"],
  flops: productOf(1),
  saves: { a: ["b"], b: ["a"] },
  forward: (inputs, attrs) => {
    const [x, a, b] = inputs as readonly Tensor[];
    checkBatches("baddbmm", a, b);
    checkSameDType("baddbmm", x, a, b);
    const shape = productShape("baddbmm", a.shape, b.shape);
    return added("baddbmm", x, shape, attrs, (out) => multiplyBatches(a, b, shape, out.storage.values));
  },
  backward: {
    x: ({ grad, attrs }) => scaled(grad, attrs.beta),
    a: ({ grad, b, attrs }) => scaled(grad.bmm(b.transpose(1, 2)), attrs.alpha),
    b: ({ grad, a, attrs }) => scaled(a.transpose(1, 2).bmm(grad), attrs.alpha),
  },
  accepts: [
    normal([
      [2, 2, 2],
      [2, 2, 3],
      [2, 3, 2],
    ]),
    normal([[2], [2, 2, 3], [2, 3, 2]], { beta: 0.5, alpha: -2 }),
  ],
  rejects: [
    normal([
      [2, 2, 2],
      [2, 2, 3],
      [3, 3, 2],
    ]),
    normal([[3], [2, 2, 3], [2, 3, 2]]),
  ],
});

/** beta · self + alpha · bmm(batch1, batch2); `self` broadcasts. */
export const baddbmm: AddedProduct = (self, batch1, batch2, options) =>
  apply(baddbmmOp, [self, batch1, batch2], factors("baddbmm", self, options));

function checkBatches(op: string, a: Tensor, b: Tensor): void {
  checkNdim(op, "batch1", a, 3);
  checkNdim(op, "batch2", b, 3);
  if (a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1]) {
    throw new ShapeError(
      op,
      `Expected size for first two dimensions of batch2 tensor to be: ${showShape([a.shape[0], a.shape[2]])} but got: ${showShape(b.shape.slice(0, 2))}`,
    );
  }
}

/** beta · self + alpha · the sum over the batch of batch1 @ batch2; `self` broadcasts. */
export const addbmm: AddedProduct = (self, batch1, batch2, options) => {
  checkBatches("addbmm", batch1, batch2);
  const [batch, m, k] = batch1.shape;
  // The sum over the batch is one product of matrices that lie side by side.
  const left = batch1.permute(1, 0, 2).reshape(m, batch * k);
  return addmm(self, left, batch2.reshape(batch * k, batch2.shape[2]), options);
};
