import { pairwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";

const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);
const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);

/** The next number after a in the direction of b, among those of the result's dtype. */
export const nextAfter = (a: Operand | number, b: Operand | number, out: Operand): void =>
  (out.dtype === "float32" ? nextSingle : nextDouble)(a, b, out);

// Numbers of one sign are ordered as the integers that their bits are: away from 0 is one more.

const nextDouble = pairwise((a, b) => {
  if (Number.isNaN(a) || a === b) return a === b ? b : a;
  if (a === 0 || Number.isNaN(b)) return awayFromZero(b, 2 ** -1074);
  double[0] = a;
  doubleBits[0] += a < b === a > 0 ? 1n : -1n;
  return double[0];
});

const nextSingle = pairwise((a, b) => {
  if (Number.isNaN(a) || a === b) return a === b ? b : a;
  if (a === 0 || Number.isNaN(b)) return awayFromZero(b, 2 ** -149);
  single[0] = a;
  singleBits[0] += a < b === a > 0 ? 1 : -1;
  return single[0];
});

/** The smallest number of the sign of `toward`, which may be NaN. */
const awayFromZero = (toward: number, smallest: number): number => Math.sign(toward) * smallest;

/** x = mantissa · 2^exponent with ½ ≤ |mantissa| < 1. 0, infinities and NaN are their own mantissas. */
export function frexp(x: number): [mantissa: number, exponent: number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  if (Math.abs(x) < 2 ** -1022) {
    const [mantissa, exponent] = frexp(x * 2 ** 54); // its leading digits are zeros
    return [mantissa, exponent - 54];
  }
  double[0] = x;
  const exponent = Number((doubleBits[0] >> 52n) & 0x7ffn) - 1022;
  return [exponent > 1023 ? x / 2 / 2 ** 1023 : x / 2 ** exponent, exponent];
}
