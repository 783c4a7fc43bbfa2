import type { Operand } from "./operand.ts";

/** Cross products of dense operands whose components lie `inner` apart, three for every group of 3 · inner elements. */
export function cross(a: Operand, b: Operand, out: Operand, inner: number): void {
  const { values: x } = a.storage;
  const { values: y } = b.storage;
  const { values: z } = out.storage;
  for (let group = 0; group < out.elements; group += 3 * inner) {
    for (let i = group; i < group + inner; i++) {
      const p = a.offset + i;
      const q = b.offset + i;
      const r = out.offset + i;
      z[r] = x[p + inner] * y[q + 2 * inner] - x[p + 2 * inner] * y[q + inner];
      z[r + inner] = x[p + 2 * inner] * y[q] - x[p] * y[q + 2 * inner];
      z[r + 2 * inner] = x[p] * y[q + inner] - x[p + inner] * y[q];
    }
  }
}
