import assert from "node:assert/strict";
import { nn, optim, stack, type Tensor, tensor } from "../../engine/index.ts";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import { runReport } from "../../engine/recording/queries/report.ts";
import type { RecordOptions } from "../../engine/recording/recorderContract.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { recorded } from "./recorded.ts";

const plain = { relative: (file: string): string => file };

function training(options: RecordOptions): Recording {
  return recorded((name) => {
    const w = name("w", new nn.Parameter(tensor([1, 2])));
    const optimizer = name("optimizer", new optim.SGD([w], { lr: 0.1 }));
    for (let step = 0; step < 10; step++) {
      optimizer.zeroGrad();
      w.mul(w).sum().backward();
      optimizer.step();
    }
  }, options);
}

describe("a recording that is full", () => {
  it("still counts every op and every node, and says what was cut", () => {
    const whole = runReport(training({}), plain);
    const cut = runReport(training({ maxEvents: 30 }), plain);
    assert.deepEqual(whole.ops, { forward: 20, backward: 20 });
    assert.deepEqual(cut.ops, whole.ops);
    assert.deepEqual(cut.steps, whole.steps);
    assert.deepEqual(cut.tensors.length, whole.tensors.length);
    assert.equal(whole.truncated, null);
    assert.match(String(cut.truncated), /^only the first 30 events were recorded; the \d+ ops after them are counted/);
  });

  it("keeps the counts in its file", () => {
    const cut = training({ maxEvents: 30 });
    assert.deepEqual(runReport(decodeRecording(encodeRecording(cut)), plain), runReport(cut, plain));
  });
});

describe("an op with very many tensors", () => {
  it("is recorded with all of them: a stack of 70,000, and the parts of 300", () => {
    const recording = recorded((name) => {
      const one = tensor(1, { requiresGrad: true });
      const all = name("all", stack(new Array<Tensor>(70_000).fill(one)));
      name("last", all.narrow(0, 0, 300).unbind(0)[299] as Tensor);
    });
    const { events, tensors } = recording.tables;
    const opened = decodeRecording(encodeRecording(recording)).tables;
    for (const { column } of [events, opened.events]) assert.equal(column.inputs[1], 70_000);
    for (const { column } of [tensors, opened.tensors]) assert.equal(Math.max(...column.output.subarray(0, 400)), 299);
  });
});
