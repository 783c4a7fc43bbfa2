import assert from "node:assert/strict";
import { optim, tensor } from "../../engine/index.ts";
import { runTotals, thinnedSteps } from "../../engine/recording/queries/overview.ts";
import { overviewReply } from "../../extension/panels/overviewReply.ts";
import { overviewPanel } from "../../webview/protocol/overview.ts";
import { failedResult, goodResult, recordingOf } from "./recordings.ts";

const relative = (): string => "model.ts";
const around = { failure: null, running: null, isEdited: false };

describe("what the overview says of a run", () => {
  it("is understood by the panel, whatever is in it", () => {
    const result = goodResult((named) => {
      const x = named(3, "x", () => tensor([-1, 2], { requiresGrad: true }));
      x.log().sum().backward();
    });
    const reply = { ...overviewReply(result, relative), ...around };
    assert.ok(overviewPanel.requests.loadOverview.answer(reply));
    assert.match(reply.headline, /^ran to the end, 1 error/);
  });

  it("tells the error that ended the run before its alerts", () => {
    const result = failedResult((named) => named(3, "x", () => tensor([1])) && undefined, {
      message: "too bad",
      line: 9,
    });
    const { alerts, headline, run } = overviewReply(result, relative);
    assert.deepEqual(
      [alerts[0]?.kind, alerts[0]?.message, alerts[0]?.place?.line],
      ["uncaught-error", "Error: too bad", 9],
    );
    assert.equal(headline, "ended with an error, 1 error");
    assert.equal(run.outcome, "failed");
  });

  it("adds up ops, steps and what waited for a backward", () => {
    const recording = recordingOf((named) => {
      const w = named(3, "w", () => tensor([1, 2, 3, 4], { requiresGrad: true }));
      const optimizer = new optim.SGD([w], { lr: 0.1 });
      for (let i = 0; i < 3; i++) {
        optimizer.zeroGrad();
        w.pow(2).sum().backward();
        optimizer.step();
      }
    });
    const totals = runTotals(recording);
    assert.deepEqual([totals.steps, totals.backwards, totals.forwardOps], [3, 3, 6]);
    assert.equal(totals.keptBytes, 16, "the four floats that the square needs, not three times as many");
    assert.ok(totals.forwardMs > 0 && totals.backwardMs > 0 && totals.optimizerMs > 0);
  });

  it("thins out many steps and loses neither peaks nor what is not finite", () => {
    const steps = Array.from({ length: 10_000 }, (_, step) => {
      return { step, loss: step === 5000 ? Number.NaN : 1, gradNorm: step === 123 ? 1e9 : 1 };
    });
    const chosen = thinnedSteps(steps, 100).map(({ step }) => step);
    assert.ok(chosen.length <= 101);
    for (const step of [123, 5000, 9999]) assert.ok(chosen.includes(step), String(step));
  });
});
