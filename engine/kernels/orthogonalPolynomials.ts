// Orthogonal polynomials at x, of the order that the second operand truncates to, by their recurrences (DLMF, table 18.9.1).
// Orders below 0, infinite and NaN ones give 0, as in PyTorch. Float32 rounds after each step, so that what overflows there is
// infinite here, too.
import { pairwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";

type Round = (value: number) => number;
/** Value at x, for an order of at least 2. */
type Polynomial = (x: number, n: number, round: Round) => number;
type Kernel = (a: Operand | number, b: Operand | number, out: Operand) => void;

/** Beyond these int64 has no such order. */
const MOST = 2 ** 63;
const exactly: Round = (value) => value;

/** A kernel from the values of order 1 and of those above. */
function polynomials(first: (x: number) => number, above: Polynomial): Kernel {
  const at = (x: number, order: number, round: Round): number => {
    const n = Math.trunc(order);
    if (!(n >= 0 && n < MOST)) return 0;
    if (n === 0) return 1;
    return n === 1 ? first(x) : above(x, n, round);
  };
  const double = pairwise((x, order) => at(x, order, exactly));
  const single = pairwise((x, order) => at(x, order, Math.fround));
  return (a, b, out) => (out.dtype === "float32" ? single : double)(a, b, out);
}

/** 2x − 1, which the shifted polynomials take in place of x. */
const shift = (x: number): number => x + x - 1;

/** The polynomial of a number that is computed from x first. */
const of =
  (at: (x: number) => number, polynomial: Polynomial): Polynomial =>
  (x, n, round) =>
    polynomial(round(at(x)), n, round);

/** p_{n+1} = 2x p_n − p_{n−1}: all kinds of Chebyshev polynomials, which differ in that of order 1. */
function chebyshev(x: number, n: number, first: number, round: Round): number {
  let [before, value] = [1, round(first)];
  for (let k = 2; k <= n && !Number.isNaN(value); k++)
    [before, value] = [value, round(round((x + x) * value) - before)];
  return value;
}

/** Up to here the recurrence is exact enough between −1 and 1; above, the trigonometric form is quicker and loses less. */
const FEW = 8;
const isInside = (x: number, n: number): boolean => n > FEW && Math.abs(x) < 1;
const alternating = (n: number): number => (n % 2 === 0 ? 1 : -1);

/** T_n(cos θ) = cos nθ, DLMF 18.5.1. */
const t: Polynomial = (x, n, round) => {
  if (Math.abs(x) === 1) return x > 0 ? 1 : alternating(n);
  return isInside(x, n) ? Math.cos(n * Math.acos(x)) : chebyshev(x, n, x, round);
};

/** U_n(cos θ) = sin (n + 1)θ / sin θ, DLMF 18.5.2. */
const u: Polynomial = (x, n, round) => {
  if (Math.abs(x) === 1) return x > 0 ? n + 1 : alternating(n) * (n + 1);
  if (!isInside(x, n)) return chebyshev(x, n, x + x, round);
  const angle = Math.acos(x);
  return Math.sin((n + 1) * angle) / Math.sin(angle);
};

/** V_n(cos θ) = cos (n + ½)θ / cos ½θ: PyTorch's third kind, which DLMF 18.5.3 calls W. */
const v: Polynomial = (x, n, round) => {
  if (Math.abs(x) === 1) return x > 0 ? 1 : alternating(n) * (n + n + 1);
  if (!isInside(x, n)) return chebyshev(x, n, x + x - 1, round);
  const angle = Math.acos(x);
  if (round(Math.sin(angle / 2)) === 1) return alternating(n) * (n + n + 1); // −1 but for rounding
  return Math.cos((n + 0.5) * angle) / Math.cos(angle / 2);
};

/** W_n(cos θ) = sin (n + ½)θ / sin ½θ: PyTorch's fourth kind, which DLMF 18.5.4 calls V. */
const w: Polynomial = (x, n, round) => {
  if (Math.abs(x) === 1) return x > 0 ? n + n + 1 : alternating(n);
  if (!isInside(x, n)) return chebyshev(x, n, x + x + 1, round);
  const angle = Math.acos(x);
  if (round(Math.cos(angle / 2)) === 1) return n + n + 1; // 1 but for rounding
  return Math.sin((n + 0.5) * angle) / Math.sin(angle / 2);
};

export const chebyshevT = polynomials((x) => x, t);
export const chebyshevU = polynomials((x) => x + x, u);
export const chebyshevV = polynomials((x) => x + x - 1, v);
export const chebyshevW = polynomials((x) => x + x + 1, w);
export const shiftedT = polynomials(shift, of(shift, t));
export const shiftedU = polynomials((x) => 2 * shift(x), of(shift, u));
export const shiftedV = polynomials((x) => 2 * shift(x) - 1, of(shift, v));
export const shiftedW = polynomials((x) => 2 * shift(x) + 1, of(shift, w));

/** Beyond this order PyTorch gives NaN for Hermite polynomials: 128 in float32. */
const mostHermite = (round: Round): number => (round === exactly ? 512 : 128);

/** H_{n+1} = 2x H_n − 2n H_{n−1}, the physicists' polynomials. */
const hermite: Polynomial = (x, n, round) => {
  if (n > mostHermite(round)) return Number.NaN;
  let [before, value] = [1, x + x];
  for (let k = 2; k < n + n; k += 2) [before, value] = [value, round(round((x + x) * value) - round(k * before))];
  return value;
};

/** He_{n+1} = x He_n − n He_{n−1}, the probabilists' polynomials. */
const hermiteE: Polynomial = (x, n, round) => {
  if (n > mostHermite(round)) return Number.NaN;
  let [before, value] = [1, x];
  for (let k = 1; k < n; k++) [before, value] = [value, round(round(x * value) - round(k * before))];
  return value;
};

/** (n + 1) L_{n+1} = (2n + 1 − x) L_n − n L_{n−1}. */
const laguerre: Polynomial = (x, n, round) => {
  if (x === 0) return 1;
  let [before, value] = [1, round(1 - x)];
  for (let k = 1; k < n && !Number.isNaN(value); k++)
    [before, value] = [value, round(round((k + k + (1 - x)) * value - k * before) / (k + 1))];
  return value;
};

/** (n + 1) P_{n+1} = (2n + 1) x P_n − n P_{n−1}. */
const legendre: Polynomial = (x, n, round) => {
  if (Math.abs(x) === 1) return x > 0 ? 1 : alternating(n);
  let [before, value] = [1, x];
  for (let k = 1; k < n && !Number.isNaN(value); k++)
    [before, value] = [value, round(round((k + k + 1) * x * value - k * before) / (k + 1))];
  return value;
};

export const hermiteH = polynomials((x) => x + x, hermite);
export const hermiteHe = polynomials((x) => x, hermiteE);
export const laguerreL = polynomials((x) => 1 - x, laguerre);
export const legendreP = polynomials((x) => x, legendre);
