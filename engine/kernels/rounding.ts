import { elementwise } from "./elementwise.ts";
import type { Operand } from "./operand.ts";

export const ceil = elementwise(Math.ceil);
export const floor = elementwise(Math.floor);
export const trunc = elementwise(Math.trunc);
export const frac = elementwise((x) => x - Math.trunc(x));

/** −1, 0 or 1; 0 for NaN, as in PyTorch. */
export const sign = elementwise((x) => (x > 0 ? 1 : x < 0 ? -1 : 0));

export const round = elementwise(halfToEven);

/** Rounds to a number of decimals: in float32 the scaled number is a float32 too, which decides ties. */
export function roundTo(x: Operand, out: Operand, { decimals }: { readonly decimals: number }): void {
  const power = 10 ** Math.abs(decimals);
  const single = out.dtype === "float32";
  const { values: v } = x.storage;
  const { values: y } = out.storage;
  for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) {
    const scaled = decimals < 0 ? v[a + i] / power : v[a + i] * power;
    const rounded = halfToEven(single ? Math.fround(scaled) : scaled);
    y[b + i] = decimals < 0 ? rounded * power : rounded / power;
  }
}

/** To the nearest integer, halves to the even one (IEEE 754's default). */
function halfToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return x < 0 && down === 0 ? -0 : down;
  if (rest > 0.5) return x < 0 && down === -1 ? -0 : down + 1;
  const even = down % 2 === 0 ? down : down + 1;
  return even === 0 && x < 0 ? -0 : Number.isNaN(rest) ? x : even;
}
