import assert from "node:assert/strict";
import path from "node:path";
import type { TrainingStep } from "../../engine/recording/queries/steps.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { Bench } from "./programs.ts";

describe("training steps", () => {
  const bench = new Bench();
  after(() => bench.dispose());
  const stepsOf = async (name: string): Promise<TrainingStep[]> => {
    const file = path.join(import.meta.dirname, "..", "fixtures", "alerts", "right", `${name}.ts`);
    const { recording } = await bench.run({ name, file, expected: [] });
    return trainingSteps(recording);
  };

  it("of an optimizer with a closure have the loss and norm of its first evaluation", async () => {
    const steps = await stepsOf("quasi-newton");
    const [first] = steps;
    assert.ok(first);
    const losses = steps.map(({ loss }) => loss);
    // 100 (1 − 1.44)² + 2.2² at the start of the Rosenbrock function.
    assert.ok(Math.abs(first.loss - 24.2) < 1e-4, String(losses));
    assert.ok(Math.abs(first.gradNorm - 232.87) < 0.01, String(first.gradNorm));
    assert.deepEqual(
      losses,
      losses.toSorted((a, b) => b - a),
    );
  });

  it("have the losses of their micro-batches in sum, and not what else was differentiated", async () => {
    const steps = await stepsOf("micro-batches-and-a-look");
    assert.equal(steps.length, 3);
    // The sum that is differentiated for the input's gradient can be negative; a mean of squares can't.
    assert.ok(
      steps.every(({ loss }) => loss > 0),
      JSON.stringify(steps),
    );
  });

  it("of two models in turn each have the loss of their own", async () => {
    const steps = await stepsOf("adversarial-pair-detached");
    assert.equal(steps.length, 10);
    // The discriminator's loss is a sum of two cross-entropies near log 2, the generator's is one.
    steps.forEach(({ step, loss }) => {
      assert.ok(step % 2 === 0 ? loss > 1 : loss < 1, `step ${step}: ${loss}`);
    });
  });
});
