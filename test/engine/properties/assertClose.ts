import assert from "node:assert/strict";
import type { Tensor } from "../../../engine/index.ts";

/** Equal shapes, and elements equal but for rounding. */
export function assertClose(got: Tensor, want: Tensor, what: string, tolerance = 1e-9): void {
  assert.deepEqual(got.shape, want.shape, what);
  assert.equal(got.dtype, want.dtype, what);
  const [a, b] = [got.toArray(), want.toArray()];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    if (Object.is(x, y) || x === y) continue;
    const near = Math.abs(x - y) <= tolerance * (1 + Math.abs(y));
    if (!near) assert.fail(`${what}: element ${i} is ${x}, not ${y}`);
  }
}

/** Lists of gradients, where null counts as no gradient. */
export function assertAllClose(
  got: readonly (Tensor | null)[],
  want: readonly (Tensor | null)[],
  what: string,
  tolerance?: number,
): void {
  assert.equal(got.length, want.length, what);
  got.forEach((a, i) => {
    const b = want[i] ?? null;
    if (a === null || b === null) assert.equal(a, b, `${what} ${i}`);
    else assertClose(a, b, `${what} ${i}`, tolerance);
  });
}

/** Σ aᵢ bᵢ over lists of tensors; null counts as zeros. */
export function inner(a: readonly (Tensor | null)[], b: readonly (Tensor | null)[]): number {
  let total = 0;
  a.forEach((x, i) => {
    const y = b[i] ?? null;
    if (x !== null && y !== null) total += x.detach().mul(y.detach()).sum().item();
  });
  return total;
}
