import type { TypedArray } from "../base/dtype.ts";

// Each writes the loss of `n` pairs of an input and a target, dense, into `out` from its start on. One loop per loss,
// spelled out: a loop over a function parameter would be called through a pointer per element.

/** A loss of an element x and its target t; `p` is its one parameter. */
export type PairLoss = (
  x: TypedArray,
  xo: number,
  t: TypedArray,
  to: number,
  n: number,
  p: number,
  out: TypedArray,
) => void;

export const squared: PairLoss = (x, xo, t, to, n, _p, out) => {
  for (let i = 0; i < n; i++) {
    const d = x[xo + i] - t[to + i];
    out[i] = d * d;
  }
};

/** d² / 2β below β, |d| − β / 2 above. */
export const smoothL1: PairLoss = (x, xo, t, to, n, beta, out) => {
  for (let i = 0; i < n; i++) {
    const d = Math.abs(x[xo + i] - t[to + i]);
    out[i] = d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta;
  }
};

/** d² / 2 up to δ, δ (|d| − δ / 2) above. */
export const huber: PairLoss = (x, xo, t, to, n, delta, out) => {
  for (let i = 0; i < n; i++) {
    const d = Math.abs(x[xo + i] - t[to + i]);
    out[i] = d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
  }
};

/** log(1 + exp(−t x)), without overflow. */
export const softMargin: PairLoss = (x, xo, t, to, n, _p, out) => {
  for (let i = 0; i < n; i++) {
    const z = -t[to + i] * x[xo + i];
    out[i] = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
};

/** −t log x − (1 − t) log(1 − x), with logarithms of at least −100. */
export const binaryCrossEntropy: PairLoss = (x, xo, t, to, n, _p, out) => {
  for (let i = 0; i < n; i++) {
    const value = x[xo + i];
    const target = t[to + i];
    out[i] = (target - 1) * Math.max(Math.log1p(-value), -100) - target * Math.max(Math.log(value), -100);
  }
};

/** The same of the sigmoid of x, without overflow; positive targets count `positive` times when there is one per element. */
export function binaryCrossEntropyWithLogits(
  x: TypedArray,
  xo: number,
  t: TypedArray,
  to: number,
  positive: TypedArray | null,
  po: number,
  n: number,
  out: TypedArray,
): void {
  for (let i = 0; i < n; i++) {
    const value = x[xo + i];
    const target = t[to + i];
    const factor = positive === null ? 1 : (positive[po + i] - 1) * target + 1;
    // −log sigmoid(x) = log(1 + exp(−x))
    const negative = Math.max(-value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
    out[i] = (1 - target) * value + factor * negative;
  }
}

/** Multiplies by a weight per element. */
export function weigh(out: TypedArray, weight: TypedArray, wo: number): void {
  for (let i = 0; i < out.length; i++) out[i] *= weight[wo + i];
}
