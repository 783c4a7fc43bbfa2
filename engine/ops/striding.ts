import { apply, applyView } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { wholeNumber } from "../base/arguments.ts";
import { ShapeError } from "../base/errors.ts";
import { elementCount, isOneToOne, type Shape, sameShape, showShape } from "../base/shape.ts";
import { gather, scatter, scatterAdd } from "../kernels/copy.ts";
import { general, view as viewOp } from "./define.ts";
import { normal } from "./samples.ts";

interface StridedAttributes {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Of the tensor itself, when its elements are not one after the other. */
  readonly from: readonly number[] | null;
}

/** How many elements of the storage a window reaches over. */
const spanOf = (shape: Shape, strides: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((last, size, d) => last + (size - 1) * strides[d], 1);

const asStridedOp = viewOp<StridedAttributes>()({
  name: "asStrided",
  summary: "A window on the same storage with the given shape, strides and offset from the tensor's own first element.",
  geometry: (x, { shape, strides, offset }) => ({ shape, strides, offset: x.offset + offset }),
  backward: {
    x: (context) => {
      const { shape, strides, offset, from } = context.attrs;
      const wanted = context.input(0).shape;
      if (from === null) return context.grad.asStridedSum(wanted, strides, offset);
      // By way of the memory that both windows lie on.
      const span = Math.max(spanOf(wanted, from), offset + spanOf(shape, strides));
      return context.grad.asStridedSum([span], strides, offset).asStrided(wanted, from);
    },
  },
  accepts: [normal([[6]], [2, 2], [2, 1], 1)],
});

/** A window with the given shape and strides (in elements), `offset` elements after the tensor's first. */
export const asStrided: (self: Tensor, shape: Shape, strides: readonly number[], offset?: number) => Tensor = (
  self,
  shape,
  strides,
  offset = 0,
) => {
  checkWindow("asStrided", shape, strides, self.offset + offset, self.storage.values.length);
  return applyView(asStridedOp, self, { shape, strides, offset, from: self.dense ? null : self.strides });
};

/** Whether a window that begins at `first` lies within `room` elements. */
function checkWindow(op: string, shape: Shape, strides: readonly number[], first: number, room: number): void {
  if (shape.length !== strides.length) {
    throw new ShapeError(op, `mismatch in length of strides and shape: ${showShape(strides)} and ${showShape(shape)}`);
  }
  for (const size of shape) wholeNumber(op, "shape", size, 0);
  for (const stride of strides) {
    if (stride < 0) {
      throw new ShapeError(op, `Negative strides are not supported at the moment, got strides: ${showShape(strides)}`);
    }
    wholeNumber(op, "strides", stride, 0);
  }
  if (Number.isInteger(first) && first >= 0 && (shape.includes(0) || first + spanOf(shape, strides) <= room)) return;
  throw new ShapeError(
    op,
    `sizes ${showShape(shape)}, strides ${showShape(strides)}, storage offset ${first} are out of bounds for storage of size ${room} (all in elements)`,
  );
}

const asStridedSumOp = general<{
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}>()({
  name: "asStridedSum",
  summary: "Adjoint of asStrided: adds the elements to the places of a zero tensor that the window shows.",
  inputs: ["x"],
  forward: ([x], { shape, strides, offset }) => {
    const source = x as Tensor;
    const out = empty(shape, source.dtype);
    const from = densely(source);
    const write = isOneToOne(source.shape, strides) ? scatter : scatterAdd;
    write(from.storage.values, from.offset, {
      storage: out.storage,
      offset,
      shape: source.shape,
      strides,
      elements: source.elements,
      dense: false,
      dtype: source.dtype,
    });
    return out;
  },
  // The places of one element after those of another, which a window that reaches beyond its own would write to.
  onBatch: ([x], { shape, strides, offset }, { size }) => {
    const each = elementCount(shape);
    const isWithin = offset >= 0 && offset + spanOf((x as Tensor).shape.slice(1), strides) <= each;
    return isWithin ? (x as Tensor).asStridedSum([size, ...shape], [each, ...strides], offset) : null;
  },
  backward: {
    x: (context) =>
      context.grad.contiguous().asStrided(context.input(0).shape, context.attrs.strides, context.attrs.offset),
  },
});

/** Zeros of `shape` with the elements added at the places that a window with these strides and offset shows. */
export const asStridedSum: (self: Tensor, shape: Shape, strides: readonly number[], offset: number) => Tensor = (
  self,
  shape,
  strides,
  offset,
) => apply(asStridedSumOp, [self], { shape, strides, offset });

const asStridedScatterOp = general<{
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}>()({
  name: "asStridedScatter",
  summary: "A copy of the tensor with the places that a window shows overwritten.",
  inputs: ["x", "source"],
  forward: ([x, source], { shape, strides, offset }) => {
    const base = x as Tensor;
    const from = (source as Tensor).contiguous();
    const out = empty(base.shape, base.dtype);
    gather(base, out.storage.values, 0);
    scatter(from.storage.values, from.offset, {
      storage: out.storage,
      offset,
      shape,
      strides,
      elements: from.elements,
      dense: false,
      dtype: out.dtype,
    });
    return out;
  },
  backward: {
    x: ({ grad, attrs }) =>
      grad.asStridedScatter(
        grad.contiguous().asStrided(attrs.shape, attrs.strides, attrs.offset).zerosLike(),
        attrs.shape,
        attrs.strides,
        attrs.offset,
      ),
    source: ({ grad, attrs }) => grad.contiguous().asStrided(attrs.shape, attrs.strides, attrs.offset),
  },
});

/** A copy with `source` written where a window with these strides and offset lies. */
export const asStridedScatter: (
  self: Tensor,
  source: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset?: number,
) => Tensor = (self, source, shape, strides, offset = 0) => {
  checkWindow("asStridedScatter", shape, strides, offset, self.elements);
  if (!sameShape(source.shape, shape)) {
    throw new ShapeError(
      "asStridedScatter",
      `expected src to have a size equal to the slice of self. src size = ${showShape(source.shape)}, slice size = ${showShape(shape)}`,
    );
  }
  return apply(asStridedScatterOp, [self, source], { shape, strides, offset });
};
