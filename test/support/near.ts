import assert from "node:assert/strict";
import type { Tensor } from "../../engine/index.ts";

/** Compares the elements of a tensor, row by row, with literals that were written down with some digits. */
export function near(x: Tensor | null | undefined, expected: readonly number[], tolerance = 1e-5): void {
  assert.ok(x, "there is no tensor");
  const got = x.toArray();
  assert.equal(got.length, expected.length, "number of elements");
  expected.forEach((want, i) => {
    const value = got[i] ?? Number.NaN;
    assert.ok(
      Math.abs(value - want) <= tolerance * Math.max(1, Math.abs(want)),
      `element ${i} is ${value}, not ${want}`,
    );
  });
}
