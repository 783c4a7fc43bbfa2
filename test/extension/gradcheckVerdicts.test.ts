import assert from "node:assert/strict";
import { autograd, gradcheck, type Tensor, tensor } from "../../engine/index.ts";
import { pathKey } from "../../extension/results/pathKey.ts";
import { verdictOf } from "../../extension/testing/verdicts.ts";
import { failedResult, goodResult, modelFile, type NameValue } from "./recordings.ts";

class Cosine extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.cos();
  }
  static backward(ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
    return grad.mul((ctx.savedTensors[0] as Tensor).sin());
  }
}

const check = (named: NameValue, line: number, fn: (x: Tensor) => Tensor): unknown =>
  named(line, "result", () => {
    const x = tensor([0.5, 2], { dtype: "float64", requiresGrad: true });
    return { passed: gradcheck(fn, [x], { raiseException: false }) };
  });
const right = (x: Tensor): Tensor => x.mul(x);
const wrong = (x: Tensor): Tensor => Cosine.apply(x);
const key = pathKey(modelFile);

describe("verdicts on gradchecks", () => {
  it("pass and fail by line, with both Jacobians and the cause", () => {
    const result = goodResult((named) => {
      check(named, 4, right);
      check(named, 7, wrong);
    });
    assert.deepEqual(verdictOf(result, key, 4), { kind: "passed" });
    const verdict = verdictOf(result, key, 7);
    assert.equal(verdict.kind, "failed");
    if (verdict.kind !== "failed") return;
    const { message, expected, actual } = verdict.failure;
    assert.match(message, /^The gradient that Cosine gives its input 0 has the wrong sign\./);
    assert.match(
      message,
      /Farthest off: output 0, input 0, \[1, 1\]: .* beyond the tolerance \(atol 0\.00001, rtol 0\.001\)/,
    );
    assert.equal(expected, "d(output 0) / d(input 0), 2 × 2\n−0.4794        0\n      0  −0.9093");
    assert.equal(actual, "d(output 0) / d(input 0), 2 × 2\n0.4794       0\n     0  0.9093");
  });

  it("count a call that ran several times as failed when it failed once", () => {
    const result = goodResult((named) => {
      check(named, 4, right);
      check(named, 4, wrong);
    });
    const verdict = verdictOf(result, key, 4);
    assert.ok(verdict.kind === "failed" && verdict.failure.message.includes("The call ran 2 times"));
  });

  it("tell calls that were not made from those that the run ended before", () => {
    assert.equal(
      verdictOf(
        goodResult((named) => void check(named, 4, right)),
        key,
        9,
      ).kind,
      "skipped",
    );
    const failed = verdictOf(
      failedResult((named) => void check(named, 4, right), { message: "boom" }),
      key,
      9,
    );
    assert.deepEqual(failed, {
      kind: "errored",
      message: "Error: boom",
      place: { file: modelFile, line: 3, column: 5 },
    });
    const thrown = verdictOf(
      failedResult((named) => void check(named, 4, wrong)),
      key,
      9,
    );
    assert.deepEqual(thrown, { kind: "skipped", why: "The program ended with the failed check in line 4." });
  });
});
