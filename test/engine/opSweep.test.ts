import assert from "node:assert/strict";
import "../../engine/index.ts";
import { GradlensError } from "../../engine/base/errors.ts";
import { gradcheck, gradgradcheck } from "../../engine/gradcheck/gradcheck.ts";
import { ops } from "../../engine/ops/op.ts";
import { callOp, publicFunction, sampleInputs } from "../support/opSamples.ts";

describe("every op", () => {
  for (const op of ops.values()) {
    if (op.accepts.length + op.rejects.length === 0) continue;
    it(`${op.name} is reachable by its public name`, () => assert.notEqual(publicFunction(op), null));
    for (const sample of op.accepts) {
      it(`${op.name} has the first and second derivative it claims on ${sample.label}`, () => {
        const inputs = sampleInputs(op, sample);
        const outputs = callOp(op, sample, inputs);
        if (!op.differentiable || !inputs.some((x) => x.requiresGrad)) {
          assert.ok(outputs.every((out) => !out.requiresGrad));
          return;
        }
        const fn = (...xs: typeof inputs) => callOp(op, sample, xs);
        gradcheck(fn, inputs, { atol: 1e-6, rtol: 1e-4 });
        gradgradcheck(fn, inputs, null, { atol: 1e-5, rtol: 1e-3 });
      });
    }
    for (const sample of op.rejects) {
      it(`${op.name} refuses ${sample.label} with an error that names it`, () => {
        const inputs = sampleInputs(op, sample);
        assert.throws(
          () => callOp(op, sample, inputs),
          (error) => error instanceof GradlensError && typeof error.op === "string",
        );
      });
    }
  }
});
