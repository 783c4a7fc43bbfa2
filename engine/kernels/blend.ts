import { contiguousStrides } from "../base/shape.ts";
import { add, mul } from "./arithmetic.ts";
import { gather } from "./copy.ts";
import type { Operand } from "./operand.ts";

/** out = alpha · out + beta · x, in place; `x` broadcasts to the dense `out`. With beta 0 `x` is not read: its NaN does not count. */
export function blend(out: Operand, alpha: number, x: Operand, beta: number): void {
  if (alpha !== 1) mul(out, alpha, out);
  if (beta !== 0) add(out, beta === 1 ? x : scaled(x, beta), out);
}

/** A dense copy of `x`, times a number. */
function scaled(x: Operand, factor: number): Operand {
  const values = new Float64Array(x.elements);
  gather(x, values, 0);
  for (let i = 0; i < values.length; i++) values[i] *= factor;
  const { shape, elements, dtype } = x;
  return { storage: { values }, offset: 0, shape, strides: contiguousStrides(shape), elements, dense: true, dtype };
}
