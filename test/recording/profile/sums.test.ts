import assert from "node:assert/strict";
import fc from "fast-check";
import { autograd, nn, optim, randn, type Tensor, utils } from "../../../engine/index.ts";
import { lineCosts } from "../../../engine/recording/queries/profile/lines.ts";
import { timelineOf } from "../../../engine/recording/queries/profile/timeline.ts";
import type { Recording } from "../../../engine/recording/recording.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { assertNear, recorded, siteAt } from "./recordings.ts";

class Doubled extends autograd.Function {
  static forward(_ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    return x.mul(2);
  }
  static backward(_ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
    return grad.add(grad);
  }
}

const layer = new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh());
const sgd = new optim.SGD(layer.parameters(), { lr: 0.01 });

/** What a line of a random program may do. */
const moves: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  op: (x) => x.mul(1.01).add(0.1),
  product: (x) => x.mm(randn(4, 4, { requiresGrad: true })),
  module: (x) => layer.forward(x),
  function: (x) => Doubled.apply(x),
  checkpoint: (x) => utils.checkpoint.checkpoint((y: Tensor) => layer.forward(y), x),
  scope: (x) => autograd.profiler.recordFunction("part", () => layer.forward(x.relu())),
  backward: (x) => {
    x.sum().backward();
    return x.detach().requiresGrad_();
  },
  higher: (x) => {
    const [grad] = autograd.grad([x.pow(2).sum()], [x], { createGraph: true });
    return x.add(grad as Tensor);
  },
  step: (x) => {
    sgd.step();
    sgd.zeroGrad();
    // What was made with the old weights may not go back through them.
    return x.detach().requiresGrad_();
  },
};

/** The n-th line of the program; the fourth has a place that nobody knows, as in an imported package. */
const lines = [siteAt(1, 1), siteAt(2, 2), siteAt(3, 3)];

const programs = fc.array(
  fc.record({ site: fc.integer({ min: 1, max: 4 }), move: fc.constantFrom(...Object.keys(moves)) }),
  {
    minLength: 1,
    maxLength: 25,
  },
);

describe("the lines of a profile", () => {
  it("sum up to the work that was recorded, with nothing counted twice and what has no line told apart", () => {
    fc.assert(
      fc.property(programs, (program) => {
        const recording = recorded((at) => {
          let x = randn(4, 4, { requiresGrad: true });
          for (const { site, move } of program) {
            at(site);
            x = moves[move]?.(x) ?? x;
          }
        }, lines);
        const { lines: costs, total, unaccounted, placeless } = lineCosts(recording, timelineOf(recording));
        const charged = costs.reduce((sum, { forward, backward }) => sum + forward + backward, 0);
        const work = workIn(recording);
        assertNear(charged + placeless, work.ms);
        assertNear(charged + unaccounted, total);
        assertNear(total, work.total);
        assert.ok(placeless >= 0 && unaccounted >= placeless - 1e-9, `${unaccounted} of ${placeless}`);
        assert.ok(costs.every(({ forward, backward, saved }) => forward >= 0 && backward >= 0 && saved >= 0));
      }),
      { numRuns: 40 },
    );
  });
});

/** Milliseconds in which an op, a node, backward or an optimizer was at work, told from the events alone: who is innermost at each moment. */
function workIn({ tables }: Recording): { ms: number; total: number } {
  const { rows, column } = tables.events;
  const edges: { readonly at: number; readonly isEnd: boolean; readonly length: number; readonly isWork: boolean }[] =
    [];
  const open: { readonly begin: number; readonly kind: number }[] = [];
  const add = (begin: number, end: number, isWork: boolean): void => {
    const length = end - begin;
    edges.push({ at: begin, isEnd: false, length, isWork }, { at: end, isEnd: true, length, isWork });
  };
  const ends: ReadonlyMap<number, number> = new Map([
    [EventKind.backwardEnd, EventKind.backwardStart],
    [EventKind.optimizerEnd, EventKind.optimizerStart],
    [EventKind.scopeEnd, EventKind.scopeStart],
  ]);
  const starts = new Set(ends.values());
  for (let event = 1; event < rows; event++) {
    const kind = column.kind[event] ?? 0;
    const [begin, end] = [column.start[event] ?? 0, column.end[event] ?? 0];
    if (kind === EventKind.op || kind === EventKind.node) add(begin, end, true);
    else if (starts.has(kind)) open.push({ begin, kind });
    else if (ends.has(kind)) {
      const at = open.findLastIndex((one) => one.kind === ends.get(kind));
      const [started] = open.splice(at, 1);
      if (started) add(started.begin, end, started.kind !== EventKind.scopeStart);
    }
  }
  // At one moment ends come first, then the longer of two that begin: it is around the other.
  edges.sort(
    (a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd) || (a.isEnd ? a.length - b.length : b.length - a.length),
  );
  const stack: boolean[] = [];
  let ms = 0;
  let last = edges[0]?.at ?? 0;
  for (const { at, isEnd, isWork, length } of edges) {
    if (length === 0) continue;
    if (stack.at(-1) === true) ms += at - last;
    last = at;
    if (isEnd) stack.pop();
    else stack.push(isWork);
  }
  const times = edges.map(({ at }) => at);
  return { ms, total: Math.max(...times) - Math.min(...times) };
}
