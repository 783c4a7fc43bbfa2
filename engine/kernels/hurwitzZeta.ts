import { pairwise } from "./elementwise.ts";
import { BERNOULLI } from "./special.ts";

/** ζ(s, q) = Σ 1/(q + k)^s for s > 1, else NaN; ∞ for s = 1, and for q at 0, −1, −2 …; NaN where only a limit would be 0. All as in PyTorch. */
export const zeta = pairwise((s, q) => {
  if (s === 1) return Number.POSITIVE_INFINITY;
  if (!(s > 1) || Number.isNaN(q)) return Number.NaN;
  if (q <= 0 && q === Math.floor(q)) return Number.POSITIVE_INFINITY;
  if (q < 0 && s !== Math.floor(s)) return Number.NaN;
  if (q === Number.POSITIVE_INFINITY || (s === Number.POSITIVE_INFINITY && q > 1)) return Number.NaN;
  return sum(s, q);
});

/**
 * Plain terms up to 10 + s, from where on the series of Euler and Maclaurin is exact to float64, then the integral of the rest and
 * its corrections (DLMF 25.11.5 with 2.10.1).
 */
function sum(s: number, q: number): number {
  let [near, at] = [0, q];
  for (; at < 10 + s; at++) {
    const term = power(at, -s);
    near += term;
    if (at > 0 && (term === 0 || term * at <= 1e-18 * near * (s - 1))) return near; // all others together are as small
  }
  const first = power(at, -s);
  let [rest, term] = [(first * at) / (s - 1) + first / 2, (first * s) / at / 2];
  for (let k = 1; k <= BERNOULLI.length; k++) {
    rest += BERNOULLI[k - 1] * term;
    term *= ((s + 2 * k - 1) * (s + 2 * k)) / ((2 * k + 1) * (2 * k + 2) * at * at);
  }
  return near + rest;
}

/** C's pow: unlike JavaScript's, 1 to the power of an infinity is 1. */
const power = (base: number, exponent: number): number => (base === 1 ? 1 : base ** exponent);
