import assert from "node:assert/strict";
import fc from "fast-check";
import { autograd, manualSeed, type Tensor } from "../../../engine/index.ts";
import { type Op, ops } from "../../../engine/ops/op.ts";
import type { Sample } from "../../../engine/ops/samples.ts";
import { callOp, sampleInputs } from "../../support/opSamples.ts";
import { laidOut, layouts, options, randomTensor, seeds } from "./arbitraries.ts";
import { assertAllClose, inner } from "./assertClose.ts";
import { repeated } from "./repeated.ts";

/** Runs an op with the random numbers of a fixed seed. */
function run(op: Op, sample: Sample, inputs: readonly Tensor[]): Tensor[] {
  manualSeed(7);
  return callOp(op, sample, inputs);
}

/** The result, or the words of the error: equal elements make some matrices singular. */
function attempt<R>(fn: () => R): R | string {
  try {
    return fn();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const differentiable = (list: readonly Tensor[]): Tensor[] => list.filter((x) => x.requiresGrad);

function pull(outputs: readonly Tensor[], inputs: readonly Tensor[], vectors: readonly Tensor[]): (Tensor | null)[] {
  return autograd.grad(outputs, inputs, { gradOutputs: vectors, allowUnused: true, retainGraph: true });
}

const vectorsLike = (outputs: readonly Tensor[], seed: number): Tensor[] =>
  outputs.map((out, i) => randomTensor(out.shape, seed + i));

/** These speak of the memory itself: other strides are another input, or one they can't have. */
const BOUND_TO_MEMORY = new Set(["asStrided", "view"]);

describe("every op, on what its samples give", () => {
  for (const op of ops.values()) {
    if (op.accepts.length === 0) continue;

    if (op.differentiable) {
      it(`the gradient of ${op.name} is linear in the output's, and agrees with the forward derivative`, () => {
        const property = fc.property(fc.constantFrom(...op.accepts), seeds, (sample, seed) => {
          const inputs = sampleInputs(op, sample);
          const wanted = differentiable(inputs);
          const outputs = differentiable(run(op, sample, inputs));
          if (outputs.length === 0 || wanted.length === 0) return;
          const [g1, g2] = [vectorsLike(outputs, seed), vectorsLike(outputs, seed + 100)];
          const mixed = g1.map((g, i) => g.mul(2).sub((g2[i] as Tensor).mul(0.5)));
          const [a, b] = [pull(outputs, wanted, g1), pull(outputs, wanted, g2)];
          const combined = a.map((x, i) => x?.mul(2).sub((b[i] as Tensor).mul(0.5)) ?? null);
          assertAllClose(pull(outputs, wanted, mixed), combined, "linear", 1e-8);
          checkForward(outputs, wanted, seed);
        });
        fc.assert(property, options(6));
      });
    }

    if (BOUND_TO_MEMORY.has(op.name)) continue;
    it(`${op.name} of views equals ${op.name} of their copies, and so do the gradients`, () => {
      const property = fc.property(fc.constantFrom(...op.accepts), layouts, seeds, (sample, layout, seed) => {
        const plain = sampleInputs(op, sample);
        const strided = plain.map((x) => laidOut(x, layout));
        const [expected, got] = [run(op, sample, plain), run(op, sample, strided)];
        assertAllClose(got, expected, "result");
        const [outA, outB] = [differentiable(expected), differentiable(got)];
        if (outA.length === 0) return;
        const vectors = vectorsLike(outA, seed);
        assertAllClose(
          pull(outB, differentiable(strided), vectors),
          pull(outA, differentiable(plain), vectors),
          "gradient",
          1e-8,
        );
      });
      fc.assert(property, options(12));
    });

    it(`${op.name} of elements repeated by a stride of 0 equals ${op.name} of their copies`, () => {
      const property = fc.property(fc.constantFrom(...op.accepts), fc.nat(3), seeds, (sample, dim, seed) => {
        const inputs = sampleInputs(op, sample);
        const pairs = inputs.map((x) => repeated(x, dim) ?? { view: x, copy: x });
        const [copies, views] = [pairs.map(({ copy }) => copy), pairs.map(({ view }) => view)];
        const resultAndGradients = (given: readonly Tensor[]): (Tensor | null)[] => {
          const outputs = run(op, sample, given);
          const open = differentiable(outputs);
          return open.length === 0
            ? outputs
            : [...outputs, ...pull(open, differentiable(given), vectorsLike(open, seed))];
        };
        const expected = attempt(() => resultAndGradients(copies));
        const got = attempt(() => resultAndGradients(views));
        if (typeof expected === "string" || typeof got === "string") assert.equal(got, expected);
        else assertAllClose(got, expected, "result or gradient", 1e-8);
      });
      fc.assert(property, options(6));
    });
  }
});

/** ⟨v, J u⟩ = ⟨Jᵀ v, u⟩, with J u by differentiating Jᵀ v with respect to v. */
function checkForward(outputs: readonly Tensor[], inputs: readonly Tensor[], seed: number): void {
  const u = vectorsLike(inputs, seed + 200);
  const v = vectorsLike(outputs, seed + 300).map((x) => x.requiresGrad_());
  const pulled = autograd.grad(outputs, inputs, { gradOutputs: v, allowUnused: true, createGraph: true });
  const parts = pulled.flatMap((g, i) => (g?.requiresGrad ? [{ g, u: u[i] as Tensor }] : []));
  if (parts.length === 0) return;
  const pushed = autograd.grad(
    parts.map(({ g }) => g),
    v,
    { gradOutputs: parts.map((part) => part.u), allowUnused: true },
  );
  const [left, right] = [inner(v, pushed), inner(pulled, u)];
  assert.ok(Math.abs(left - right) <= 1e-7 * (1 + Math.abs(right)), `⟨v, Ju⟩ is ${left}, ⟨Jᵀv, u⟩ is ${right}`);
}
