import { apply } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { broadcastShapes, showShape, wrapDim } from "../base/shape.ts";
import { cross as crossProduct } from "../kernels/cross.ts";
import { matrixExp as exponential } from "../kernels/matrixExp.ts";
import { leadingDims } from "./batching.ts";
import { eye } from "./creation.ts";
import { general } from "./define.ts";
import { cubic } from "./flops.ts";
import { cat } from "./joining.ts";
import { checkSquare, checkSquareShape, emptyPerMatrix, readMatrices, spread } from "./matrixBatches.ts";
import { checkSameDType } from "./matrixOperands.ts";
import { normal } from "./samples.ts";

const traceOp = general()({
  name: "trace",
  summary: "Sum of the diagonal of a matrix.",
  symbol: "tr",
  inputs: ["x"],
  forward: ([input]) => {
    const x = input as Tensor;
    if (x.ndim !== 2) throw new ShapeError("trace", `expected a matrix, but got shape ${showShape(x.shape)}`);
    const out = empty([], isFloat(x.dtype) ? x.dtype : "int64");
    const step = x.strides[0] + x.strides[1];
    let total = 0;
    for (let i = 0; i < Math.min(x.shape[0], x.shape[1]); i++) total += x.storage.values[x.offset + i * step];
    out.storage.values[0] = total;
    return out;
  },
  backward: {
    x: (context) => {
      const { shape, dtype } = context.input(0);
      return context.grad.mul(eye(shape[0], shape[1], { dtype }));
    },
  },
  accepts: [normal([[3, 3]]), normal([[4, 2]]), normal([[1, 1]])],
  rejects: [normal([[3]])],
});

/** Sum of the diagonal of a matrix. */
export const trace: (self: Tensor) => Tensor = (self) => apply(traceOp, [self], undefined);

/** Kronecker product: every element of the first times all of the second. */
export const kron: (self: Tensor, other: Tensor) => Tensor = (self, other) => {
  const n = Math.max(self.ndim, other.ndim);
  const a = leadingOnes(self, n);
  const b = leadingOnes(other, n);
  // Dimensions of the two alternate, so that their products merge to one dimension each.
  const left = self.reshape(a.flatMap((size) => [size, 1]));
  const right = other.reshape(b.flatMap((size) => [1, size]));
  return left.mul(right).reshape(a.map((size, d) => size * b[d]));
};

const leadingOnes = (x: Tensor, ndim: number): number[] => [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];

/** Options of `cross`. */
export interface CrossOptions {
  /** Along which the three components lie. Default: the first dimension of size 3. */
  readonly dim?: number;
}

const crossOp = general<{ readonly dim: number }>()({
  name: "cross",
  node: "LinalgCrossBackward0",
  summary: "Cross product of vectors of three components.",
  symbol: "⨯",
  inputs: ["a", "b"],
  saves: { a: ["b"], b: ["a"] },
  forward: ([x, y], { dim }) => {
    const a = x as Tensor;
    const b = y as Tensor;
    checkSameDType("cross", a, b);
    if (a.ndim !== b.ndim) {
      throw new ShapeError(
        "cross",
        `inputs must have the same number of dimensions, but got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      );
    }
    const at = wrapDim("cross", dim, a.ndim);
    if (a.shape[at] !== 3 || b.shape[at] !== 3) {
      throw new ShapeError(
        "cross",
        `inputs dimension ${dim} must have length 3. Got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      );
    }
    const shape = broadcastShapes("cross", a.shape, b.shape);
    const out = empty(shape, a.dtype);
    const inner = shape.slice(at + 1).reduce((n, size) => n * size, 1);
    crossProduct(spread(a, shape), spread(b, shape), out, inner);
    return out;
  },
  // a × b: da = b × dy, db = dy × a.
  backward: {
    a: ({ grad, b, attrs }) => b.cross(grad, attrs),
    b: ({ grad, a, attrs }) => grad.cross(a, attrs),
  },
  accepts: [
    normal(
      [
        [2, 3],
        [2, 3],
      ],
      { dim: -1 },
    ),
    normal(
      [
        [3, 2],
        [3, 1],
      ],
      { dim: 0 },
    ),
    normal(
      [
        [1, 3],
        [2, 3],
      ],
      { dim: -1 },
    ),
  ],
  rejects: [
    normal([[3], [2, 3]], { dim: -1 }),
    normal([[1], [3]], { dim: -1 }),
    normal([[3], [1]], { dim: -1 }),
    normal(
      [
        [2, 2],
        [2, 2],
      ],
      { dim: 1 },
    ),
  ],
});

/** Cross product along one dimension; the others broadcast. */
export const cross: (self: Tensor, other: Tensor, ...args: [options?: CrossOptions] | [dim: number]) => Tensor = (
  self,
  other,
  ...args
) => {
  const { dim } = readArguments<CrossOptions>("cross", args, ["dim"]);
  return apply(crossOp, [self, other], { dim: dim ?? firstOfThree(self) });
};

function firstOfThree({ shape }: Tensor): number {
  const dim = shape.indexOf(3);
  if (dim === -1) throw new ShapeError("cross", `no dimension of size 3 in input of shape ${showShape(shape)}`);
  return dim;
}

const matrixExpOp = general()({
  name: "matrixExp",
  node: "LinalgMatrixExpBackward0",
  summary: "Exponential of square matrices.",
  symbol: "exp",
  inputs: ["x"],
  flops: cubic,
  saves: ["x"],
  forward: ([input]) => {
    const x = input as Tensor;
    checkSquare("matrixExp", x);
    const { count, rows, matrix } = readMatrices(x);
    const out = emptyPerMatrix(x, [rows, rows]);
    for (let i = 0; i < count; i++) out.storage.values.set(exponential(matrix(i), rows), i * rows * rows);
    return out;
  },
  onBatch: leadingDims,
  backward: { x: ({ grad, x }) => exponentialDerivative(x.transpose(-2, -1), grad) },
  accepts: [normal([[2, 2]]), normal([[2, 3, 3]]), normal([[1, 1]])],
  rejects: [normal([[2, 3]]), normal([[3]])],
});

/** The derivative of exp at A in direction G: the upper right block of exp([[A, G], [0, A]]). */
function exponentialDerivative(a: Tensor, g: Tensor): Tensor {
  const n = a.shape[a.ndim - 1];
  const zero = a.detach().zerosLike();
  const block = cat([cat([a, g], -1), cat([zero, a], -1)], -2);
  return matrixExp(block).narrow(-2, 0, n).narrow(-1, n, n);
}

/** Exponential of square matrices: the sum of all Aⁿ / n!. */
export const matrixExp: (self: Tensor) => Tensor = (self) => apply(matrixExpOp, [self], undefined);

/** Product of `n` equal square matrices; negative powers invert first, power 0 is the identity. */
export const matrixPower: (self: Tensor, n: number) => Tensor = (self, n) => {
  checkSquareShape("matrixPower", self);
  if (!Number.isInteger(n)) throw new ArgumentError("matrixPower", `the exponent must be a whole number, but got ${n}`);
  if (n < 0) return matrixPower(self.inverse(), -n);
  // A copy that is overwritten, so that the result still belongs to the graph, with gradient 0.
  if (n === 0) return self.clone().copy_(eye(self.shape[self.ndim - 1], { dtype: self.dtype }));
  if (n === 1) return self.clone();
  const half = n < 4 ? self : matrixPower(self, Math.floor(n / 2));
  const square = half.matmul(half);
  return n % 2 === 0 ? square : square.matmul(self);
};
