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

async function outcomeOf(result: RunResult): Promise<string> {
  const reply = await graphReply(result, null, (file) => file);
  return reply.kind === "graph" ? reply.run.outcome : reply.kind;
}

describe("what the graph panel says about a run", () => {
  it("is good for a good run", async () => assert.equal(await outcomeOf(goodResult(fine)), "ok"));

  it("is not good when there are faults, though the program ran to its end", async () => {
    const result = new RunResult(recordingOf(faulty), ok);
    assert.ok(result.alerts.some(({ severity }) => severity === "error"));
    assert.equal(await outcomeOf(result), "faulty");
  });

  it("is the same for a failed run and for its recording, opened again", async () => {
    const failed = failedResult(fine);
    assert.equal(await outcomeOf(failed), "failed");
    const opened = new RunResult(failed.recording, null);
    assert.equal(opened.failed, true);
    assert.equal(await outcomeOf(opened), "failed");
  });
});
