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

export const leftShift = pairwise((a, b) => Number(BigInt.asIntN(64, BigInt(a) << BigInt(b))));
export const rightShift = pairwise((a, b) => Math.floor(a / 2 ** b));
