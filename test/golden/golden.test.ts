import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expectClose } from "./compare.ts";
import { type Case, readCategories, readCategory, type TapeCase } from "./format.ts";
import { attempt, runCase } from "./runner.ts";
import { camelCase } from "./surface.ts";
import { Malformed } from "./wellFormed.ts";

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

  it("counts getters, and what every object has, as missing ops", () => {
    for (const op of ["shape", "constructor", "to_string", "__proto__"]) {
      const program = [{ out: "y", op, args: [{ ref: "a" }], kwargs: {} }];
      assert.equal(runCase({ ...square, program }).status, "unsupported", op);
    }
  });

  const step = square.program[0] as TapeCase["program"][number];
  const slips: readonly [what: string, test: unknown, says: RegExp][] = [
    ["nothing", null, /the case must be an object, but is null/],
    ["no tolerance", { ...square, tol: undefined }, /tol must be an object, but is missing/],
    ["no inputs", { ...square, inputs: undefined }, /inputs must be a list, but is missing/],
    ["no program", { ...square, program: undefined }, /program must be a list, but is missing/],
    ["no outputs", { ...square, outputs: undefined }, /outputs must be an object, but is missing/],
    ["a step without op", { ...square, program: [{ ...step, op: undefined }] }, /op of program\[0\] must be a name/],
    ["a step without arguments", { ...square, program: [{ ...step, args: 3 }] }, /args of program\[0\] must be a list/],
    ["an unknown variable", { ...square, program: [{ ...step, args: [{ ref: "b" }] }] }, /has no variable b\./],
    ["an odd argument", { ...square, program: [{ ...step, args: [{ rf: "a" }] }] }, /\{"rf":"a"\} is of no known kind/],
    ["no tensor to call", { ...square, program: [{ ...step, op: "relu_", args: [3] }] }, /first argument of relu_/],
    [
      "more results than there are",
      { ...square, program: [{ ...step, out: ["y", "z"] }] },
      /mul gave no list of results, not 2/,
    ],
    ["too little data", { ...square, outputs: { y: { ...square.outputs["y"], data: [9] } } }, /has 1 elements/],
    ["text as data", { ...square, outputs: { y: { ...square.outputs["y"], data: ["9", 1] } } }, /but holds "9"/],
    ["a size below zero", { ...square, outputs: { y: { ...square.outputs["y"], shape: [-2] } } }, /hold sizes.*-2/],
    ["an optimizer without steps", { ...square, kind: "optimizer", loss: "y", optimizer: "SGD", options: {} }, /steps/],
    ["a scheduler without rates", { name: "s", kind: "scheduler", tol: square.tol, scheduler: "StepLR" }, /options/],
    ["clipping of nothing", { name: "c", kind: "clip_grad_norm_", tol: square.tol, options: {} }, /grads_before/],
  ];
  for (const [what, test, says] of slips) {
    it(`says in a sentence what is wrong with a case that has ${what}`, () => {
      const outcome = runCase(test as Case);
      assert.match(outcome.status === "failed" ? outcome.reason : outcome.status, says);
    });
  }

  it("runs the files that it can read, tells of the others, and exits with 1", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "golden-"));
    const golden = (): { status: number | null; text: string } => {
      const script = path.join(import.meta.dirname, "..", "..", "scripts", "golden.ts");
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
      return { status, text: stdout + stderr };
    };
    try {
      assert.equal(golden().status, 1);
      assert.match(golden().text, /No cases in/);
      writeFileSync(path.join(folder, "good.json"), JSON.stringify({ category: "good", cases: [square] }));
      assert.equal(golden().status, 0);
      writeFileSync(path.join(folder, "torn.json"), '{"category":"torn","cases":[');
      writeFileSync(path.join(folder, "list.json"), "[]");
      const { status, text } = golden();
      assert.equal(status, 1);
      assert.match(text, /^good +1 +0 +0$/m);
      assert.match(text, /torn\/torn\.json: Not JSON: /);
      assert.match(text, /list\/list\.json: Not in the format: the file must be an object, but is a list\./);
      assert.throws(() => readCategory(path.join(folder, "torn.json")), Malformed);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }).timeout(60_000);

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
