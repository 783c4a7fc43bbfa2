import { type Lane, SpanKind } from "../../../engine/recording/queries/profile/timeline.ts";
import { TimelineBuilder } from "../../../engine/recording/queries/profile/timelineBuilder.ts";
import type { PackedTimeline, SourcePlace } from "../../../webview/protocol/timeline.ts";

const lanes: readonly Lane[] = [
  { name: "Scopes", kind: "scopes", thread: 0 },
  { name: "Modules", kind: "modules", thread: 0 },
  { name: "Forward", kind: "forward", thread: 0 },
  { name: "Backward", kind: "backward", thread: 0 },
  { name: "Optimizer", kind: "optimizer", thread: 0 },
  { name: "Garbage collection", kind: "gc", thread: 1 },
];

const ops = ["matmul", "add", "relu", "mul", "sum", "logSoftmax", "view", "sub"];
const nodes = ["MmBackward0", "AddBackward0", "ReluBackward0", "MulBackward0"];

/** A training of about so many spans: steps of modules with ops inside, their backward nodes, an optimizer, now and then the garbage collector. */
export function syntheticTimeline(wanted: number): PackedTimeline {
  const builder = new TimelineBuilder();
  const random = linearCongruence(4711);
  const opsPerStep = wanted < 2000 ? 24 : 400;
  let now = 0.2;
  let step = 0;
  while (builder.count < wanted) {
    const scope = builder.add(0, SpanKind.scope, builder.nameId("trainingStep"), now, now);
    const forward: number[] = [];
    const model = builder.add(1, SpanKind.module, builder.nameId("net (Sequential)"), now, now);
    for (let layer = 0; layer < 4; layer++) {
      const module = builder.add(
        1,
        SpanKind.module,
        builder.nameId(`net.${layer} (${layer % 2 === 0 ? "Linear" : "ReLU"})`),
        now,
        now,
      );
      for (let i = 0; i < opsPerStep / 8; i++) {
        const length = 0.002 + random() ** 4 * 0.4;
        forward.push(
          builder.add(2, SpanKind.forward, builder.nameId(ops[Math.floor(random() * 8)] ?? ""), now, now + length, 1),
        );
        now += length + 0.001;
      }
      builder.close(module, now);
    }
    builder.close(model, now);
    const backward = builder.add(3, SpanKind.backward, builder.nameId("backward"), now, now);
    for (const op of forward.reverse()) {
      const length = 0.002 + random() ** 4 * 0.6;
      const node = builder.add(3, SpanKind.backward, builder.nameId(nodes[op % 4] ?? ""), now, now + length, 1);
      builder.connect(node, op);
      now += length + 0.001;
    }
    builder.close(backward, now);
    builder.add(4, SpanKind.optimizer, builder.nameId("SGD.step"), now, now + 0.3);
    now += 0.35;
    builder.close(scope, now);
    if (step++ % 3 === 2) {
      builder.add(5, SpanKind.gc, builder.nameId("gc: young"), now, now + 0.5);
      now += 0.6;
    }
  }
  const timeline = builder.build(lanes);
  const places: SourcePlace[] = ops.map((_, i) => ({ file: "/work/model.ts", line: 10 + i, column: 3 }));
  const place = Int32Array.from(timeline.name, (name, span) => {
    const forward = timeline.link[span] ?? -1;
    return ops.indexOf(timeline.names[forward < 0 ? name : (timeline.name[forward] ?? 0)] ?? "");
  });
  return { ...timeline, place, places, calls: new Uint32Array() };
}

function linearCongruence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}
