import { applyView } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { contiguousStrides, type Shape } from "../base/shape.ts";
import { view as viewOp } from "./define.ts";
import type { Geometry } from "./op.ts";
import { normal } from "./samples.ts";

/** Sizes, strides and first element of a tensor, real or imagined. */
interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/**
 * A view that shows part of its input, from the geometry of the part. Its gradient is zero but for that part, which lies
 * in a dense tensor of the input's shape as the view lies in the input.
 */
export const partView = <A>(spec: {
  readonly name: string;
  readonly overload?: string;
  readonly node?: string;
  readonly summary: string;
  readonly geometry: (x: Layout, attrs: A) => Geometry;
  readonly accepts: readonly ReturnType<typeof normal>[];
  readonly rejects: readonly ReturnType<typeof normal>[];
}) =>
  viewOp<A>()({
    ...spec,
    backward: {
      x: (context) => {
        const { shape } = context.input(0);
        const part = spec.geometry({ shape, strides: contiguousStrides(shape), offset: 0 }, context.attrs);
        return context.grad.asStridedSum(shape, part.strides, part.offset);
      },
    },
  });

export const without = (list: readonly number[], at: number): number[] => list.filter((_, d) => d !== at);
export const replaced = (list: readonly number[], at: number, value: number): number[] =>
  list.map((old, d) => (d === at ? value : old));

interface SliceAttributes {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

/** Neighbouring slices along a dimension, or every `step`-th. */
export const sliceOp = partView<SliceAttributes>({
  name: "narrow",
  node: "SliceBackward0",
  summary: "Some neighbouring (or every n-th) slices along a dimension.",
  geometry: ({ shape, strides, offset }, { dim, start, length, step }) => ({
    shape: replaced(shape, dim, length),
    strides: replaced(strides, dim, strides[dim] * step),
    offset: length === 0 ? offset : offset + start * strides[dim],
  }),
  accepts: [normal([[2, 3]], 1, 1, 2), normal([[4, 2]], 0, -2, 1), normal([[2, 3]], 1, 3, 0)],
  rejects: [normal([[2, 3]], 1, 2, 2), normal([[]], 0, 0, 1)],
});

/** `length` slices along `dim` from `start` on, `step` apart: what `slice(…)` in an index does. */
export const sliceAlong: (self: Tensor, dim: number, start: number, length: number, step: number) => Tensor = (
  self,
  dim,
  start,
  length,
  step,
) => applyView(sliceOp, self, { dim, start, length, step });
