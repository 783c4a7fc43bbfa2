import assert from "node:assert/strict";
import { arange, tensor } from "../../../engine/index.ts";
import { gather, scatter } from "../../../engine/kernels/copy.ts";

// Short rows, long ones, and those on either side of where whole rows are copied at once.
const LENGTHS = [1, 2, 7, 95, 96, 97, 250];

/** A window of rows, `step` apart within a row, on a buffer of numbers that are all different. */
function windowOf(rows: number, n: number, step: number) {
  const row = n * Math.max(1, Math.abs(step)) + 3;
  const values = Float64Array.from({ length: rows * row + 5 }, (_, i) => i + 0.5);
  const offset = step < 0 ? 2 - (n - 1) * step : 2;
  const places = Array.from({ length: rows * n }, (_, i) => offset + Math.floor(i / n) * row + (i % n) * step);
  const x = {
    storage: { values },
    offset,
    shape: [rows, n],
    strides: [row, step],
    elements: rows * n,
    dense: false,
    dtype: "float64" as const,
  };
  return { x, values, places };
}

describe("copying windows", () => {
  for (const step of [-3, -1, 0, 1, 2, 5]) {
    for (const n of LENGTHS) {
      it(`reads rows of ${n} elements that lie ${step} apart`, () => {
        for (const rows of [1, 3]) {
          const { x, values, places } = windowOf(rows, n, step);
          const out = new Float64Array(rows * n + 1);
          gather(x, out, 1);
          assert.deepEqual(
            [...out.subarray(1)],
            places.map((at) => values[at]),
          );
        }
      });
    }
  }

  for (const step of [-3, -1, 1, 2, 5]) {
    for (const n of LENGTHS) {
      it(`writes rows of ${n} elements that lie ${step} apart, and nothing beside them`, () => {
        for (const rows of [1, 3]) {
          const { x, values, places } = windowOf(rows, n, step);
          const expected = values.slice();
          places.forEach((at, i) => {
            expected[at] = 1 - i;
          });
          scatter(
            Float64Array.from({ length: rows * n + 1 }, (_, i) => 2 - i),
            1,
            x,
          );
          assert.deepEqual(values, expected);
        }
      });
    }
  }

  it("turns long vectors around, and so gives gradients of running sums", () => {
    assert.deepEqual(
      arange(100).flip(0).tolist(),
      Array.from({ length: 100 }, (_, i) => 99 - i),
    );
    const x = tensor(new Array(100).fill(1), { requiresGrad: true });
    x.cumsum(0).sum().backward();
    assert.deepEqual(
      x.grad?.tolist(),
      Array.from({ length: 100 }, (_, i) => 100 - i),
    );
  });
});
