import { applyUnary } from "../autograd/dispatch.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { DTypeError } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import * as kernels from "../kernels/comparison.ts";
import { pairwise } from "../kernels/elementwise.ts";
import { binary, unary } from "./define.ts";
import { applyPair } from "./pair.ts";
import { checkTensor } from "./promotion.ts";
import { misfits, normal } from "./samples.ts";

type Predicate = (self: Tensor) => Tensor;

const predicate = (name: string, summary: string, forward: typeof kernels.isnan) =>
  unary()({ name, summary, dtype: "bool", forward, backward: null, accepts: [normal([[2, 3]])] });

const isnanOp = predicate("isnan", "Whether each element is NaN.", kernels.isnan);
const isinfOp = predicate("isinf", "Whether each element is an infinity.", kernels.isinf);
const isfiniteOp = predicate("isfinite", "Whether each element is neither NaN nor an infinity.", kernels.isfinite);
const isposinfOp = predicate("isposinf", "Whether each element is positive infinity.", kernels.isposinf);
const isneginfOp = predicate("isneginf", "Whether each element is negative infinity.", kernels.isneginf);
const signbitOp = predicate("signbit", "Whether each element has its sign bit set, as −0 has.", kernels.signbit);

/** Whether each element is NaN. */
export const isnan: Predicate = (self) => applyUnary(isnanOp, self, undefined);
/** Whether each element is an infinity. */
export const isinf: Predicate = (self) => applyUnary(isinfOp, self, undefined);
/** Whether each element is neither NaN nor an infinity. */
export const isfinite: Predicate = (self) => applyUnary(isfiniteOp, self, undefined);
/** Whether each element is positive infinity. */
export const isposinf: Predicate = (self) => applyUnary(isposinfOp, self, undefined);
/** Whether each element is negative infinity. */
export const isneginf: Predicate = (self) => applyUnary(isneginfOp, self, undefined);
/** Whether each element has its sign bit set, as −0 has. */
export const signbit: Predicate = (self) => applyUnary(signbitOp, self, undefined);

/** Options of `isclose` and `allclose`. */
export interface CloseOptions {
  /** Default 1e-5. */
  readonly rtol?: number;
  /** Default 1e-8. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

/** `allclose(a, b)`, `allclose(a, b, rtol, atol)`, `allclose(a, b, { rtol, atol, equalNan })`. */
type CloseArgs = [options?: CloseOptions] | [rtol?: number, atol?: number, equalNan?: boolean];

type Tolerance = Required<CloseOptions>;

const iscloseOp = binary<Tolerance>()({
  name: "isclose",
  summary: "Whether elements differ by no more than atol + rtol · |other|.",
  symbol: "≈",
  dtype: "bool",
  forward: pairwise<Tolerance>((a, b, { rtol, atol, equalNan }) => {
    if (a === b || (equalNan && Number.isNaN(a) && Number.isNaN(b))) return 1;
    const difference = Math.abs(a - b);
    return Number.isFinite(difference) && difference <= atol + rtol * Math.abs(b) ? 1 : 0;
  }),
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** |self − other| ≤ atol + rtol · |other|, element by element, as a mask. */
export const isclose: (self: Tensor, other: Tensor, ...args: CloseArgs) => Tensor = (self, other, ...args) =>
  close("isclose", self, other, args);

/** Whether every element is close to the other's. */
export const allclose: (self: Tensor, other: Tensor, ...args: CloseArgs) => boolean = (self, other, ...args) =>
  !close("allclose", self, other, args).toArray().includes(0);

function close(op: string, self: Tensor, other: Tensor, args: CloseArgs): Tensor {
  checkTensor(op, "other", other);
  const options = readArguments<CloseOptions>(op, args, ["rtol", "atol", "equalNan"]);
  if (self.dtype !== other.dtype) {
    throw new DTypeError(op, `${self.dtype} did not match ${other.dtype}: convert one of them with .to()`);
  }
  return applyPair(iscloseOp, self, other, { rtol: 1e-5, atol: 1e-8, equalNan: false, ...options });
}

/** Whether two tensors have the same shape and the same elements. */
export const equal: (self: Tensor, other: Tensor) => boolean = (self, other) => {
  checkTensor("equal", "other", other);
  if (!sameShape(self.shape, other.shape)) return false;
  const theirs = other.toArray();
  return self.toArray().every((value, i) => value === theirs[i]);
};
