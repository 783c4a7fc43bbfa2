import { apply } from "../autograd/dispatch.ts";
import { blank, empty, type Tensor, window } from "../autograd/tensor.ts";
import { checkDType, type DType } from "../base/dtype.ts";
import { cast, gather } from "../kernels/copy.ts";
import { leadingDims } from "./batching.ts";
import { general } from "./define.ts";
import { none } from "./flops.ts";
import { normal } from "./samples.ts";

const toOp = general<{ readonly dtype: DType }>()({
  name: "to",
  node: "ToCopyBackward0",
  summary: "The same elements in another dtype.",
  inputs: ["x"],
  flops: none,
  forward: ([x], { dtype }) => {
    const out = blank((x as Tensor).shape, dtype);
    cast(x as Tensor, out);
    return out;
  },
  onBatch: leadingDims,
  backward: { x: (context) => context.grad.to(context.input(0).dtype) },
});

/** The elements in another dtype; the tensor itself when it has that dtype already. */
export const to: (self: Tensor, target: DType | Tensor | { readonly dtype: DType }) => Tensor = (self, target) => {
  const dtype = checkDType("to", typeof target === "object" && target !== null ? target.dtype : target);
  return self.dtype === dtype ? self : apply(toOp, [self], { dtype });
};

const cloneOp = general()({
  name: "clone",
  summary: "A copy with storage of its own.",
  inputs: ["x"],
  flops: none,
  forward: ([x]) => {
    const out = blank((x as Tensor).shape, (x as Tensor).dtype);
    gather(x as Tensor, out.storage.values, 0);
    return out;
  },
  onBatch: leadingDims,
  backward: { x: ({ grad }) => grad },
  accepts: [normal([[2, 3]])],
});

/** A copy with storage of its own; gradients flow through. */
export const clone: (self: Tensor) => Tensor = (self) => apply(cloneOp, [self], undefined);

/** The tensor itself when dense, else a dense copy. */
export const contiguous: (self: Tensor) => Tensor = (self) => (self.dense ? self : clone(self));

const detachOp = general()({
  name: "detach",
  summary: "The same elements outside the graph; the storage is shared.",
  symbol: "✂",
  inputs: ["x"],
  flops: none,
  forward: ([x]) => {
    const source = x as Tensor;
    return window(source, source.shape, source.strides, source.offset);
  },
  onBatch: leadingDims,
  backward: null,
});

/** The same storage outside the graph: no gradient flows through. Writes are seen by both. */
export const detach: (self: Tensor) => Tensor = (self) => apply(detachOp, [self], undefined);

/** Converts to the dtype of `other`. */
export const typeAs: (self: Tensor, other: Tensor) => Tensor = (self, other) => to(self, other.dtype);
/** Converts to float32. */
export const float: (self: Tensor) => Tensor = (self) => to(self, "float32");
/** Converts to float64. */
export const double: (self: Tensor) => Tensor = (self) => to(self, "float64");
/** Converts to int64. */
export const long: (self: Tensor) => Tensor = (self) => to(self, "int64");
/** Converts to int32. */
export const int: (self: Tensor) => Tensor = (self) => to(self, "int32");
/** Converts to bool. */
export const bool: (self: Tensor) => Tensor = (self) => to(self, "bool");

/** Zeros of the same shape (and dtype, unless given). */
export const zerosLike: (self: Tensor, options?: LikeOptions) => Tensor = (self, options) =>
  filledLike(self, 0, options);
/** Ones of the same shape (and dtype, unless given). */
export const onesLike: (self: Tensor, options?: LikeOptions) => Tensor = (self, options) =>
  filledLike(self, 1, options);

function filledLike(x: Tensor, value: number, options: LikeOptions = {}): Tensor {
  const out = empty(x.shape, options.dtype ?? x.dtype);
  if (value !== 0) out.storage.values.fill(value);
  return options.requiresGrad === true ? out.requiresGrad_() : out;
}

/** Options of `zerosLike`, `onesLike` and the like. */
export interface LikeOptions {
  /** Default: as the tensor it is like. */
  readonly dtype?: DType;
  /** Whether gradients flow to the new tensor. Default false. */
  readonly requiresGrad?: boolean;
}
