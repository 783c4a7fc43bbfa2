import { apply } from "../autograd/dispatch.ts";
import { blank, type Tensor } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import { expandsTo, sameShape, showShape } from "../base/shape.ts";
import { blend } from "../kernels/blend.ts";
import { matmul as multiply } from "../kernels/matmul.ts";
import { general } from "./define.ts";
import { productOf } from "./flops.ts";
import { by, checkSameDType, matrixOf, rowsMatrix, rowsOf, transposed } from "./matrixOperands.ts";
import { normal } from "./samples.ts";

const linearOp = general()({
  name: "linear",
  node: "AddmmBackward0",
  summary: "Rows times a transposed weight matrix, plus a bias.",
  inputs: ["x", "weight", "bias"],
  flops: productOf(0),
  saves: { x: ["weight"], weight: ["x"] },
  forward: ([x, weight, bias]) => affine(x as Tensor, weight as Tensor, bias),
  backward: {
    x: ({ grad, weight }) => grad.matmul(weight),
    weight: ({ grad, x }) => weightGradient(grad, x),
    bias: ({ grad }) => grad, // backward sums it over the rows
  },
  accepts: [
    normal([[2, 3], [4, 3], [4]]),
    normal([[2, 2, 3], [4, 3], [4]]),
    normal([[3], [2, 3], [2]]),
    normal([[1, 1], [1, 1], [1]]),
    normal([[0, 3], [2, 3], [2]]),
    normal([
      [2, 3],
      [4, 3],
    ]),
  ],
  rejects: [normal([[2, 3], [3, 4], [4]]), normal([[2, 3], [4, 3], [3]]), normal([[], [4, 3], [4]])],
});

/** x @ weightᵀ + bias, for a weight [outFeatures, inFeatures] and any number of leading dimensions of x. */
export const linear: (input: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor = (input, weight, bias = null) => {
  if (weight.ndim === 1) return oneOutput(input, weight, bias);
  return apply(linearOp, [input, weight, bias], undefined);
};

/** A weight vector makes one output without a dimension of its own. With a bias, PyTorch takes few shapes of it. */
function oneOutput(input: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  if (input.ndim === 0) {
    throw new ShapeError("linear", "both arguments to linear need to be at least 1D, but they are 0D and 1D");
  }
  const out = input.matmul(weight);
  if (bias === null) return out;
  if (input.ndim === 2 || (bias.ndim > 0 && (bias.ndim === 1 || !sameShape(bias.shape, out.shape)))) {
    throw new ShapeError(
      "linear",
      `mat2 must be a matrix, got 1-D tensor: with a bias ${showShape(bias.shape)} the weight must be [outFeatures, inFeatures], so unsqueeze(0) the weight`,
    );
  }
  return out.add(bias);
}

function affine(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const features = x.shape[x.ndim - 1];
  if (weight.ndim !== 2) {
    throw new ShapeError("linear", `the weight must be [outFeatures, inFeatures], but got ${showShape(weight.shape)}`);
  }
  if (x.ndim === 0 || features !== weight.shape[1]) {
    throw new ShapeError(
      "linear",
      `mat1 and mat2 shapes cannot be multiplied (${by(flatRows(x))} and ${by([weight.shape[1], weight.shape[0]])}): the input's last size must be the weight's inFeatures (input ${showShape(x.shape)}, weight ${showShape(weight.shape)})`,
    );
  }
  const shape = [...x.shape.slice(0, -1), weight.shape[0]];
  if (bias !== null && !expandsTo(bias.shape, shape)) {
    throw new ShapeError(
      "linear",
      `the bias must have as many elements as the weight has rows (${weight.shape[0]}), or broadcast to the result ${showShape(shape)}, but got ${showShape(bias.shape)}`,
    );
  }
  checkSameDType("linear", x, weight, bias);
  const out = blank(shape, x.dtype);
  const { count, matrix } = rowsMatrix(x);
  multiply(count, features, weight.shape[0], matrix, transposed(matrixOf(weight)), out.storage.values, 0);
  if (bias !== null) blend(out, 1, bias, 1);
  return out;
}

const flatRows = (x: Tensor): number[] => {
  const features = x.ndim === 0 ? 1 : x.shape[x.ndim - 1];
  return [features === 0 ? 0 : x.elements / features, features];
};

/** The sum over all rows of grad ⊗ x. */
function weightGradient(grad: Tensor, x: Tensor): Tensor {
  return x.ndim === 1 ? grad.outer(x) : rowsOf(grad).transpose(0, 1).mm(rowsOf(x));
}

/** input1 · weight[k] · input2 + bias[k] for each k, on the last dimensions; the others must agree. */
export const bilinear: (input1: Tensor, input2: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor = (
  input1,
  input2,
  weight,
  bias = null,
) => {
  checkBilinear(input1, input2, weight);
  const [features, in1, in2] = weight.shape;
  const lead = input1.shape.slice(0, -1);
  const x = rowsOfAll(input1);
  const y = rowsOfAll(input2);
  // weight[k] · y for every row and k at once, then its dot product with x.
  const half = y.mm(weight.reshape(features * in1, in2).transpose(0, 1)).reshape(y.shape[0], features, in1);
  const out = half.bmm(x.reshape(x.shape[0], in1, 1)).reshape([...lead, features]);
  return bias === null ? out : out.add(bias);
};

function rowsOfAll(x: Tensor): Tensor {
  return x.ndim === 1 ? x.reshape(1, x.elements) : rowsOf(x);
}

function checkBilinear(input1: Tensor, input2: Tensor, weight: Tensor): void {
  const shapes = `input1 ${showShape(input1.shape)}, input2 ${showShape(input2.shape)}, weight ${showShape(weight.shape)}`;
  if (weight.ndim !== 3 || input1.ndim === 0 || input1.ndim !== input2.ndim) {
    throw new ShapeError("bilinear", `the inputs need as many dimensions, and the weight three: ${shapes}`);
  }
  const sameLead = input1.shape.slice(0, -1).every((size, d) => size === input2.shape[d]);
  const fits = input1.shape[input1.ndim - 1] === weight.shape[1] && input2.shape[input2.ndim - 1] === weight.shape[2];
  if (!sameLead || !fits) {
    throw new ShapeError("bilinear", `the last sizes of the inputs must be the weight's last two sizes: ${shapes}`);
  }
}
