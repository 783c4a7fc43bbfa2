import { elementwise, pairwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";

// JavaScript's operators see 32 bits. int64 lives in float64 slots, so larger numbers take the way over BigInt.

/** A kernel of two integers of up to 64 bits. */
function onBits(
  narrow: (a: number, b: number) => number,
  wide: (a: bigint, b: bigint) => bigint,
): (a: Operand | number, b: Operand | number, out: Operand) => void {
  return pairwise((a, b) =>
    a === (a | 0) && b === (b | 0) ? narrow(a, b) : Number(BigInt.asIntN(64, wide(BigInt(a), BigInt(b)))),
  );
}

export const and = onBits(
  (a, b) => a & b,
  (a, b) => a & b,
);
export const or = onBits(
  (a, b) => a | b,
  (a, b) => a | b,
);
export const xor = onBits(
  (a, b) => a ^ b,
  (a, b) => a ^ b,
);

/** Two's complement: −x − 1. */
export const not = elementwise((x) => -x - 1);

// All 64 bits are gone after 64 steps; a negative number of steps, read as an unsigned one, is more than that.
export const leftShift = pairwise((a, b) => (gone(b) ? 0 : Number(BigInt.asIntN(64, BigInt(a) << BigInt(b)))));
export const rightShift = pairwise((a, b) => (gone(b) ? (a < 0 ? -1 : 0) : Math.floor(a / 2 ** b)));
const gone = (steps: number): boolean => steps < 0 || steps >= 64;
