import assert from "node:assert/strict";
import path from "node:path";
import { manualSeed, randn, tensor } from "../../engine/index.ts";
import { adapterPaths } from "../../extension/debug/adapterPaths.ts";
import { Evaluator } from "../../extension/debug/evaluator/evaluator.ts";
import type { Evaluated } from "../../extension/debug/evaluator/messages.ts";
import type { Breakpoint } from "../../extension/debug/session/breakpoints.ts";
import { evaluateAt } from "../../extension/debug/session/expressions.ts";
import { Hits } from "../../extension/debug/session/hits.ts";
import { matches } from "../../extension/debug/session/matching.ts";
import { Names } from "../../extension/debug/session/names.ts";
import { quickAnswer } from "../../extension/debug/session/quickConditions.ts";
import { Tensors } from "../../extension/debug/session/tensors.ts";
import { Timeline } from "../../extension/debug/session/timeline.ts";
import { debugged } from "./debugged.ts";

/** Counts how often it is asked about an event. */
class WatchedTimeline extends Timeline {
  looks = 0;

  override kind(event: number): number {
    this.looks++;
    return super.kind(event);
  }
}

const plain = { id: 1, condition: null, hitCondition: null, logMessage: null };

function partsOf(recording: ReturnType<typeof debugged>) {
  const timeline = new WatchedTimeline(recording);
  return { timeline, tensors: new Tensors(recording), names: new Names(recording) };
}

type Parts = ReturnType<typeof partsOf>;

const eventsOf = ({ timeline }: Parts): number[] => Array.from({ length: timeline.last }, (_, i) => i + 1);

/** Stops that need no evaluator; one that asks for it fails. */
function stopsAtOnce(breakpoint: Breakpoint, parts: Parts): string[] {
  const hits = new Hits(
    () => parts,
    (expression) => assert.fail(`${expression} was given to the evaluator`),
  );
  return eventsOf(parts)
    .filter((event) => {
      const found = hits.at(event, [breakpoint], 1);
      assert.ok(!(found instanceof Promise));
      return found.length > 0;
    })
    .map((event) => parts.timeline.name(event));
}

/** A product of many factors: backward has two events for each. */
function product(factors: number): Parts {
  return partsOf(
    debugged(() => {
      let y = tensor(1, { requiresGrad: true });
      for (let i = 0; i < factors; i++) y = y.mul(2);
      y.backward();
    }),
  );
}

describe("conditions of breakpoints", () => {
  const paths = adapterPaths(path.resolve(import.meta.dirname, "../../extension/debug"));
  const evaluator = new Evaluator(paths.evaluatorPath, paths.evaluator);
  after(() => evaluator.dispose());

  it("that are plain have the answers that the evaluator gives", async () => {
    const parts = partsOf(
      debugged((name) => {
        const w = tensor([3, -4], { requiresGrad: true });
        name(0, w);
        const loss = w.mul(w).sum();
        loss.backward();
        tensor([1, 2], { dtype: "int64" }).add(1);
        tensor(5, { dtype: "float64" }).div(0).sub(tensor(Number.POSITIVE_INFINITY));
        loss.gt(3).logicalNot();
      }),
    );
    const conditions = ["norm() > 5", "norm() <= 10", "norm() == 10", "norm() === 10", "item() === 1", "item() != 1"];
    const all = ["value", "grad"].flatMap((word) => [
      ...conditions.map((condition) => `${word}.${condition}`),
      `isNaN(${word})`,
      `${word} >= 1`,
      `${word} < -1.5e0`,
      `${word} > 010`,
    ]);
    let answered = 0;
    for (const condition of all) {
      for (const event of eventsOf(parts)) {
        const quick = quickAnswer(condition, event, parts);
        if (quick === null) continue;
        answered++;
        const slow = await evaluateAt(condition, event, { ...parts, evaluator });
        assert.equal(slow.kind === "plain" && slow.isTrue, quick, `${condition} at ${parts.timeline.name(event)}`);
        assert.equal(slow.kind, "plain", `${condition} at ${parts.timeline.name(event)}`);
      }
    }
    assert.ok(answered > 60, `only ${answered} were answered at once`);
  });

  it("that are plain stop at once, and are counted at once", () => {
    const parts = product(4);
    const breakpoint: Breakpoint = { ...plain, kind: "function", name: "mul", condition: "value.item() > 2" };
    assert.equal(stopsAtOnce(breakpoint, parts).length, 3);
    assert.equal(stopsAtOnce({ ...breakpoint, hitCondition: "% 2" }, parts).length, 1);
    const nan: Breakpoint = { ...plain, kind: "function", name: "MulBackward0", condition: "isNaN(grad)" };
    assert.deepEqual(stopsAtOnce(nan, parts), []);
  });

  it("know the norm of a tensor that is too large to be kept whole, and how many NaN it has", async () => {
    manualSeed(1);
    const recording = debugged((name) => {
      const w = randn([400, 300], { requiresGrad: true });
      name(0, w);
      const v = w.mul(3);
      name(1, v);
      v.sum().backward();
      w.mul(Number.NaN);
    });
    const parts = partsOf(recording);
    const at = (name: string, condition: string) =>
      stopsAtOnce({ ...plain, kind: "function", name, condition }, parts).length;
    const exact = Math.sqrt(9 * 400 * 300);
    assert.deepEqual(
      [at("mul", "value.norm() > 1000"), at("mul", "value.norm() > 1100"), at("mul", "isNaN(value)")],
      [1, 0, 1],
    );
    assert.deepEqual([at("MulBackward0", "grad.norm() > 346"), at("MulBackward0", "grad.norm() > 347")], [1, 0]);
    const accumulated = eventsOf(parts).filter((event) => parts.timeline.name(event) === "AccumulateGrad");
    assert.deepEqual(
      accumulated.map((event) => [
        quickAnswer(`grad.norm() > ${exact - 1}`, event, parts),
        quickAnswer(`grad.norm() > ${exact + 1}`, event, parts),
      ]),
      [[true, false]],
    );
    // Of an element that was left out nothing is known.
    assert.equal(quickAnswer("grad.item() > 1", accumulated[0] ?? 0, parts), null);
  });

  it("give way to a tensor that the user calls by the same word", () => {
    const recording = debugged((name) => {
      const w = tensor([1]);
      name(0, w);
      w.mul(2);
    });
    const named = debugged(
      (name) => {
        const w = tensor([1]);
        name(0, w);
        w.mul(2);
      },
      {},
      ["value"],
    );
    assert.equal(quickAnswer("value > 1", 1, partsOf(recording)), true);
    assert.equal(quickAnswer("value > 1", 1, partsOf(named)), null);
  });

  it("are counted with one look at each event, with an evaluator too", async () => {
    const parts = product(200);
    const asked: number[] = [];
    const evaluate = (_: string, event: number): Promise<Evaluated> => {
      asked.push(event);
      return evaluateAt("value.item() !== 0 && true", event, { ...parts, evaluator });
    };
    const hits = new Hits(() => parts, evaluate);
    const breakpoint: Breakpoint = {
      ...plain,
      kind: "function",
      name: "mul",
      condition: "value.item() !== 0 && true",
      hitCondition: "200",
    };
    const found = await hits.at(200, [breakpoint], 1);
    assert.equal(found.length, 1);
    assert.equal(asked.length, 201);
    parts.timeline.looks = 0;
    assert.deepEqual(stopsAtOnce({ ...breakpoint, condition: null }, parts), ["mul"]);
    assert.ok(parts.timeline.looks < 12 * parts.timeline.last, `${parts.timeline.looks} looks`);
  });

  it("about exploding gradients look at each event once, however long backward is", () => {
    const parts = product(200);
    const breakpoint: Breakpoint = { ...plain, kind: "exception", filter: "exploding", condition: "1e-30" };
    const found = eventsOf(parts).filter((event) => matches(breakpoint, event, parts));
    assert.deepEqual(
      found.map((event) => parts.timeline.name(event)),
      ["MulBackward0"],
    );
    assert.ok(parts.timeline.looks < 4 * parts.timeline.last, `${parts.timeline.looks} looks`);
    // From the end back to the beginning it is the same event.
    const again = eventsOf(parts)
      .reverse()
      .filter((event) => matches(breakpoint, event, parts));
    assert.deepEqual(again, found);
  });
});
