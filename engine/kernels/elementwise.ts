import { broadcasting } from "./broadcast.ts";
import type { Operand } from "./operand.ts";

// For functions that cost more than a call: the loop is shared, so the call is not inlined. Cheap ones have loops of their own.

/** A kernel from a function of one number. Input and output are dense. */
export function elementwise<A = void>(
  f: (x: number, attrs: A) => number,
): (x: Operand, out: Operand, attrs: A) => void {
  return (x, out, attrs) => {
    const { values: v } = x.storage;
    const { values: y } = out.storage;
    for (let i = 0, a = x.offset, b = out.offset; i < x.elements; i++) y[b + i] = f(v[a + i], attrs);
  };
}

/** A kernel from a function of two numbers; the operands broadcast. */
export function pairwise<A = void>(
  f: (a: number, b: number, attrs: A) => number,
): (a: Operand | number, b: Operand | number, out: Operand, attrs: A) => void {
  return broadcasting<A>((rows, columns, a, ao, ar, ac, b, bo, br, bc, out, oo, attrs) => {
    for (let r = 0, k = oo; r < rows; r++) {
      for (let c = 0, i = ao + r * ar, j = bo + r * br; c < columns; c++, i += ac, j += bc)
        out[k++] = f(a[i], b[j], attrs);
    }
  });
}
