import assert from "node:assert/strict";
import { autograd, nn, optim, randn } from "../../../engine/index.ts";
import { nestingOf } from "../../../engine/recording/queries/profile/nesting.ts";
import { SpanKind, type Timeline, timelineOf } from "../../../engine/recording/queries/profile/timeline.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import { EventKind, GcKind } from "../../../engine/recording/schema.ts";
import { recorded, written } from "./recordings.ts";

/** Lane, depth, name and times of every span. */
function rowsOf(timeline: Timeline): string[] {
  return Array.from({ length: timeline.count }, (_, i) => {
    const lane = timeline.lanes[timeline.lane[i] ?? -1]?.name;
    const name = timeline.names[timeline.name[i] ?? -1];
    return `${lane} ${timeline.depth[i]} ${name} ${timeline.start[i]}-${timeline.end[i]}`;
  });
}

const indexOf = (timeline: Timeline, name: string): number => {
  const wanted = timeline.names.indexOf(name);
  return timeline.name.indexOf(wanted);
};

const strings = ["outer", "inner", "MulBackward0", "backward", "SGD", "fc", "Linear", "step 1"];
const [OUTER, INNER, MUL, BACKWARD, SGD, FC, LINEAR, STEP] = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** A user's scope around a module around an op around an op; backward with one node; an optimizer's step; garbage. */
function handWritten(): Recording {
  return written(
    {
      scopes: [{ name: STEP }, { parent: 1, name: FC, type: LINEAR, owner: 1 }],
      events: [
        { kind: EventKind.scopeStart, name: STEP, scope: 1, start: 0, end: 0 },
        { kind: EventKind.scopeStart, name: FC, scope: 2, start: 1, end: 1 },
        { kind: EventKind.op, name: INNER, scope: 2, start: 3, end: 4 },
        { kind: EventKind.op, name: OUTER, scope: 2, start: 2, end: 6, node: 9 },
        { kind: EventKind.scopeEnd, scope: 2, start: 7, end: 7 },
        { kind: EventKind.backwardStart, name: BACKWARD, scope: 1, start: 8, end: 8 },
        { kind: EventKind.node, name: MUL, scope: 1, start: 9, end: 12, node: 9 },
        { kind: EventKind.backwardEnd, name: BACKWARD, scope: 1, start: 13, end: 13 },
        { kind: EventKind.scopeEnd, scope: 1, start: 14, end: 14 },
        { kind: EventKind.optimizerStart, name: SGD, start: 15, end: 15, node: 2 },
        { kind: EventKind.optimizerEnd, start: 16, end: 16, node: 2 },
      ],
      gc: [{ start: 10, end: 11, kind: GcKind.young }],
    },
    { strings },
  );
}

describe("a timeline", () => {
  it("has a lane for each kind of span, sorted by time, what contains before what is contained", () => {
    const timeline = timelineOf(handWritten());
    assert.deepEqual(rowsOf(timeline), [
      "Scopes 0 step 1 0-14",
      "Modules 0 fc (Linear) 1-7",
      "Forward 0 outer 2-6",
      "Forward 1 inner 3-4",
      "Backward 0 backward 8-13",
      "Backward 1 MulBackward0 9-12",
      "Optimizer 0 SGD.step 15-16",
      "Garbage collection 0 gc: young 10-11",
    ]);
    assert.deepEqual([timeline.begin, timeline.finish], [0, 16]);
  });

  it("leads from a backward node to its forward op, and from a span to its event", () => {
    const timeline = timelineOf(handWritten());
    const [outer, node] = [indexOf(timeline, "outer"), indexOf(timeline, "MulBackward0")];
    assert.equal(timeline.link[node], outer);
    assert.equal(timeline.link[outer], -1);
    assert.deepEqual([timeline.event[outer], timeline.event[node]], [4, 7]);
  });

  it("knows what contains what over all lanes, and each span's own time; garbage collection takes none of it", () => {
    const timeline = timelineOf(handWritten());
    const { parent, self } = nestingOf(timeline);
    const parentOf = (name: string): string | undefined =>
      timeline.names[timeline.name[parent[indexOf(timeline, name)] ?? -1] ?? -1];
    assert.deepEqual(["outer", "inner", "MulBackward0", "backward", "SGD.step", "gc: young"].map(parentOf), [
      "fc (Linear)",
      "outer",
      "backward",
      "step 1",
      undefined,
      undefined,
    ]);
    assert.deepEqual([...self], [14 - 6 - 5, 6 - 4, 4 - 1, 1, 5 - 3, 3, 1, 1]);
  });

  it("of a run that broke off ends with the run", () => {
    const recording = written(
      {
        events: [
          { kind: EventKind.backwardStart, name: BACKWARD, start: 1, end: 1 },
          { kind: EventKind.node, name: MUL, start: 2, end: 5, node: 3 },
        ],
      },
      { strings },
    );
    const timeline = timelineOf(recording);
    assert.deepEqual(rowsOf(timeline), ["Backward 0 backward 1-5", "Backward 1 MulBackward0 2-5"]);
    assert.deepEqual([...timeline.link], [-1, -1]);
  });

  it("of nothing is empty", () => {
    const { count, begin, finish, lanes } = timelineOf(new Recording());
    assert.deepEqual([count, begin, finish, lanes], [0, 0, 0, []]);
  });

  it("of a real training step holds each op, each node with its op, the modules and the step", () => {
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh());
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    const timeline = timelineOf(
      recorded(() => {
        autograd.profiler.recordFunction("one step", () => {
          net.forward(randn(2, 3)).sum().backward();
        });
        optimizer.step();
      }),
    );
    const names = [...timeline.name].map((name) => timeline.names[name]);
    for (const name of ["one step", "0 (Linear)", "linear", "tanh", "sum", "backward", "TanhBackward0", "SGD.step"])
      assert.ok(names.includes(name), `${name} in ${names.join(", ")}`);
    for (let i = 0; i < timeline.count; i++) {
      assert.ok((timeline.end[i] ?? 0) >= (timeline.start[i] ?? 1));
      const forward = timeline.link[i] ?? -1;
      if (forward !== -1) assert.equal(timeline.kind[forward], SpanKind.forward);
    }
    const tanh = timeline.names[timeline.name[timeline.link[indexOf(timeline, "TanhBackward0")] ?? -1] ?? -1];
    assert.equal(tanh, "tanh");
    const { self } = nestingOf(timeline);
    assert.ok(self.every((ms) => ms >= 0));
  });
});
