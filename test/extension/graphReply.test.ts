import assert from "node:assert/strict";
import { tensor } from "../../engine/index.ts";
import { graphReply } from "../../extension/panels/graphReply.ts";
import { RunResult } from "../../extension/results/runResult.ts";
import { failedResult, goodResult, type NameValue, ok, recordingOf } from "./recordings.ts";

const fine = (named: NameValue): void => {
  named(1, "x", () => tensor(2, { requiresGrad: true }));
};
const faulty = (named: NameValue): void => {
  const x = named(1, "x", () => tensor([0], { requiresGrad: true }));
  named(2, "y", () => x.div(x).sum()).backward();
};

function outcomeOf(result: RunResult): string {
  const reply = graphReply(result, null, (file) => file);
  return reply.kind === "graph" ? reply.run.outcome : reply.kind;
}

describe("what the graph panel says about a run", () => {
  it("is good for a good run", () => assert.equal(outcomeOf(goodResult(fine)), "ok"));

  it("is not good when there are faults, though the program ran to its end", () => {
    const result = new RunResult(recordingOf(faulty), ok);
    assert.ok(result.alerts.some(({ severity }) => severity === "error"));
    assert.equal(outcomeOf(result), "faulty");
  });

  it("is the same for a failed run and for its recording, opened again", () => {
    const failed = failedResult(fine);
    assert.equal(outcomeOf(failed), "failed");
    const opened = new RunResult(failed.recording, null);
    assert.equal(opened.failed, true);
    assert.equal(outcomeOf(opened), "failed");
  });
});
