import assert from "node:assert/strict";
import { fastSquares } from "../../../engine/kernels/squares.ts";
import { squares } from "../../../engine/recording/statistics.ts";
import { assertClose, DOUBLE, Numbers, withBoth } from "./twins.ts";

describe("sums of squares in WebAssembly", () => {
  for (const n of [1, 127, 129, 4099, 40_001]) {
    it(`of ${n} numbers are kept in float64`, () => {
      const values = new Numbers(n).singles(n + 5, 3);
      const { wasm, typescript } = withBoth(() => fastSquares(values, 5, n));
      assert.equal(typescript, null);
      assertClose([wasm ?? Number.NaN], [squares(values, 5, n)], DOUBLE * n, 1);
    });
  }

  it("are not finite when a number is not", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const values = new Float32Array(300).fill(1);
      values[299] = bad;
      const { wasm } = withBoth(() => fastSquares(values, 0, 300));
      assert.ok(!Number.isFinite(wasm));
    }
  });

  it("leave float64 to TypeScript", () => {
    assert.equal(withBoth(() => fastSquares(new Float64Array(1000), 0, 1000)).wasm, null);
  });
});
