import assert from "node:assert/strict";
import path from "node:path";
import { expectClose } from "./compare.ts";
import { readCategories, type TapeCase } from "./format.ts";
import { attempt, runCase } from "./runner.ts";
import { camelCase } from "./surface.ts";

const categories = readCategories(path.join(import.meta.dirname, "data"));

for (const { name, cases } of categories) {
  describe(`PyTorch's answers: ${name}`, () => {
    for (const test of cases) {
      it(`are ours for ${test.name}`, () => attempt(test));
    }
  });
}

describe("the golden runner", () => {
  const square: TapeCase = {
    name: "square",
    inputs: [{ name: "a", shape: [2], dtype: "float64", data: [3, -1], requires_grad: true }],
    program: [{ out: "y", op: "mul", args: [{ ref: "a" }, { ref: "a" }], kwargs: {} }],
    outputs: { y: { shape: [2], dtype: "float64", data: [9, 1] } },
    grad_outputs: { y: [1, 10] },
    grads: { a: { shape: [2], dtype: "float64", data: [6, -20] } },
    second: { vectors: { a: [1, 1] }, grads: { a: { shape: [2], dtype: "float64", data: [2, 20] } } },
    tol: { rtol: 1e-9, atol: 1e-12 },
  };

  it("passes a case that is right", () => {
    assert.deepEqual(runCase(square), { status: "passed" });
  });

  const wrong: readonly [what: string, change: Partial<TapeCase>][] = [
    ["value", { outputs: { y: { shape: [2], dtype: "float64", data: [9, 1.1] } } }],
    ["shape", { outputs: { y: { shape: [2, 1], dtype: "float64", data: [9, 1] } } }],
    ["dtype", { outputs: { y: { shape: [2], dtype: "float32", data: [9, 1] } } }],
    ["gradient", { grads: { a: { shape: [2], dtype: "float64", data: [6, 20] } } }],
    ["gradient that should be undefined", { grads: { a: null } }],
    ["second derivative", { second: { vectors: { a: [1, 1] }, grads: { a: null } } }],
  ];
  for (const [what, change] of wrong) {
    it(`fails a case with a wrong ${what}`, () => {
      assert.equal(runCase({ ...square, ...change }).status, "failed");
    });
  }

  it("counts a missing op as unsupported and names it", () => {
    const program = [{ out: "y", op: "F.no_such_op", args: [{ ref: "a" }], kwargs: {} }];
    assert.deepEqual(runCase({ ...square, program }), { status: "unsupported", missing: "F.no_such_op" });
  });

  it("takes NaN for NaN and -0 for 0, and tells infinities apart", () => {
    const tol = { rtol: 0, atol: 0 };
    expectClose("x", [Number.NaN, -0, Number.POSITIVE_INFINITY], [Number.NaN, 0, Number.POSITIVE_INFINITY], tol);
    assert.throws(() => expectClose("x", [Number.NEGATIVE_INFINITY], [Number.POSITIVE_INFINITY], tol));
    assert.throws(() => expectClose("x", [1], [Number.NaN], tol));
    assert.throws(() => expectClose("x", [Number.NaN], [1], tol));
  });

  it("spells PyTorch's names as the engine does", () => {
    const spelled = ["index_select", "T_max", "T_0", "relu_", "clip_grad_norm_", "logsumexp"].map(camelCase);
    assert.deepEqual(spelled, ["indexSelect", "tMax", "t0", "relu_", "clipGradNorm_", "logsumexp"]);
  });
});
