import type { Tensor } from "../autograd/tensor.ts";
import * as kernels from "../kernels/comparison.ts";
import { binary } from "./define.ts";
import { applyPair, type Pair } from "./pair.ts";
import { distinct, misfits, normal } from "./samples.ts";
import { where } from "./where.ts";

const eqOp = binary()({
  name: "eq",
  summary: "Whether each element is equal to the other's.",
  symbol: "=",
  dtype: "bool",
  forward: kernels.eq,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self = other, element by element, as a mask. */
export const eq: Pair = (self, other) => applyPair(eqOp, self, other, undefined);

const neOp = binary()({
  name: "ne",
  summary: "Whether each element differs from the other's.",
  symbol: "≠",
  dtype: "bool",
  forward: kernels.ne,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self ≠ other, element by element, as a mask. */
export const ne: Pair = (self, other) => applyPair(neOp, self, other, undefined);

const ltOp = binary()({
  name: "lt",
  summary: "Whether each element is less than the other's.",
  symbol: "<",
  dtype: "bool",
  forward: kernels.lt,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self < other, element by element, as a mask. */
export const lt: Pair = (self, other) => applyPair(ltOp, self, other, undefined);

const leOp = binary()({
  name: "le",
  summary: "Whether each element is at most the other's.",
  symbol: "≤",
  dtype: "bool",
  forward: kernels.le,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self ≤ other, element by element, as a mask. */
export const le: Pair = (self, other) => applyPair(leOp, self, other, undefined);

const gtOp = binary()({
  name: "gt",
  summary: "Whether each element is greater than the other's.",
  symbol: ">",
  dtype: "bool",
  forward: kernels.gt,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self > other, element by element, as a mask. */
export const gt: Pair = (self, other) => applyPair(gtOp, self, other, undefined);

const geOp = binary()({
  name: "ge",
  summary: "Whether each element is at least the other's.",
  symbol: "≥",
  dtype: "bool",
  forward: kernels.ge,
  backward: null,
  accepts: [normal([[2, 3], [3]])],
  rejects: misfits,
});

/** self ≥ other, element by element, as a mask. */
export const ge: Pair = (self, other) => applyPair(geOp, self, other, undefined);

const maximumOp = binary()({
  name: "maximum",
  summary: "Larger of two tensors' elements; a tie shares the gradient, NaN wins.",
  saves: ["a", "b"],
  forward: kernels.maximum,
  backward: {
    a: ({ grad, a, b }) => halvedAtTies(grad, a, b).maskedFill(lt(a, b), 0),
    b: ({ grad, a, b }) => halvedAtTies(grad, a, b).maskedFill(gt(a, b), 0),
  },
  accepts: [
    distinct([
      [2, 3],
      [2, 3],
    ]),
    distinct([[2, 3], [3]]),
  ],
  rejects: misfits,
});

/** The larger of both elements; NaN where one is NaN. */
export const maximum: Pair = (self, other) => applyPair(maximumOp, self, other, undefined);

const minimumOp = binary()({
  name: "minimum",
  summary: "Smaller of two tensors' elements; a tie shares the gradient, NaN wins.",
  saves: ["a", "b"],
  forward: kernels.minimum,
  backward: {
    a: ({ grad, a, b }) => halvedAtTies(grad, a, b).maskedFill(gt(a, b), 0),
    b: ({ grad, a, b }) => halvedAtTies(grad, a, b).maskedFill(lt(a, b), 0),
  },
  accepts: [
    distinct([
      [2, 3],
      [2, 3],
    ]),
    distinct([[2, 3], [3]]),
  ],
  rejects: misfits,
});

/** The smaller of both elements; NaN where one is NaN. */
export const minimum: Pair = (self, other) => applyPair(minimumOp, self, other, undefined);

const halvedAtTies = (grad: Tensor, a: Tensor, b: Tensor): Tensor => where(eq(a, b), grad.div(2), grad);

const fmaxOp = binary()({
  name: "fmax",
  summary: "Larger of two tensors' elements; a tie's gradient goes to the first, NaN loses.",
  saves: ["a", "b"],
  forward: kernels.fmax,
  backward: {
    a: ({ grad, a, b }) => grad.maskedFill(takesFirst(ge(a, b), b).logicalNot(), 0),
    b: ({ grad, a, b }) => grad.maskedFill(takesFirst(ge(a, b), b), 0),
  },
  accepts: [
    distinct([
      [2, 3],
      [2, 3],
    ]),
    distinct([[2, 3], [3]]),
  ],
  rejects: misfits,
});

/** The larger of both elements; where one is NaN, the other. */
export const fmax: Pair = (self, other) => applyPair(fmaxOp, self, other, undefined);

const fminOp = binary()({
  name: "fmin",
  summary: "Smaller of two tensors' elements; a tie's gradient goes to the first, NaN loses.",
  saves: ["a", "b"],
  forward: kernels.fmin,
  backward: {
    a: ({ grad, a, b }) => grad.maskedFill(takesFirst(le(a, b), b).logicalNot(), 0),
    b: ({ grad, a, b }) => grad.maskedFill(takesFirst(le(a, b), b), 0),
  },
  accepts: [
    distinct([
      [2, 3],
      [2, 3],
    ]),
    distinct([[2, 3], [3]]),
  ],
  rejects: misfits,
});

/** The smaller of both elements; where one is NaN, the other. */
export const fmin: Pair = (self, other) => applyPair(fminOp, self, other, undefined);

const takesFirst = (wins: Tensor, other: Tensor | number): Tensor =>
  typeof other === "number" ? wins : wins.logicalOr(other.isnan());
