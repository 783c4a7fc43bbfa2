import assert from "node:assert/strict";
import { nn, optim, randn, tensor } from "../../../engine/index.ts";
import { ownerClasses } from "../../../engine/recording/queries/profile/lifetimes.ts";
import { memoryProfile } from "../../../engine/recording/queries/profile/memory.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { recorded, siteAt, written } from "./recordings.ts";

/**
 * x (data, 8 bytes) → op 1 makes a (100 bytes, kept by op 1) → op 2 makes b (10 bytes) → op 3 makes c (1 byte) →
 * the node of op 1 needs a.
 */
function handWritten(): Recording {
  const op = (refs: number, node: number, end: number) => ({
    kind: EventKind.op,
    refs,
    inputs: 1,
    outputs: 1,
    node,
    end,
    start: end,
  });
  return written({
    tensors: [{ bytes: 8 }, { bytes: 100, event: 1 }, { bytes: 10, event: 2 }, { bytes: 1, event: 3 }],
    refs: [1, 2, 2, 3, 3, 4].map((tensor) => ({ tensor })),
    events: [op(0, 1, 1), op(2, 2, 2), op(4, 3, 3), { kind: EventKind.node, node: 1, start: 4, end: 5 }],
    kept: [{ event: 1, tensor: 2 }],
  });
}

const byOwner = (bytes: readonly number[]): Record<string, number> =>
  Object.fromEntries(ownerClasses.map((owner, i) => [owner, bytes[i] ?? -1]).filter(([, size]) => size !== 0));

describe("memory over time", () => {
  it("has each tensor from the event that makes it to the last that needs it, be it in backward", () => {
    const { time, total, peak, kept } = memoryProfile(handWritten());
    assert.deepEqual([...time], [1, 2, 3, 5]);
    assert.deepEqual([...total], [108, 110, 111, 100]);
    assert.deepEqual([peak.event, peak.time, peak.bytes], [3, 3, 111]);
    assert.deepEqual(byOwner(peak.byOwner), { saved: 100, temporaries: 11 });
    assert.deepEqual(
      peak.tensors.map(({ tensor, bytes, owner }) => [tensor, bytes, owner]),
      [
        [2, 100, "saved"],
        [3, 10, "temporaries"],
        [4, 1, "temporaries"],
      ],
    );
    assert.deepEqual([kept.bytes, kept.count], [100, 1]);
  });

  it("counts a view as the tensor whose storage it shows, and keeps that alive", () => {
    const recording = recorded(() => {
      const x = randn(100, 10).mul(2);
      const part = x.narrow(0, 0, 1);
      randn(1).mul(3);
      part.detach().add(1);
    });
    const { total } = memoryProfile(recording);
    // mul, narrow, randn's data and its product, detach, add: x is there until the end.
    assert.ok(
      total.every((bytes) => bytes >= 4000 && bytes < 2 * 4000 + 100),
      [...total].join(),
    );
  });

  it("knows whose memory it is in a training step with Adam", () => {
    const net = new nn.Sequential(new nn.Linear(10, 20), new nn.Tanh());
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.1 });
    const x = randn(5, 10);
    const recording = recorded(() => {
      for (let step = 0; step < 2; step++) {
        optimizer.zeroGrad();
        net.forward(x).sum().backward();
        optimizer.step();
      }
    });
    const { byOwner: curves } = memoryProfile(recording);
    const most = Object.fromEntries(ownerClasses.map((owner, i) => [owner, Math.max(...(curves[i] ?? []))]));
    const parameters = 4 * (10 * 20 + 20);
    assert.equal(most["parameters"], parameters);
    assert.equal(most["gradients"], parameters);
    assert.equal(most["optimizer"], 2 * parameters);
    assert.equal(most["saved"], 4 * 5 * 20, "tanh keeps its result; linear keeps parameters and data alone");
    assert.equal(most["data"], 4 * 5 * 10);
  });

  it("says what is kept for backward by line, and what a checkpoint around a module would save and cost", () => {
    const block = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 4), new nn.Sigmoid());
    const recording = recorded(
      (at) => {
        at(1);
        const y = block.forward(tensor([[1, 2, 3, 4]]));
        at(2);
        y.exp().sum().backward();
      },
      [siteAt(1, 1), siteAt(2, 2)],
    );
    const { kept } = memoryProfile(recording);
    assert.deepEqual(
      kept.tensors.map(({ op, bytes, place }) => [op, bytes, place?.line]),
      [
        ["tanh", 32, 1],
        ["sigmoid", 16, 1],
        ["exp", 16, 2],
      ],
    );
    assert.deepEqual(
      kept.lines.map(({ place, bytes, count }) => [place.line, bytes, count]),
      [
        [1, 48, 2],
        [2, 16, 1],
      ],
    );
    const [best, ...others] = kept.checkpoints;
    assert.deepEqual([best?.type, best?.saves, best?.calls], ["Sequential", 48, 1]);
    assert.ok((best?.costs ?? 0) > 0);
    // What tanh made is kept by the next layer, too, so tanh alone would save nothing.
    assert.deepEqual(
      others.map(({ type, saves }) => [type, saves]),
      [["Sigmoid", 16]],
    );
  });

  it("of a run without tensors is flat and empty", () => {
    const { time, peak, kept } = memoryProfile(new Recording());
    assert.deepEqual([time.length, peak.bytes, kept.bytes, kept.tensors], [0, 0, 0, []]);
  });
});
