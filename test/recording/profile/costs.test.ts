import assert from "node:assert/strict";
import { autograd, nn, ones, optim, randn, type Tensor, tensor } from "../../../engine/index.ts";
import { lineCosts } from "../../../engine/recording/queries/profile/lines.ts";
import { memoryProfile } from "../../../engine/recording/queries/profile/memory.ts";
import { moduleTree } from "../../../engine/recording/queries/profile/moduleTree.ts";
import { type OpGrouping, opTable } from "../../../engine/recording/queries/profile/opTable.ts";
import { SpanKind, timelineOf } from "../../../engine/recording/queries/profile/timeline.ts";
import { trainingCurves } from "../../../engine/recording/queries/profile/training.ts";
import { Recording } from "../../../engine/recording/recording.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { assertNear, recorded, siteAt, written } from "./recordings.ts";

const [MM, EXP, NODE, NET, LINEAR] = [1, 2, 3, 4, 5] as const;
const strings = ["mm", "exp", "MmBackward0", "net", "Linear"];

/**
 * Line 1: an mm in a module, from 1 to 4, then an exp outside from 5 to 7. Line 2: backward from 10 to 20, with the mm's
 * node from 12 to 18. Tensors: 1 is a parameter, 2 the mm's result (which exp and mm keep), 3 the exp's, 4 the gradient.
 */
function handWritten(): Recording {
  return written(
    {
      scopes: [{ name: NET, type: LINEAR, owner: 1 }],
      tensors: [
        { shape: 1, bytes: 16, flags: 4 },
        { shape: 1, bytes: 16, event: 2 },
        { shape: 1, bytes: 16, event: 4 },
        { shape: 1, bytes: 16, event: 6 },
      ],
      refs: [1, 1, 2, 2, 3, 3, 4].map((row) => ({ tensor: row })),
      events: [
        { kind: EventKind.scopeStart, scope: 1, site: 1, start: 0, end: 0 },
        {
          kind: EventKind.op,
          name: MM,
          scope: 1,
          site: 1,
          start: 1,
          end: 4,
          node: 7,
          refs: 0,
          inputs: 2,
          outputs: 1,
          flops: 16,
        },
        { kind: EventKind.scopeEnd, scope: 1, site: 1, start: 4, end: 4 },
        { kind: EventKind.op, name: EXP, site: 1, start: 5, end: 7, node: 8, refs: 3, inputs: 1, outputs: 1, flops: 4 },
        { kind: EventKind.backwardStart, name: NET, site: 2, start: 10, end: 10 },
        { kind: EventKind.node, name: NODE, site: 1, start: 12, end: 18, node: 7, refs: 5, inputs: 1, outputs: 1 },
        { kind: EventKind.backwardEnd, site: 2, start: 20, end: 20 },
      ],
      kept: [
        { event: 2, tensor: 1 },
        { event: 2, tensor: 2 },
        { event: 4, tensor: 2 },
      ],
    },
    { strings, shapes: [[2, 2]], sites: [siteAt(1, 1), siteAt(2, 2)] },
  );
}

describe("the table of ops", () => {
  const table = (grouping?: OpGrouping) => opTable(timelineOf(handWritten()), handWritten(), grouping);

  it("has self and total time, counts, FLOPs and bytes of each op, of backward nodes as many FLOPs as gradients ask for", () => {
    const rows = table().map(({ name, count, self, total, flops, bytes, moved }) => [
      name,
      count,
      self,
      total,
      flops,
      bytes,
      moved,
    ]);
    assert.deepEqual(rows, [
      ["MmBackward0", 1, 6, 6, 16, 16, 32],
      ["net", 1, 4, 10, 0, 0, 0],
      ["mm", 1, 3, 3, 16, 16, 48],
      ["exp", 1, 2, 2, 4, 16, 32],
    ]);
    assertNear(
      table().reduce((sum, { share }) => sum + share, 0),
      1,
    );
  });

  it("tells where the calls are and which module they belong to; a node belongs to its op's", () => {
    const places = table().map(({ name, place, module }) => [name, place?.line, module]);
    assert.deepEqual(places, [
      ["MmBackward0", 1, "net"],
      ["net", 2, null],
      ["mm", 1, "net"],
      ["exp", 1, null],
    ]);
  });

  it("tells apart input shapes, places and modules when asked to", () => {
    const recording = recorded(
      (at) => {
        for (const n of [2, 3, 2]) {
          at(n);
          randn(n, n).mm(ones(n, n)).mul(2);
        }
      },
      [siteAt(2, 2), siteAt(3, 3)],
    );
    const timeline = timelineOf(recording);
    const counts = (grouping: OpGrouping) =>
      opTable(timeline, recording, grouping)
        .filter(({ name }) => name === "mm" || name === "mul")
        .map(({ name, shapes, place, count }) => `${name} ${shapes} ${place?.line} ${count}`)
        .sort();
    assert.deepEqual(counts({}), ["mm null undefined 3", "mul null undefined 3"]);
    assert.deepEqual(counts({ byShape: true }), [
      "mm [2, 2] [2, 2] 2 2",
      "mm [3, 3] [3, 3] 3 1",
      "mul [2, 2] · 2 2",
      "mul [3, 3] · 3 1",
    ]);
    assert.deepEqual(counts({ bySite: true }), ["mm null 2 2", "mm null 3 1", "mul null 2 2", "mul null 3 1"]);
  });

  it("counts two operations for each multiplication of a matrix product, and as many for each gradient of it", () => {
    const recording = recorded(() => {
      const a = randn([3, 4], { requiresGrad: true });
      const b = randn([4, 5], { requiresGrad: true });
      a.mm(b).sum().backward();
    });
    const rows = new Map(opTable(timelineOf(recording), recording).map((row) => [row.name, row]));
    assert.equal(rows.get("mm")?.flops, 2 * 3 * 4 * 5);
    assert.equal(rows.get("MmBackward0")?.flops, 2 * 2 * 3 * 4 * 5);
    assert.equal(rows.get("mm")?.bytes, 4 * 3 * 5);
    assert.equal(rows.get("backward")?.kind, SpanKind.backward);
  });

  it("knows times without the recording, and nothing of an empty one", () => {
    const rows = opTable(timelineOf(handWritten()), null);
    assert.deepEqual(
      rows.map(({ name, self, flops, place }) => [name, self, flops, place]),
      [
        ["MmBackward0", 6, 0, null],
        ["net", 4, 0, null],
        ["mm", 3, 0, null],
        ["exp", 2, 0, null],
      ],
    );
    assert.deepEqual(opTable(timelineOf(new Recording()), new Recording()), []);
  });
});

describe("the tree of modules", () => {
  it("charges a module with its forward and the backward nodes of its ops", () => {
    const recording = handWritten();
    const [net, ...others] = moduleTree(recording, timelineOf(recording));
    assert.equal(others.length, 0);
    assert.deepEqual(
      [net?.name, net?.type, net?.calls, net?.forward, net?.forwardSelf, net?.backward, net?.flops, net?.backwardFlops],
      ["net", "Linear", 1, 4, 4, 6, 16, 16],
    );
  });

  it("nests modules as they call each other, sums calls up, and a parent holds its children's work", () => {
    const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Sequential(new nn.Tanh(), new nn.Linear(4, 1)));
    const recording = recorded(() => {
      for (let step = 0; step < 3; step++)
        autograd.profiler.recordFunction("step", () => net.forward(randn(2, 3)).sum().backward());
    });
    const tree = moduleTree(recording, timelineOf(recording));
    const rows = tree.map(({ name, type, calls, parent }) => `${tree[parent]?.type ?? ""}/${type || name} ${calls}`);
    assert.deepEqual(rows, [
      "/step 3",
      "/Sequential 3",
      "Sequential/Linear 3",
      "Sequential/Sequential 3",
      "Sequential/Tanh 3",
      "Sequential/Linear 3",
    ]);
    const [step, outer, first, inner, tanh, last] = tree;
    assertNear(outer?.flops ?? 0, (first?.flops ?? 0) + (inner?.flops ?? 0));
    assertNear(inner?.backward ?? 0, (tanh?.backward ?? 0) + (last?.backward ?? 0));
    assert.ok((step?.forward ?? 0) >= (outer?.forward ?? 1) && (outer?.forwardSelf ?? -1) >= 0);
    assert.ok((step?.backward ?? 0) > (outer?.backward ?? 1), "the sum's node belongs to the step alone");
  });
});

describe("the costs of lines", () => {
  it("charge each millisecond of backward to the line of the forward op, and sum up to the whole", () => {
    const recording = handWritten();
    const { lines, total, unaccounted, placeless } = lineCosts(recording, timelineOf(recording));
    assert.deepEqual(lines, [
      { file: "/work/model.ts", line: 1, forward: 5, backward: 6, saved: 16, calls: 2 },
      { file: "/work/model.ts", line: 2, forward: 4, backward: 0, saved: 0, calls: 1 },
    ]);
    assert.deepEqual([total, unaccounted, placeless], [20, 5, 0]);
  });

  it("sum up to the whole in a real run, where some work has no line", () => {
    const net = new nn.Linear(8, 8);
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.1 });
    const recording = recorded(
      (at) => {
        for (let step = 0; step < 20; step++) {
          at(1);
          const y = net.forward(randn(4, 8));
          at(0);
          const loss = y.tanh().pow(2).mean();
          at(2);
          loss.backward();
          at(3);
          optimizer.step();
          optimizer.zeroGrad();
        }
      },
      [siteAt(1, 10), siteAt(2, 11), siteAt(3, 12)],
    );
    const timeline = timelineOf(recording);
    const { lines, total, unaccounted, placeless } = lineCosts(recording, timeline);
    const charged = lines.reduce((sum, { forward, backward }) => sum + forward + backward, 0);
    assertNear(charged + unaccounted, total);
    assert.equal(total, timeline.finish - timeline.begin);
    assert.ok(unaccounted > 0 && placeless > 0 && placeless < unaccounted);
    const byLine = new Map(lines.map((cost) => [cost.line, cost]));
    assert.deepEqual([...byLine.keys()].sort(), [10, 11, 12]);
    assert.ok((byLine.get(10)?.backward ?? 0) > 0 && byLine.get(11)?.backward === 0);
    assert.equal(byLine.get(12)?.calls, 20);
  });

  it("charge what a node runs to the node's cause: here a custom backward, and the sum of a broadcast gradient", () => {
    class Slow extends autograd.Function {
      static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
        return x.clone();
      }
      static backward(_ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
        let sum = grad;
        for (let i = 0; i < 50; i++) sum = sum.add(grad);
        return sum;
      }
    }
    const w = randn([4], { requiresGrad: true });
    const recording = recorded(
      (at) => {
        at(1);
        const y = Slow.apply(w);
        at(2);
        const loss = randn(100, 4).add(y).sum();
        at(3);
        loss.backward();
      },
      [siteAt(1, 1), siteAt(2, 2), siteAt(3, 3)],
    );
    const { lines } = lineCosts(recording, timelineOf(recording));
    const byLine = new Map(lines.map((cost) => [cost.line, cost]));
    assert.equal(byLine.get(3)?.calls, 1, "backward alone; the ops inside it are the other lines'");
    assert.ok((byLine.get(1)?.backward ?? 0) > 0 && (byLine.get(2)?.backward ?? 0) > 0);
  });

  it("count what an op keeps for backward once, and neither parameters nor data", () => {
    const w = new nn.Parameter(randn(4, 4));
    const recording = recorded(
      (at) => {
        at(1);
        const x = tensor([[1, 2, 3, 4]]);
        const y = x.mm(w).exp();
        at(2);
        y.mul(y).sum().backward();
      },
      [siteAt(1, 1), siteAt(2, 2)],
    );
    const { lines } = lineCosts(recording, timelineOf(recording));
    // exp keeps its result of 4 floats; mm keeps x and w, mul what exp keeps already.
    assert.deepEqual(lines.map(({ line, saved }) => [line, saved]).sort(), [
      [1, 16],
      [2, 0],
    ]);
  });
});

describe("a recording of costs alone", () => {
  it("looks at no values, and tells the same of what ran, of memory and of the loss", () => {
    const program = (at: (site: number) => void): void => {
      const w = new nn.Parameter(ones(4, 4).div(0));
      const optimizer = new optim.SGD([w], { lr: 0.1 });
      at(1);
      w.mul(2).tanh().mean().backward();
      optimizer.step();
    };
    const [whole, costs] = [recorded(program, [siteAt(1, 1)]), recorded(program, [siteAt(1, 1)], { costsOnly: true })];
    const about = (recording: Recording): unknown => {
      const rows = opTable(timelineOf(recording), recording, { byShape: true });
      const { peak, kept } = memoryProfile(recording);
      const [loss] = trainingCurves(recording).loss;
      return [
        rows.map(({ name, shapes, count, flops, bytes }) => [name, shapes, count, flops, bytes].join(" ")).sort(),
        [peak.bytes, kept.bytes, loss],
      ];
    };
    assert.deepEqual(about(costs), about(whole));
    assert.deepEqual([whole.tables.births.rows > 0, costs.tables.births.rows], [true, 0]);
    assert.ok(costs.tables.events.column.health.every((bits) => bits === 0));
  });
});
