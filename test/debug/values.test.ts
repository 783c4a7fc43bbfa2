import assert from "node:assert/strict";
import { autograd, nn, noGrad, optim, type Tensor, tensor } from "../../engine/index.ts";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { matches } from "../../extension/debug/session/matching.ts";
import { Names } from "../../extension/debug/session/names.ts";
import { Tensors } from "../../extension/debug/session/tensors.ts";
import { Timeline } from "../../extension/debug/session/timeline.ts";
import { debugged } from "./debugged.ts";

class Cube extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.pow(3);
  }

  static backward(ctx: autograd.FunctionCtx, gradient: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    assert.ok(x);
    return gradient.mul(x.pow(2)).mul(3);
  }
}

/** Adds to both of its arguments. */
class RaiseBoth extends autograd.Function {
  static forward(ctx: autograd.FunctionCtx, a: Tensor, b: Tensor): Tensor[] {
    ctx.markDirty(a, b);
    return [a.add_(1), b.add_(1)];
  }
}

/** What a named tensor held after each event. */
function history(recording: Recording, name: string): (readonly number[] | null)[] {
  const timeline = new Timeline(recording);
  const tensors = new Tensors(recording);
  const names = new Names(recording);
  return Array.from({ length: timeline.last + 1 }, (_, event) => {
    const row = names.find(name, event);
    const held = row === null ? null : tensors.at(row, event);
    return held?.isCurrent ? Array.from(held.values) : null;
  });
}

/** The names of the events at which a breakpoint on a tensor's values stops. */
function writesTo(recording: Recording, name: string): string[] {
  const timeline = new Timeline(recording);
  const parts = { timeline, tensors: new Tensors(recording), names: new Names(recording) };
  const details = { id: 1, condition: null, hitCondition: null, logMessage: null };
  const breakpoint = { ...details, kind: "data", watch: { name, tensor: 0, what: "value" } } as const;
  const events = Array.from({ length: timeline.last + 1 }, (_, event) => event);
  return events.filter((event) => matches(breakpoint, event, parts)).map((event) => timeline.name(event));
}

describe("values in a debugged run", () => {
  it("are those of then, when a view or a detached tensor is written to", () => {
    const recording = debugged((name) => {
      const w = tensor([1, 2], { requiresGrad: true });
      name(0, w);
      w.mul(1);
      const v = w.detach();
      name(1, v);
      v.add_(10);
      w.mul(1);
      noGrad(() => w.select(0, 0).mul_(0));
      w.mul(1);
    });
    assert.deepEqual(history(recording, "w"), [null, [1, 2], [1, 2], [11, 12], [11, 12], [11, 12], [0, 12], [0, 12]]);
  });

  it("are those of then, when they are written to through .data", () => {
    const recording = debugged((name) => {
      const w = tensor([1, 2], { requiresGrad: true });
      name(0, w);
      w.mul(1);
      w.data.sub_(1);
      w.mul(1);
    });
    assert.deepEqual(history(recording, "w").slice(-2), [
      [0, 1],
      [0, 1],
    ]);
  });

  it("are those of then for the parameters and the gradients of each step, also from a file", () => {
    const seen: number[][] = [];
    const recording = debugged((name) => {
      const net = new nn.Linear(2, 1, { bias: false });
      name(3, net);
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
      for (let step = 0; step < 3; step++) {
        optimizer.zeroGrad();
        net
          .forward(tensor([[1, 2]]))
          .sum()
          .backward();
        optimizer.step();
        seen.push(Array.from(net.weight.detach().toArray()));
      }
    });
    const opened = decodeRecording(encodeRecording(recording));
    const timeline = new Timeline(opened);
    const ends = Array.from({ length: timeline.last + 1 }, (_, event) => event).filter(
      (event) => timeline.kind(event) === 8,
    );
    assert.deepEqual(
      ends.map((event) => history(opened, "net.weight")[event]),
      seen,
    );
    const names = new Names(opened);
    const tensors = new Tensors(opened);
    const weight = names.find("net.weight", timeline.last) ?? 0;
    const gradients = Array.from({ length: timeline.last + 1 }, (_, event) => tensors.gradient(weight, event) !== 0);
    assert.equal(gradients.filter((has, i) => has !== gradients[i - 1]).length, 6);
  });

  it("of small tensors are known in any recording, and of others it is said that they are not", () => {
    const recording = debugged((name) => {
      const w = tensor([1, 2]);
      const big = tensor(Array.from({ length: 100 }, () => 1));
      name(0, w);
      name(2, big);
      for (const x of [w, big]) for (let i = 0; i < 2; i++) x.add_(1);
    }, null);
    assert.deepEqual(history(recording, "w"), [null, [2, 3], [3, 4], [3, 4], [3, 4]]);
    assert.deepEqual(history(recording, "big").slice(0, 4), [null, null, null, null]);
  });

  it("are a sample that says so when there are too many", () => {
    const recording = debugged((name) => {
      const big = tensor(Array.from({ length: 100_000 }, (_, i) => i));
      name(2, big);
      big.mul(2);
    });
    const tensors = new Tensors(recording);
    const row = new Names(recording).find("big", 1) ?? 0;
    const held = tensors.at(row, 0);
    assert.deepEqual([held?.stride, held?.values[1], tensors.statistics(row, 0)?.max], [98, 98, 99_999]);
  });

  it("are those of a custom Function's result, which nothing has written to", () => {
    const recording = debugged((name) => {
      const w = tensor([1, 2], { requiresGrad: true });
      name(0, w);
      const v = Cube.apply(w);
      name(1, v);
      v.sum();
    });
    assert.deepEqual(history(recording, "v").at(-1), [1, 8]);
    assert.deepEqual(writesTo(recording, "v"), []);
  });

  it("are written to in each argument that a custom Function changes", () => {
    const recording = debugged((name) => {
      const w = tensor([1]);
      const v = tensor([2]);
      name(0, w);
      name(1, v);
      w.mul(1);
      RaiseBoth.apply(w, v);
      v.mul(1);
    });
    assert.deepEqual(history(recording, "v").at(-1), [3]);
    assert.deepEqual(
      [writesTo(recording, "w"), writesTo(recording, "v")],
      [
        ["add_", "RaiseBoth"],
        ["add_", "RaiseBoth"],
      ],
    );
  });

  it("that a custom Function saves for its backward are kept like those of an op", () => {
    const recording = debugged(() => {
      const w = tensor([1, 2], { requiresGrad: true });
      Cube.apply(w).sum();
    });
    const { saved } = recording.tables;
    const [input = 0] = recording.tables.refs.column.tensor;
    assert.deepEqual(
      Array.from({ length: saved.rows }, (_, row) => [
        new Timeline(recording).name(saved.column.event[row] ?? 0),
        recording.strings[saved.column.name[row] ?? 0],
        saved.column.tensor[row] === input,
      ]),
      [["Cube", "savedTensors[0]", true]],
    );
  });
});
