import { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { wrapDim, wrapDims } from "../base/shape.ts";
import { cat } from "./joining.ts";
import { checkTensor } from "./promotion.ts";

/** Options of `gradient`. */
export interface GradientOptions {
  /** Distance of neighbours: one for all dimensions, one for each, or for each a vector of coordinates. Default 1. */
  readonly spacing?: number | readonly number[] | readonly Tensor[] | undefined;
  /** Along which dimensions. Default all. */
  readonly dim?: number | readonly number[] | undefined;
  /** Order of the estimates at both ends: 1 from two neighbours, 2 from three. Default 1. */
  readonly edgeOrder?: 1 | 2 | undefined;
}

/**
 * The derivative of a sampled function along each dimension, estimated from neighbours to second order. As NumPy's
 * `gradient`; nothing to do with autograd, though autograd goes through it.
 */
export function gradient(self: Tensor, options?: GradientOptions): Tensor[] {
  checkTensor("gradient", "input", self);
  const {
    spacing = 1,
    dim,
    edgeOrder = 1,
  } = readArguments<GradientOptions>("gradient", [options], ["spacing", "dim", "edgeOrder"]);
  const dims = dim === undefined ? self.shape.map((_, d) => d) : [dim].flat();
  checkSpacing(self, spacing, dim === undefined ? null : dims);
  if (edgeOrder !== 1 && edgeOrder !== 2) {
    throw new ArgumentError(
      "gradient",
      `torch.gradient only supports edge_order=1 and edge_order=2, but got ${edgeOrder}`,
    );
  }
  if (dims.length > 0) wrapDims("gradient", dims, self.ndim); // refuses those that come twice
  return dims.map((given, i) => {
    const d = wrapDim("gradient", given, self.ndim);
    checkSize(self, d, edgeOrder);
    const step = typeof spacing === "number" ? spacing : spacing[i];
    return step instanceof Tensor ? uneven(self, d, step, edgeOrder) : even(self, d, step, edgeOrder);
  });
}

function checkSpacing(x: Tensor, spacing: unknown, dims: readonly number[] | null): void {
  if (typeof spacing === "number") return;
  if (!Array.isArray(spacing)) {
    throw new ArgumentError("gradient", "spacing must be a number, or a list of numbers or of vectors of coordinates");
  }
  if (dims === null && spacing.length !== x.ndim) {
    throw new ArgumentError(
      "gradient",
      `torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = ${x.ndim}', since dim argument was not given, but got a list of length ${spacing.length}`,
    );
  }
  if (dims !== null && spacing.length !== dims.length) {
    throw new ArgumentError(
      "gradient",
      `torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length ${spacing.length} and a dim argument of length ${dims.length}.`,
    );
  }
}

function checkSize(x: Tensor, dim: number, edgeOrder: number): void {
  if (x.shape[dim] > edgeOrder) return;
  throw new ShapeError(
    "gradient",
    `torch.gradient expected each dimension size to be at least edge_order+1, which is ${edgeOrder + 1}, but dimension ${dim} has ${x.shape[dim]}`,
  );
}

/** Neighbours at the same distance: (f(x + h) − f(x − h))/2h, and at the ends the same parabola's slope, or a line's. */
function even(x: Tensor, dim: number, h: number, edgeOrder: number): Tensor {
  const n = x.shape[dim];
  const at = (i: number): Tensor => x.narrow(dim, i < 0 ? n + i : i, 1);
  const [first, last] =
    edgeOrder === 1
      ? [at(1).sub(at(0)), at(-1).sub(at(-2))]
      : [at(1).mul(2).sub(at(0).mul(1.5)).sub(at(2).mul(0.5)), at(-1).mul(1.5).sub(at(-2).mul(2)).add(at(-3).mul(0.5))];
  const inner = x.narrow(dim, 2, n - 2).sub(x.narrow(dim, 0, n - 2));
  return cat([first.div(h), inner.div(2 * h), last.div(h)], dim);
}

/** The same for coordinates of one's own: the slope at a point of the parabola through three of them. */
function uneven(x: Tensor, dim: number, coordinates: Tensor, edgeOrder: number): Tensor {
  if (coordinates.ndim !== 1) {
    throw new ShapeError(
      "gradient",
      `torch.gradient expected each element of spacing to have one dimension, but got an element with ${coordinates.ndim} dimensions!`,
    );
  }
  const n = x.shape[dim];
  if (coordinates.elements !== n) {
    throw new ShapeError(
      "gradient",
      `The size of tensor a (${coordinates.elements}) must match the size of tensor b (${n}): spacing has to give a coordinate for each place along dimension ${dim}`,
    );
  }
  const widths = coordinates.diff().reshape(x.shape.map((_, d) => (d === dim ? coordinates.elements - 1 : 1)));
  const [f, h] = [part(x, dim), part(widths, dim)];
  const inner = slope(f(0, n - 2), f(1, n - 2), f(2, n - 2), h(0, n - 2), h(1, n - 2));
  const [first, last] =
    edgeOrder === 1
      ? [
          f(1, 1).sub(f(0, 1)).div(h(0, 1)),
          f(n - 1, 1)
            .sub(f(n - 2, 1))
            .div(h(n - 2, 1)),
        ]
      : [
          // Parabolas do not mind in which order they meet their points: the end is taken as the middle one.
          slope(f(1, 1), f(0, 1), f(2, 1), h(0, 1).neg(), h(0, 1).add(h(1, 1))),
          slope(f(n - 3, 1), f(n - 1, 1), f(n - 2, 1), h(n - 3, 1).add(h(n - 2, 1)), h(n - 2, 1).neg()),
        ];
  return cat([first, inner, last], dim);
}

const part =
  (x: Tensor, dim: number) =>
  (from: number, length: number): Tensor =>
    x.narrow(dim, from, length);

/** The slope at the second of three points, `left` behind the first and `right` before the third. */
function slope(before: Tensor, here: Tensor, after: Tensor, left: Tensor, right: Tensor): Tensor {
  const both = left.add(right);
  const ofBefore = right.neg().div(left.mul(both));
  const ofHere = right.sub(left).div(left.mul(right));
  const ofAfter = left.div(right.mul(both));
  return before.mul(ofBefore).add(here.mul(ofHere)).add(after.mul(ofAfter));
}
