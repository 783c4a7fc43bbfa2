import assert from "node:assert/strict";
import { type Observer, observe, watch } from "../../engine/autograd/observer.ts";
import { F, linalg, noGrad, randn, type Tensor } from "../../engine/index.ts";

/** What the last op says of its floating-point operations. */
function flopsOf(run: () => unknown): number {
  let flops = Number.NaN;
  const nothing = (): void => {};
  const listener = new Proxy({} as Observer, {
    get: (_, name) =>
      name === "op"
        ? ({ op, inputs, outputs }: Parameters<Observer["op"]>[0]) => {
            flops = op?.flops(inputs, outputs) ?? Number.NaN;
          }
        : nothing,
  });
  const before = observe(listener);
  try {
    noGrad(run);
  } finally {
    observe(before);
  }
  assert.equal(watch.observer, before);
  return flops;
}

const a = randn(3, 4);
const [x, kernel] = [randn(2, 6, 10, 10), randn(8, 3, 5, 5)];
const cases: readonly (readonly [string, () => Tensor | number, number])[] = [
  ["an op on each element", () => a.exp(), 12],
  ["a broadcast op", () => a.mul(randn(2, 3, 4)), 24],
  ["a reduction", () => a.sum(), 12],
  ["a view", () => a.reshape(4, 3), 0],
  ["a copy", () => a.clone(), 0],
  ["cat", () => F.pad(a, [1, 1]), 0],
  ["mm", () => a.mm(randn(4, 5)), 2 * 3 * 4 * 5],
  ["matmul of batches", () => randn(7, 3, 4).matmul(randn(4, 5)), 2 * 7 * 3 * 4 * 5],
  ["mv", () => a.mv(randn(4)), 2 * 3 * 4],
  ["linear", () => F.linear(a, randn(5, 4), randn(5)), 2 * 3 * 4 * 5],
  ["addmm", () => randn(5).addmm(a, randn(4, 5)), 2 * 3 * 4 * 5],
  ["conv2d in groups", () => F.conv2d(x, kernel, null, { groups: 2 }), 2 * (2 * 8 * 6 * 6) * (3 * 5 * 5)],
  ["convTranspose2d", () => F.convTranspose2d(randn(1, 8, 4, 4), kernel), 2 * (8 * 4 * 4) * (3 * 5 * 5)],
  ["inv", () => linalg.inv(randn(4, 4)), 2 * 4 ** 3],
];

describe("floating-point operations", () => {
  for (const [what, run, flops] of cases)
    it(`of ${what} are ${flops}`, () => {
      assert.equal(flopsOf(run), flops);
    });
});
