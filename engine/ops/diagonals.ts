import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { showShape, wrapDim } from "../base/shape.ts";
import { scatter } from "../kernels/copy.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { normal } from "./samples.ts";
import type { TriangleOptions } from "./triangles.ts";
import type { DiagonalArgs, DiagonalOptions } from "./windows.ts";

interface EmbedAttributes {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

const diagEmbedOp = general<EmbedAttributes>()({
  name: "diagEmbed",
  summary: "Matrices of zeros with the elements of the last dimension on a diagonal.",
  inputs: ["x"],
  flops: none,
  forward: ([x], { offset, dim1, dim2 }) => {
    const self = densely(x as Tensor);
    const n = self.shape[self.ndim - 1] + Math.abs(offset);
    const rest = self.shape.slice(0, -1);
    const onDiagonal = (d: number): boolean => d === dim1 || d === dim2;
    const shape = Array.from({ length: self.ndim + 1 }, (_, d) => (onDiagonal(d) ? n : (rest.shift() as number)));
    const out = empty(shape, self.dtype);
    const { storage, strides } = out;
    const shown = {
      storage,
      offset: offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1],
      shape: self.shape,
      strides: [...strides.filter((_, d) => !onDiagonal(d)), strides[dim1] + strides[dim2]],
      elements: self.elements,
      dense: false,
      dtype: self.dtype,
    };
    scatter(self.storage.values, self.offset, shown);
    return out;
  },
  backward: { x: ({ grad, attrs }) => grad.diagonal(attrs.offset, attrs.dim1, attrs.dim2) },
  accepts: [normal([[3]]), normal([[2, 3]], 1), normal([[2, 3]], { offset: -1, dim1: 0, dim2: 2 })],
  rejects: [normal([[3]], 0, 1, 1), normal([[]])],
});

/** Matrices of zeros in `dim1` and `dim2` (default the last two) with the last dimension of the input on a diagonal. */
export const diagEmbed: (self: Tensor, ...args: DiagonalArgs) => Tensor = (self, ...args) => {
  const options = readArguments<DiagonalOptions>("diagEmbed", args, ["offset", "dim1", "dim2"]);
  const { offset = 0, dim1 = -2, dim2 = -1 } = options;
  if (self.ndim === 0) throw new ShapeError("diagEmbed", "needs at least one dimension to lay on the diagonal");
  const rows = wrapDim("diagEmbed", dim1, self.ndim + 1);
  const columns = wrapDim("diagEmbed", dim2, self.ndim + 1);
  if (rows === columns) throw new ShapeError("diagEmbed", `diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  return apply(diagEmbedOp, [self], { offset, dim1: rows, dim2: columns });
};

/** The matrix with a vector on its diagonal; of a matrix, its diagonal. */
export const diag: (self: Tensor, diagonal?: number | TriangleOptions) => Tensor = (self, diagonal) => {
  const offset = readArguments<TriangleOptions>("diag", [diagonal], ["diagonal"]).diagonal ?? 0;
  if (self.ndim === 1) return diagEmbed(self, offset);
  if (self.ndim === 2) return self.diagonal(offset).clone();
  throw new ShapeError(
    "diag",
    `Supports 1D or 2D tensors. Got ${self.ndim}D (shape ${showShape(self.shape)}): use diagonal() or diagEmbed().`,
  );
};

/** The matrix with all elements on its diagonal. */
export const diagflat: (self: Tensor, offset?: number | DiagonalOptions) => Tensor = (self, which) => {
  const { offset = 0 } = readArguments<DiagonalOptions>("diagflat", [which], ["offset"]);
  return diagEmbed(self.reshape([-1]), offset);
};
