// Special functions in float64. Equation numbers are those of the NIST Digital Library of Mathematical Functions
// (DLMF, https://dlmf.nist.gov). Accuracy was checked against 50-digit arithmetic: see test/engine/special.test.ts.

const TWO_OVER_SQRT_PI = 1.1283791670955126;
const EULER_GAMMA = 0.5772156649015329;

/**
 * erf(x)/x on [0, 1] as a polynomial in x²: the Chebyshev interpolant of degree 11, computed with 60 digits; relative
 * error 9e-18 before rounding.
 */
const ERF = [
  1.1283791670955126, -0.37612638903183543, 0.11283791670945006, -0.02686617064323777, 0.0052239776071164225,
  -0.0008548325975389692, 0.00012055294904839707, -1.492473690741966e-5, 1.6447424703317362e-6, -1.6208483801871705e-7,
  1.3720064546777686e-8, -7.795898827002142e-10,
];

/**
 * (x + 3) e^(x²) erfc(x) on [1, ∞) as a polynomial in (x − 3)/(x + 3): the Chebyshev interpolant of degree 21, computed
 * with 60 digits; relative error 3e-18 before rounding.
 */
const ERFC = [
  1.0740069070883398, -0.8833944531698836, 0.5902283571041009, -0.31046726190057605, 0.1195277612873696,
  -0.026827234624079117, -0.0012124166302080758, 0.0030340619936025438, -0.0005483096335877599, -0.00027677778764109294,
  0.00010756085244207367, 3.0398172574753037e-5, -1.7466610952492724e-5, -4.752322159308702e-6, 2.752180568448827e-6,
  1.0190485501287389e-6, -3.910646608114562e-7, -2.8636259196024124e-7, 6.29784448270229e-8, 9.636509651328559e-8,
  -5.109114755370786e-8, 7.674154516887844e-9,
];

/** The polynomial with these coefficients, lowest first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

/** 2/√π ∫₀ˣ e^(−t²) dt (DLMF 7.2.1). */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 1) return x * polynomial(ERF, x * x);
  if (size > 6) return Math.sign(x); // erfc(6) is below half a unit in the last place of 1
  return x > 0 ? 1 - erfcTail(size) : erfcTail(size) - 1; // NaN takes this way too
}

/** 1 − erf(x), without cancellation for large x (DLMF 7.2.2). */
export function erfc(x: number): number {
  if (Math.abs(x) <= 1) return 1 - x * polynomial(ERF, x * x);
  return x < 0 ? 2 - erfcTail(-x) : erfcTail(x);
}

/** erfc for x ≥ 1. */
function erfcTail(x: number): number {
  if (x > 27.3) return 0; // below the smallest float64
  // x² rounded would spoil e^(−x²): x is split so that the square of the larger part is exact.
  const rough = Math.round(x * 32) / 32;
  const gauss = Math.exp(-rough * rough) * Math.exp(-(x - rough) * (x + rough));
  return (gauss * polynomial(ERFC, (x - 3) / (x + 3))) / (x + 3);
}

/**
 * The x with erf(x) = y: Halley's iteration (DLMF 3.8.10) from Winitzki's closed form, whose relative error is 2e-3. The
 * error cubes with each step.
 */
export function erfinv(y: number): number {
  const size = Math.abs(y);
  if (!(size <= 1)) return Number.NaN;
  if (size === 1) return y * Number.POSITIVE_INFINITY;
  if (size < 1e-9) return y / TWO_OVER_SQRT_PI;
  const tail = 1 - size; // exact for size ≥ 0.5
  let x = winitzki(size, tail);
  for (let step = 0; step < 3; step++) {
    const residual = size < 0.5 ? erf(x) - size : tail - erfc(x);
    const newton = residual / (TWO_OVER_SQRT_PI * Math.exp(-x * x));
    x -= newton / (1 + x * newton);
  }
  return y < 0 ? -x : x;
}

/** S. Winitzki, "A handy approximation for the error function and its inverse" (2008), with a = 0.147. */
function winitzki(size: number, tail: number): number {
  const a = 0.147;
  const log = Math.log(tail * (1 + size));
  const half = 2 / (Math.PI * a) + log / 2;
  return Math.sqrt(Math.sqrt(half * half - log / a) - half);
}

/** ζ(k) − 1 for k = 2, 3, … 34. */
const ZETA_MINUS_1 = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9, 9.313274324196682e-10, 4.656629065033784e-10,
  2.3283118336765053e-10, 1.164155017270052e-10, 5.820772087902701e-11,
];

/** Bernoulli numbers B₂, B₄, … B₂₀ (DLMF 24.2). */
export const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];

/** ln |Γ(x)|; +∞ at 0, −1, −2 … */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (x <= 0) {
    if (x === Math.floor(x)) return Number.POSITIVE_INFINITY;
    // Γ(x) Γ(1 − x) = π / sin(πx), DLMF 5.5.3; Γ(1 − x) = −x Γ(−x).
    // One logarithm each: their quotient overflows next to 0.
    return Math.log(Math.PI) - Math.log(-x) - Math.log(Math.abs(sinPi(x))) - lgamma(-x);
  }
  if (x < 0.5) return lgammaNear2(x) - Math.log(x) - Math.log1p(x);
  if (x < 1.5) return lgammaNear2(x - 1) - Math.log1p(x - 1);
  if (x < 2.5) return lgammaNear2(x - 2);
  if (x < 13) return lgammaByRecurrence(x);
  return stirling(x);
}

/** ln Γ(1 + a) for a ≥ 0, with as many digits for small a. */
export const lgamma1p = (a: number): number => (a < 0.5 ? lgammaNear2(a) - Math.log1p(a) : lgamma(1 + a));

/** ln Γ(2 + z) for |z| ≤ 0.5: DLMF 5.7.3 with ln Γ(2 + z) = ln(1 + z) + ln Γ(1 + z). */
function lgammaNear2(z: number): number {
  let sum = 0;
  for (let k = ZETA_MINUS_1.length + 1; k >= 2; k--) sum = -z * (ZETA_MINUS_1[k - 2] / k + sum);
  return z * (1 - EULER_GAMMA) - sum * z;
}

/** Γ(x) = (x − 1)(x − 2) … Γ(x − n), with x − n between 1.5 and 2.5. */
function lgammaByRecurrence(x: number): number {
  let product = 1;
  let rest = x;
  while (rest >= 2.5) {
    rest -= 1;
    product *= rest;
  }
  return Math.log(product) + lgammaNear2(rest - 2);
}

/** DLMF 5.11.1 */
const stirling = (x: number): number => (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirlingRest(x);

/** What ln Γ(x) has beyond the closed part of Stirling's series; from x = 13 on eight terms are exact to float64. */
export function stirlingRest(x: number): number {
  let series = 0;
  for (let k = 8; k >= 1; k--) series = series / (x * x) + BERNOULLI[k - 1] / (2 * k * (2 * k - 1));
  return series / x;
}

/** sin(πx), exact in its zeros. */
const sinPi = (x: number): number => Math.sin(Math.PI * centred(x)) * (Math.round(x) % 2 === 0 ? 1 : -1);

/** x less the nearest integer. */
const centred = (x: number): number => x - Math.round(x);

/** ψ(x), the derivative of ln Γ(x); ∓∞ at ±0 and NaN at −1, −2 …, as in PyTorch. */
export function digamma(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (x < 0) {
    if (x === Math.floor(x)) return Number.NaN;
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * centred(x)); // DLMF 5.5.4
  }
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift += 1 / at; // ψ(x + 1) = ψ(x) + 1/x, DLMF 5.5.2
  if (at === Number.POSITIVE_INFINITY) return at;
  let series = 0;
  for (let k = 8; k >= 1; k--) series = (series + BERNOULLI[k - 1] / (2 * k)) / (at * at); // DLMF 5.11.2
  return Math.log(at) - 0.5 / at - series - shift;
}

/** ψ⁽ⁿ⁾(x), the n-th derivative of ψ; ψ itself for n = 0. */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (Number.isNaN(x)) return x;
  if (x <= 0) return polygammaReflected(n, x);
  const sign = n % 2 === 0 ? -1 : 1;
  // ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! Σ 1/(x + k)ⁿ⁺¹, DLMF 5.15.1; the far part of the sum by its asymptotic series 5.15.8.
  let sum = 0;
  let at = x;
  for (; at < 12 + n; at++) sum += at ** -(n + 1);
  return sign * (factorial(n) * sum + polygammaTail(n, at));
}

/** |ψ⁽ⁿ⁾(x)| for x ≥ 12 + n: (n − 1)!/xⁿ + n!/(2 xⁿ⁺¹) + Σ B₂ₖ (2k + n − 1)!/((2k)! x²ᵏ⁺ⁿ). */
function polygammaTail(n: number, x: number): number {
  let term = factorial(n - 1) * x ** -n;
  let sum = term + (term * n) / (2 * x);
  for (let k = 1; k <= BERNOULLI.length; k++) {
    term *= ((2 * k + n - 1) * (2 * k + n - 2)) / (2 * k * (2 * k - 1) * x * x);
    sum += BERNOULLI[k - 1] * term;
  }
  return sum;
}

/** (−1)ⁿ ψ⁽ⁿ⁾(1 − x) − ψ⁽ⁿ⁾(x) = π dⁿ/dxⁿ cot(πx), DLMF 5.15.6. */
function polygammaReflected(n: number, x: number): number {
  if (x === Math.floor(x)) return polygammaAtPole(n, x);
  const cot = 1 / Math.tan(Math.PI * centred(x));
  const mirrored = polygamma(n, 1 - x);
  return (n % 2 === 0 ? mirrored : -mirrored) - Math.PI ** (n + 1) * polynomial(cotDerivative(n), cot);
}

/**
 * As PyTorch has them: ±∞, but ψ′ from the sine of πx in float64, which is not 0 but for x = 0. A gradient there is huge
 * rather than infinite.
 */
function polygammaAtPole(n: number, x: number): number {
  if (n > 1) return n % 2 === 1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return (Math.PI / Math.sin(Math.PI * x)) ** 2 - polygamma(1, 1 - x);
}

/** Coefficients of the n-th derivative of cot as a polynomial in cot: each step multiplies the derivative by −(1 + cot²). */
function cotDerivative(n: number): number[] {
  let p = [0, 1];
  for (let step = 0; step < n; step++) {
    const next = new Array<number>(p.length + 1).fill(0);
    for (let k = 1; k < p.length; k++) {
      next[k - 1] -= k * p[k];
      next[k + 1] -= k * p[k];
    }
    p = next;
  }
  return p;
}

function factorial(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}
