/**
 * Where ops make NaN or Inf out of finite numbers. An op lists its hazards; whoever watches asks them only when a bad
 * number is born, so they cost nothing otherwise.
 */

/** What is known where a bad number was born. NaN stands for a number that nobody kept: it may be anything. */
export interface Incident {
  /** The inputs at that element; in backward those that were saved. */
  readonly inputs: readonly number[];
  /** The result at that element. */
  readonly out: number;
  /** Of an op that reduces: the elements of its first input that went into that element. */
  readonly row: ArrayLike<number>;
  readonly attrs: unknown;
}

/** One way in which an op fails. */
export interface Hazard {
  /** The word for it in reports. */
  readonly cause: string;
  /** forward: the result is bad; backward: the result is fine and the gradient is bad. */
  readonly phase: "forward" | "backward";
  /** Whether it is what happened. Written so that an unknown number (NaN) counts as a possible one. */
  readonly happens: (at: Incident) => boolean;
}

type Happens = Hazard["happens"];

const forward = (cause: string, happens: Happens): Hazard => ({ cause, phase: "forward", happens });
const backward = (cause: string, happens: Happens): Hazard => ({ cause, phase: "backward", happens });

const isInfinite = (x: number): boolean => Math.abs(x) === Number.POSITIVE_INFINITY;
const isUnknown = Number.isNaN;

/** The logarithm, which needs more than 0 (or than `edge`), of input number `input`. */
export function logarithm(edge = 0, input = 0): readonly Hazard[] {
  const beyond: Happens = ({ inputs }) => !(inputs[input] > edge);
  return [forward("log-of-nonpositive", beyond), backward("log-of-nonpositive", beyond)];
}

/** log(p / (1 − p)) */
export const logOdds: readonly Hazard[] = [
  forward("log-of-nonpositive", ({ inputs: [p] }) => !(p > 0 && p < 1)),
  backward("log-of-nonpositive", ({ inputs: [p] }) => !(p > 0 && p < 1)),
];

/** √x: no number below 0, and an infinite slope at 0. */
export const squareRoot: readonly Hazard[] = [
  forward("sqrt-of-negative", ({ inputs: [x] }) => !(x >= 0)),
  backward("sqrt-grad-at-zero", ({ out }) => out === 0),
  backward("sqrt-of-negative", ({ out }) => isUnknown(out)),
];

/** 1/√x */
export const inverseSquareRoot: readonly Hazard[] = [
  forward("division-by-zero", ({ inputs: [x] }) => x === 0),
  forward("sqrt-of-negative", ({ inputs: [x] }) => !(x > 0)),
  backward("division-by-zero", ({ out }) => isInfinite(out)),
  backward("sqrt-of-negative", ({ out }) => isUnknown(out)),
];

/** 1/x */
export const inverse: readonly Hazard[] = [
  forward("division-by-zero", ({ inputs: [x] }) => !(Math.abs(x) > 0)),
  backward("division-by-zero", ({ out }) => !Number.isFinite(out)),
];

/** a/b */
export const quotient: readonly Hazard[] = [
  forward("zero-over-zero", ({ inputs: [a, b] }) => a === 0 && b === 0),
  forward("inf-over-inf", ({ inputs: [a, b] }) => isInfinite(a) && isInfinite(b)),
  forward("division-by-zero", ({ inputs: [, b] }) => b === 0),
  backward("division-by-zero", ({ inputs: [, b] }) => b === 0),
];

/** aᵇ */
export const power: readonly Hazard[] = [
  forward("pow-of-negative-base", ({ inputs: [a, b], out }) => isUnknown(out) && !(a >= 0) && !Number.isInteger(b)),
  forward("division-by-zero", ({ inputs: [a, b] }) => a === 0 && b < 0),
  backward("sqrt-grad-at-zero", ({ inputs: [a, b] }) => a === 0 && !(b >= 1) && !(b <= 0)),
  backward("division-by-zero", ({ inputs: [a, b] }) => a === 0 && b < 0),
  backward("pow-of-negative-base", ({ inputs: [a] }) => a < 0),
];

/** eˣ and its relatives: infinite from 88.7 on in float32, from 709.8 on in float64. */
export const exponential: readonly Hazard[] = [
  forward("exp-overflow", ({ out }) => isInfinite(out)),
  backward("exp-overflow", ({ out }) => !Number.isFinite(out)),
];

/** a + b or a − b */
export const difference: readonly Hazard[] = [
  forward("inf-minus-inf", ({ inputs: [a, b], out }) => isUnknown(out) && (isInfinite(a) || isInfinite(b))),
];

/** a · b */
export const product: readonly Hazard[] = [
  forward("zero-times-inf", ({ inputs: [a, b], out }) => isUnknown(out) && (isInfinite(a) || isInfinite(b))),
  backward("zero-times-inf", ({ inputs: [a, b] }) => isInfinite(a) || isInfinite(b)),
];

/** A sum over many elements. */
export const total: readonly Hazard[] = [
  forward("zero-over-zero", ({ row, out }) => isUnknown(out) && row.length === 0),
  forward("inf-minus-inf", ({ row, out }) => isUnknown(out) && some(row, isInfinite)),
];

/** acos, asin, atanh: from −1 to 1, with an infinite slope at the ends. */
export const upToOne: readonly Hazard[] = [
  forward("acos-at-edge", ({ inputs: [x] }) => !(Math.abs(x) < 1)),
  backward("acos-at-edge", ({ inputs: [x] }) => !(Math.abs(x) < 1)),
];

/** acosh: from 1 on, with an infinite slope there. */
export const fromOne: readonly Hazard[] = [
  forward("acos-at-edge", ({ inputs: [x] }) => !(x > 1)),
  backward("acos-at-edge", ({ inputs: [x] }) => !(x > 1)),
];

/** The angle of (a, b), which the origin has not. */
export const angle: readonly Hazard[] = [
  backward("atan2-at-origin", ({ inputs: [a, b] }) => !(a < 0 || a > 0) && !(b < 0 || b > 0)),
];

/** A distance: its slope at 0 has no direction. */
export const distance: readonly Hazard[] = [backward("norm-grad-at-zero", ({ out }) => !(out > 0))];

/** exp(x) / Σ exp(x): 0/0 where a whole row is −∞. */
export const shares: readonly Hazard[] = [
  forward("masked-softmax-row", ({ row }) => row.length > 0 && every(row, (x) => x === Number.NEGATIVE_INFINITY)),
  forward("inf-minus-inf", ({ row, out }) => isUnknown(out) && some(row, (x) => x === Number.POSITIVE_INFINITY)),
];

/** log Σ exp(x), whose gradient is that of a softmax. */
export const logOfShares: readonly Hazard[] = [
  ...shares,
  backward("masked-softmax-row", ({ out }) => out === Number.NEGATIVE_INFINITY),
];

/** Σ (x − mean)² / (n − correction): 0/0 when too few elements are left. */
export const spread: readonly Hazard[] = [
  forward("std-of-one-element", ({ row, attrs }) => row.length <= correctionOf(attrs)),
];

const correctionOf = (attrs: unknown): number => (attrs as { readonly correction?: number }).correction ?? 1;

/** A mean over the targets that count: 0/0 when none does. */
export const meanOfTargets: readonly Hazard[] = [forward("zero-over-zero", ({ out }) => isUnknown(out))];

function some(row: ArrayLike<number>, is: (x: number) => boolean): boolean {
  for (let i = 0; i < row.length; i++) if (is(row[i])) return true;
  return false;
}

const every = (row: ArrayLike<number>, is: (x: number) => boolean): boolean => !some(row, (x) => !is(x));
