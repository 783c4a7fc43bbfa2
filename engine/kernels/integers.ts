import { pairwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";

/** The greatest common divisor, by Euclid. It is never negative, and gcd(a, 0) is |a|. */
const divisor = (a: number, b: number): number => (b === 0 ? Math.abs(a) : divisor(b, a % b));

export const gcd = pairwise(divisor);

/** The least common multiple, 0 where either is 0. int32 wraps around, as C does. */
export const lcm = (a: Operand | number, b: Operand | number, out: Operand): void =>
  (out.dtype === "int32" ? wrappingMultiple : multiple)(a, b, out);

const multiple = pairwise((a, b) => (b === 0 ? 0 : Math.abs((a / divisor(a, b)) * b)));
const wrappingMultiple = pairwise((a, b) => (b === 0 ? 0 : Math.abs(Math.imul(a / divisor(a, b), b))));
