import { apply, applyBinary, applyUnary } from "../autograd/dispatch.ts";
import { empty, Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { asElement } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Bounds } from "../kernels/activations.ts";
import * as activations from "../kernels/activations.ts";
import * as kernels from "../kernels/choice.ts";
import { elementwise } from "../kernels/elementwise.ts";
import { broadcasting } from "./batching.ts";
import { binary, general, unary } from "./define.ts";
import type { BinaryOp } from "./op.ts";
import { asOperand, checkMask, checkOperand, inPrecisionOf, type Operand, resultType } from "./promotion.ts";
import { misfits, mixed, normal } from "./samples.ts";
import { shapeOf, where } from "./where.ts";

const maskedFillOp = general<{ readonly value: number | null }>()({
  name: "maskedFill",
  summary: "A value wherever a mask is true.",
  inputs: ["x", "mask", "value"],
  saves: ["mask"],
  forward: ([x, mask, value], attrs) => {
    const out = empty(shapeOf("maskedFill", [x as Tensor, mask as Tensor]), (x as Tensor).dtype);
    kernels.where(mask as Tensor, attrs.value ?? (value as Tensor), x as Tensor, out);
    return out;
  },
  // A value of its own for each element is no longer a single number.
  onBatch: (inputs, attrs, batch) => (batch.has(2) ? null : broadcasting(inputs, attrs, batch)),
  backward: {
    x: ({ grad, mask }) => grad.maskedFill(mask, 0),
    mask: null,
    value: ({ grad, mask }) => where(mask, grad, 0).sum(),
  },
  accepts: [
    mixed(
      [
        ["normal", [2, 3]],
        ["mask", [3]],
      ],
      1.5,
    ),
    mixed([
      ["normal", [2, 3]],
      ["mask", [2, 3]],
      ["normal", []],
    ]),
  ],
  rejects: [
    normal(
      [
        [2, 3],
        [2, 3],
      ],
      0,
    ),
    mixed(
      [
        ["normal", [2, 3]],
        ["mask", [2]],
      ],
      0,
    ),
  ],
});

/** The tensor with a value (a number or a 0-d tensor) wherever the mask is true. */
export const maskedFill: (self: Tensor, mask: Tensor, value: Operand) => Tensor = (self, mask, value) => {
  checkMask("maskedFill", "mask", mask);
  const fill = typeof value === "boolean" ? Number(value) : value;
  checkOperand("maskedFill", "value", fill);
  if (typeof fill !== "number" && fill.ndim > 0) {
    throw new ShapeError(
      "maskedFill",
      `only supports a 0-dimensional value tensor, but got one with ${fill.ndim} dimension(s). Use where().`,
    );
  }
  return typeof fill === "number"
    ? apply(maskedFillOp, [self, mask, null], { value: asElement("maskedFill", self.dtype, fill) })
    : apply(maskedFillOp, [self, mask, fill.to(self.dtype)], { value: null });
};

/** Options of `clamp`. */
export interface ClampOptions {
  /** The least that elements may be; a number or a tensor that broadcasts. */
  readonly min?: Operand | null;
  /** The most that elements may be; a number or a tensor that broadcasts. */
  readonly max?: Operand | null;
}

const clampBackwardOp: BinaryOp<Bounds> = binary<Bounds>()({
  name: "clampBackward",
  summary: "Gradient of clamp: passes from bound to bound, both included.",
  saves: ["b"],
  forward: activations.clampBackward,
  backward: { a: ({ grad, b, attrs }) => applyBinary(clampBackwardOp, grad, b, attrs), b: null },
});

const clampOp = unary<Bounds>()({
  name: "clamp",
  node: "ClampBackward1",
  summary: "Each element, but no lower than one bound and no higher than another.",
  dtype: "same",
  saves: ["x"],
  forward: activations.clamp,
  backward: { x: ({ grad, x, attrs }) => applyBinary(clampBackwardOp, grad, x, attrs) },
  accepts: [normal([[2, 3]], -0.5, 0.7), normal([[2, 3]], { max: 0.3 })],
  rejects: [normal([[2, 3]]), normal([[2, 3]], { minimum: 1 })],
});

const clampTensorOp = general()({
  name: "clamp",
  overload: "tensor",
  summary: "Each element, but no lower than one tensor's and no higher than another's.",
  inputs: ["x", "min", "max"],
  saves: ["x", "min", "max"],
  forward: ([x, min, max]) => {
    const low = min ?? Number.NEGATIVE_INFINITY;
    const high = max ?? Number.POSITIVE_INFINITY;
    const out = empty(shapeOf("clamp", [x as Tensor, low, high]), (x as Tensor).dtype);
    kernels.clamp(x as Tensor, low, high, out);
    return out;
  },
  backward: {
    x: ({ grad, x, min, max }) => grad.maskedFill(inside(x, min, max).logicalNot(), 0),
    // Where the bounds cross, the upper one is the result.
    min: ({ grad, x, min, max }) =>
      where(optional(max) === null ? x.lt(min) : x.lt(min).logicalAnd(min.lt(max)), grad, 0),
    max: ({ grad, x, min, max }) =>
      where(optional(min) === null ? x.gt(max) : x.gt(max).logicalOr(max.lt(min)), grad, 0),
  },
  accepts: [
    normal([
      [2, 3],
      [2, 3],
    ]),
    normal([[2, 3], [3], [2, 1]]),
  ],
  rejects: misfits,
});

/** A bound that was left out is saved as null. */
const optional = (bound: Tensor): Tensor | null => bound;

function inside(x: Tensor, min: Tensor | null, max: Tensor | null): Tensor {
  const above = min === null ? null : x.ge(min);
  const below = max === null ? null : x.le(max);
  return above === null ? (below as Tensor) : below === null ? above : above.logicalAnd(below);
}

type Bound = Tensor | number | null;
type ClampArgs = [min?: Operand | null, max?: Operand | null] | [options: ClampOptions];

/** Each element, but no lower than `min` and no higher than `max`, which may be tensors; one of them may be left out. */
export const clamp: (self: Tensor, ...args: ClampArgs) => Tensor = (self, ...args) => {
  const options = readArguments<ClampOptions>("clamp", args, ["min", "max"]);
  const [min, max] = [readBound("min", options.min, self), readBound("max", options.max, self)];
  if (min === null && max === null) throw new ArgumentError("clamp", "At least one of 'min' or 'max' must not be null");
  const x = self.to(resultType(self, ...[min, max].filter((bound) => bound !== null)));
  if (min instanceof Tensor || max instanceof Tensor)
    return apply(clampTensorOp, [x, asTensor(min, x), asTensor(max, x)], undefined);
  const bounds = { min: bound(min, Number.NEGATIVE_INFINITY, x), max: bound(max, Number.POSITIVE_INFINITY, x) };
  return applyUnary(clampOp, x, bounds);
};

function readBound(name: string, value: Operand | null | undefined, self: Tensor): Bound {
  if (value === null || value === undefined) return null;
  checkOperand("clamp", name, value);
  return asOperand(value, self);
}

const bound = (value: number | null, none: number, x: Tensor): number =>
  value === null ? none : inPrecisionOf(x, value);

function asTensor(value: Bound, x: Tensor): Tensor | null {
  if (value === null) return null;
  return typeof value === "number" ? empty([], x.dtype).fill_(value) : value.to(x.dtype);
}

/** Each element, but no lower than `min`. */
export const clampMin: (self: Tensor, min: Operand) => Tensor = (self, min) => clamp(self, min);

/** Each element, but no higher than `max`. */
export const clampMax: (self: Tensor, max: Operand) => Tensor = (self, max) => clamp(self, null, max);

/** Options of `nanToNum`: what to put in place of non-finite elements. */
export interface NanToNumOptions {
  /** Default 0. */
  readonly nan?: number | null;
  /** Default the largest number of the dtype. */
  readonly posinf?: number | null;
  /** Default the smallest number of the dtype. */
  readonly neginf?: number | null;
}

interface Replacements {
  readonly nan: number;
  readonly posinf: number;
  readonly neginf: number;
}

const nanToNumOp = unary<Replacements>()({
  name: "nanToNum",
  summary: "Numbers in place of NaN and infinities.",
  dtype: "same",
  saves: ["x"],
  forward: elementwise<Replacements>((x, { nan, posinf, neginf }) =>
    Number.isNaN(x) ? nan : x === Number.POSITIVE_INFINITY ? posinf : x === Number.NEGATIVE_INFINITY ? neginf : x,
  ),
  backward: { x: ({ grad, x }) => grad.mul(x.isfinite()) },
  accepts: [normal([[2, 3]])],
});

const LARGEST = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/** Numbers in place of NaN, +∞ and −∞: by default 0 and the largest ones of the dtype. */
export const nanToNum: (
  self: Tensor,
  ...args: [options?: NanToNumOptions] | [nan?: number | null, posinf?: number | null, neginf?: number | null]
) => Tensor = (self, ...args) => {
  const options = readArguments<NanToNumOptions>("nanToNum", args, ["nan", "posinf", "neginf"]);
  const largest = self.dtype === "float32" ? LARGEST.float32 : LARGEST.float64;
  const { nan, posinf, neginf } = options;
  return applyUnary(nanToNumOp, self, { nan: nan ?? 0, posinf: posinf ?? largest, neginf: neginf ?? -largest });
};
