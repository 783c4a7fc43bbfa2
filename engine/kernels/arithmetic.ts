import { broadcasting } from "./broadcast.ts";
import { pairwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";
import { square } from "./pointwise.ts";

// One loop per op, spelled out: a loop over a function parameter would be called through a pointer per element.

export const add = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[k++] = a[i] + b[j];
    }
  },
  { name: "add", limit: "plain" },
);

export const sub = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[k++] = a[i] - b[j];
    }
  },
  { name: "sub", limit: "plain" },
);

export const mul = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[k++] = a[i] * b[j];
    }
  },
  { name: "mul", limit: "plain" },
);

export const div = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) out[k++] = a[i] / b[j];
    }
  },
  { name: "div", limit: "plain" },
);

/** Of a gradient a and x, b: twice their product, which overflows only where it must. */
export const squareBackward = broadcasting(
  (rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc) {
        out[k++] = 2 * (a[i] * b[j]);
      }
    }
  },
  { name: "squareBackward", limit: "plain" },
);

/** aᵇ, with the exponents that people use most spelled out. */
export function pow(a: Operand | number, b: Operand | number, out: Operand): void {
  if (b === 2) squared(a, out);
  else if (b === 3) cube(a, 0, out);
  else if (b === 0.5) root(a, 0, out);
  else if (b === -0.5) inverseRoot(a, 0, out);
  else if (b === -1) div(1, a, out);
  else if (b === -2) inverseSquare(a, 0, out);
  else if (out.dtype === "int64" || out.dtype === "int32") integerPower(a, b, out);
  else power(a, b, out);
}

function squared(a: Operand | number, out: Operand): void {
  if (typeof a !== "number" && a.dense) square(a, out);
  else mul(a, a, out);
}

// The second operand is not read.
const cube = pairwise((a) => a * a * a);
const root = pairwise((a) => Math.sqrt(a));
const inverseRoot = pairwise((a) => 1 / Math.sqrt(a));
const inverseSquare = pairwise((a) => 1 / (a * a));

/** C's pow: unlike JavaScript's, 1 to the power of anything is 1, and −1 to the power of an infinity. */
const power = pairwise((a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b));

/** Of integers: what lies between 0 and ±1 is 0, also what 0 would be divided for. */
const integerPower = pairwise((a, b) => (b < 0 && Math.abs(a) !== 1 ? 0 : a ** b));

/** The remainder with the sign of the dividend. */
export const fmod = pairwise((a, b) => a % b);

/** The remainder with the sign of the divisor. */
export const remainder = pairwise((a, b) => {
  const rest = a % b;
  return rest !== 0 && b < 0 !== rest < 0 ? rest + b : rest;
});

/** a / b toward zero. In float32 the quotient is rounded to float32 first. */
export function truncDivide(a: Operand | number, b: Operand | number, out: Operand): void {
  if (out.dtype === "float32") truncSingle(a, b, out);
  else truncDouble(a, b, out);
}

const truncSingle = pairwise((a, b) => Math.trunc(Math.fround(a / b)));
const truncDouble = pairwise((a, b) => Math.trunc(a / b));

/** a / b toward −∞, from the exact remainder as Python does: the rounded quotient may already lie on the next integer. */
export const floorDivide = pairwise((a, b) => {
  if (b === 0) return a / b;
  const rest = a % b;
  let quotient = (a - rest) / b;
  if (rest !== 0 && b < 0 !== rest < 0) quotient -= 1;
  if (quotient === 0) return a / b < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
});

export const atan2 = pairwise(Math.atan2);
export const hypot = pairwise((a, b) => Math.hypot(a, b));

/** The magnitude of a with the sign of b. */
export const copysign = pairwise((a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)));

/** ln(eᵃ + eᵇ) without overflow. */
export const logaddexp = pairwise((a, b) =>
  a === b && Math.abs(a) === Number.POSITIVE_INFINITY ? a : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
);

/** log₂(2ᵃ + 2ᵇ) without overflow. */
export const logaddexp2 = pairwise((a, b) =>
  a === b && Math.abs(a) === Number.POSITIVE_INFINITY
    ? a
    : Math.max(a, b) + Math.log1p(2 ** -Math.abs(a - b)) * Math.LOG2E,
);

/** a ln b; 0 where a is 0, unless b is NaN. */
export const xlogy = pairwise((a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)));

/** a ln(1 + b); 0 where a is 0, unless b is NaN. */
export const xlog1py = pairwise((a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log1p(b)));
