import assert from "node:assert/strict";
import { callTree } from "../../../engine/recording/queries/profile/callTree.ts";
import {
  leftHeavy,
  type MergedTimeline,
  sandwichOf,
} from "../../../engine/recording/queries/profile/mergedTimeline.ts";
import { SpanKind, type Timeline } from "../../../engine/recording/queries/profile/timeline.ts";
import { TimelineBuilder } from "../../../engine/recording/queries/profile/timelineBuilder.ts";

/** Two steps, each with a module, ops in it, and an optimizer after it whose ops are forward ops too. */
function twoSteps(): Timeline {
  const builder = new TimelineBuilder();
  const add = (lane: number, kind: number, name: string, start: number, end: number) =>
    builder.add(lane, kind, builder.nameId(name), start, end);
  for (const at of [0, 100]) {
    add(0, SpanKind.scope, "step", at, at + 50);
    add(1, SpanKind.module, "net", at, at + 30);
    add(2, SpanKind.forward, "matmul", at, at + 20);
    add(2, SpanKind.forward, "relu", at + 20, at + 25);
    add(3, SpanKind.optimizer, "SGD.step", at + 30, at + 50);
    add(2, SpanKind.forward, "mul", at + 32, at + 40);
  }
  add(4, SpanKind.gc, "gc", 10, 15);
  return builder.build([
    { name: "Scopes", kind: "scopes", thread: 0 },
    { name: "Modules", kind: "modules", thread: 0 },
    { name: "Forward", kind: "forward", thread: 0 },
    { name: "Optimizer", kind: "optimizer", thread: 0 },
    { name: "Garbage collection", kind: "gc", thread: 1 },
  ]);
}

/** `name start–end ×calls`, indented by depth. */
function drawn(merged: MergedTimeline): string[] {
  return Array.from({ length: merged.count }, (_, i) => {
    const name = merged.names[merged.name[i] ?? 0];
    return `${" ".repeat(merged.depth[i] ?? 0)}${name} ${merged.start[i]}–${merged.end[i]} ×${merged.calls[i]}`;
  });
}

describe("spans merged by who called them", () => {
  const timeline = twoSteps();
  const tree = callTree(timeline);

  it("lie heaviest first at every level, whatever lane they are in", () => {
    assert.deepEqual(drawn(leftHeavy(timeline, tree)), [
      "step 0–100 ×2",
      " net 0–60 ×2",
      "  matmul 0–40 ×2",
      "  relu 40–50 ×2",
      " SGD.step 60–100 ×2",
      "  mul 60–76 ×2",
      "gc 100–105 ×1",
    ]);
  });

  it("sum up to what the outermost spans took", () => {
    assert.equal(leftHeavy(timeline, tree).finish, 105);
    let self = 0;
    for (const time of tree.self) self += time;
    assert.equal(self, 105);
  });

  it("show who called a name, and what it called", () => {
    const { callers, callees } = sandwichOf(timeline, tree, timeline.names.indexOf("net"));
    assert.deepEqual(drawn(callers), ["net 0–60 ×2", " step 0–60 ×2"]);
    assert.deepEqual(drawn(callees), ["net 0–60 ×2", " matmul 0–40 ×2", " relu 40–50 ×2"]);
  });

  it("count a call inside a call of the same name once", () => {
    const builder = new TimelineBuilder();
    const name = builder.nameId("again");
    for (let depth = 0; depth < 3; depth++) builder.add(0, SpanKind.scope, name, depth, 10 - depth);
    const nested = builder.build([{ name: "Scopes", kind: "scopes", thread: 0 }]);
    const { callers, callees } = sandwichOf(nested, callTree(nested), name);
    assert.deepEqual(drawn(callers), ["again 0–10 ×1"]);
    assert.deepEqual(drawn(callees), ["again 0–10 ×1", " again 0–8 ×1", "  again 0–6 ×1"]);
  });

  it("remember a span to show for each", () => {
    const merged = leftHeavy(timeline, tree);
    const matmul = merged.name.indexOf(timeline.names.indexOf("matmul"));
    assert.equal(timeline.names[timeline.name[merged.sample[matmul] ?? -1] ?? -1], "matmul");
  });

  it("are nothing for a name that is not there", () => {
    const { callers, callees } = sandwichOf(timeline, tree, -1);
    assert.deepEqual([callers.count, callees.count], [0, 0]);
  });

  it("may be nested deeper than JavaScript can call", () => {
    const builder = new TimelineBuilder();
    const name = builder.nameId("deep");
    for (let depth = 0; depth < 30_000; depth++) builder.add(0, SpanKind.scope, name, depth, 100_000 - depth);
    const deep = builder.build([{ name: "Scopes", kind: "scopes", thread: 0 }]);
    assert.equal(leftHeavy(deep, callTree(deep)).count, 30_000);
  });
});
