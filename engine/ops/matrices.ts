import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { type Matrix, matmul as multiply } from "../kernels/matmul.ts";
import { general } from "./define.ts";
import { normal } from "./samples.ts";

const mmOp = general()({
  name: "mm",
  summary: "Product of two matrices.",
  symbol: "matmul",
  inputs: ["a", "b"],
  saves: ["a", "b"],
  forward: ([x, y]) => {
    const a = x as Tensor;
    const b = y as Tensor;
    checkMatrices("mm", a, b);
    const out = empty([a.shape[0], b.shape[1]], a.dtype);
    multiply(a.shape[0], a.shape[1], b.shape[1], matrix(a), matrix(b), out.storage.values, 0);
    return out;
  },
  // Y = A B, so dA = dY Bᵀ and dB = Aᵀ dY.
  backward: { a: ({ grad, b }) => grad.mm(b.transpose(0, 1)), b: ({ grad, a }) => a.transpose(0, 1).mm(grad) },
  accepts: [normal([[2, 3], [3, 4]]), normal([[1, 1], [1, 1]]), normal([[0, 3], [3, 2]])],
  rejects: [normal([[2, 3], [2, 3]]), normal([[3], [3]])],
});

const matrix = (x: Tensor): Matrix => ({ values: x.storage.values, offset: x.offset, row: x.strides[0], column: x.strides[1] });

function checkMatrices(op: string, a: Tensor, b: Tensor): void {
  if (a.ndim !== 2 || b.ndim !== 2) throw new ShapeError(op, `both inputs must be matrices, but got shapes ${showShape(a.shape)} and ${showShape(b.shape)}`);
  if (a.shape[1] !== b.shape[0]) {
    throw new ShapeError(op, `mat1 and mat2 shapes cannot be multiplied (${a.shape.join("x")} and ${b.shape.join("x")})`);
  }
  if (a.dtype !== b.dtype) throw new DTypeError(op, `expected both matrices to have the same dtype, but got ${a.dtype} and ${b.dtype}`);
}

/** Product of two matrices. */
export const mm: (self: Tensor, other: Tensor) => Tensor = (self, other) => apply(mmOp, [self, other], undefined);
