import { luFactor, luSolve } from "./lu.ts";
import { matmul } from "./matmul.ts";

/** Coefficients of the [13/13] Padé approximant of the exponential (Higham 2005). */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];

/** Norm up to which the approximant is exact to rounding. */
const THETA = 5.371920351148152;

/** exp(A) of a row-major n x n matrix: scaled until the Padé approximant holds, then squared as often. */
export function matrixExp(a: Float64Array, n: number): Float64Array {
  const norm = oneNorm(a, n);
  if (!Number.isFinite(norm)) return new Float64Array(n * n).fill(Number.NaN);
  const squarings = norm > THETA ? Math.ceil(Math.log2(norm / THETA)) : 0;
  const scale = 2 ** -squarings;
  let result = approximant(
    a.map((value) => value * scale),
    n,
  );
  for (let i = 0; i < squarings; i++) result = product(result, result, n);
  return result;
}

function oneNorm(a: Float64Array, n: number): number {
  let largest = 0;
  for (let j = 0; j < n; j++) {
    let total = 0;
    for (let i = 0; i < n; i++) total += Math.abs(a[i * n + j]);
    if (!(total <= largest)) largest = total;
  }
  return largest;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  const matrix = (values: Float64Array) => ({ values, offset: 0, row: n, column: 1 });
  matmul(n, n, n, matrix(a), matrix(b), out, 0);
  return out;
}

/** (V − U)⁻¹ (V + U) with the odd powers in U and the even ones in V. */
function approximant(a: Float64Array, n: number): Float64Array {
  const a2 = product(a, a, n);
  const a4 = product(a2, a2, n);
  const a6 = product(a2, a4, n);
  const powers = [a2, a4, a6];
  const inner = (from: number): Float64Array => combination(n, powers, [PADE[from], PADE[from + 2], PADE[from + 4]], 0);
  const odd = combination(n, powers, [PADE[3], PADE[5], PADE[7]], PADE[1]);
  const even = combination(n, powers, [PADE[2], PADE[4], PADE[6]], PADE[0]);
  const u = product(a, plus(product(a6, inner(9), n), odd), n);
  const v = plus(product(a6, inner(8), n), even);
  const sum = v.map((value, i) => value + u[i]);
  const difference = v.map((value, i) => value - u[i]);
  const pivots = new Int32Array(n);
  luFactor(difference, n, pivots);
  luSolve(difference, n, pivots, sum, n);
  return sum;
}

/** The sum of powers times factors, plus a multiple of the identity. */
function combination(
  n: number,
  powers: readonly Float64Array[],
  factors: readonly number[],
  identity: number,
): Float64Array {
  const out = new Float64Array(n * n);
  powers.forEach((power, k) => {
    for (let i = 0; i < out.length; i++) out[i] += factors[k] * power[i];
  });
  for (let i = 0; i < n; i++) out[i * n + i] += identity;
  return out;
}

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]);
