import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import * as kernels from "../kernels/triangle.ts";
import { leadingDims } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { normal } from "./samples.ts";

/** Options of `tril` and `triu`. */
export interface TriangleOptions {
  /** Above (positive) or below (negative) the main one. Default 0. */
  readonly diagonal?: number | undefined;
}

const triangle = (name: "tril" | "triu", summary: string, kernel: typeof kernels.tril) =>
  general<{ readonly diagonal: number }>()({
    name,
    summary,
    inputs: ["x"],
    flops: none,
    forward: ([x], { diagonal }) => {
      const self = densely(x as Tensor);
      const out = empty(self.shape, self.dtype);
      const [rows, columns] = self.shape.slice(-2);
      if (out.elements === 0) return out;
      const batch = out.elements / (rows * columns);
      kernel(self.storage.values, self.offset, batch, rows, columns, diagonal, out.storage.values);
      return out;
    },
    onBatch: leadingDims,
    backward: { x: ({ grad, attrs }) => grad[name](attrs.diagonal) },
    accepts: [normal([[3, 3]]), normal([[2, 3]], 1), normal([[2, 3, 2]], { diagonal: -1 }), normal([[0, 2]])],
    rejects: [normal([[3]]), normal([[2, 2]], { k: 1 })],
  });

const trilOp = triangle("tril", "The lower triangle of matrices, zeros above.", kernels.tril);
const triuOp = triangle("triu", "The upper triangle of matrices, zeros below.", kernels.triu);

function readDiagonal(op: string, self: Tensor, diagonal: number | TriangleOptions | undefined): { diagonal: number } {
  const options = readArguments<TriangleOptions>(op, [diagonal], ["diagonal"]);
  const k = options.diagonal ?? 0;
  if (!Number.isInteger(k)) throw new ArgumentError(op, `diagonal must be a whole number, but got ${String(k)}`);
  if (self.ndim < 2) {
    throw new ShapeError(op, `input tensor must have at least 2 dimensions, but got ${showShape(self.shape)}`);
  }
  return { diagonal: k };
}

/** The lower triangle of matrices, up to a diagonal; zeros above. */
export const tril: (self: Tensor, diagonal?: number | TriangleOptions) => Tensor = (self, diagonal) =>
  apply(trilOp, [self], readDiagonal("tril", self, diagonal));

/** The upper triangle of matrices, from a diagonal on; zeros below. */
export const triu: (self: Tensor, diagonal?: number | TriangleOptions) => Tensor = (self, diagonal) =>
  apply(triuOp, [self], readDiagonal("triu", self, diagonal));
