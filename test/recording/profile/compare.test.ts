import assert from "node:assert/strict";
import { compareRecordings } from "../../../engine/recording/queries/profile/compare.ts";
import type { Recording } from "../../../engine/recording/recording.ts";
import { EventKind } from "../../../engine/recording/schema.ts";
import { siteAt, written } from "./recordings.ts";

interface Call {
  readonly op: string;
  readonly line: number;
  readonly ms: number;
  readonly value?: number;
  readonly shape?: readonly number[];
}

/** Ops one after another, each at a line of its own file position, with one result. */
function run(calls: readonly Call[]): Recording {
  const strings = [...new Set(calls.map(({ op }) => op))];
  const lines = [...new Set(calls.map(({ line }) => line))];
  let at = 0;
  const events = calls.map(({ op, line, ms, value = 1 }, i) => {
    const start = at;
    at += ms;
    const name = 1 + strings.indexOf(op);
    return { kind: EventKind.op, name, site: line, start, end: at, value, refs: i, outputs: 1 };
  });
  return written(
    {
      events,
      tensors: calls.map((_, i) => ({ shape: i + 1, event: i + 1 })),
      refs: calls.map((_, i) => ({ tensor: i + 1 })),
    },
    { strings, shapes: calls.map(({ shape = [] }) => shape), sites: lines.map((line) => siteAt(line, line)) },
  );
}

const summary = (a: Recording, b: Recording) =>
  compareRecordings(a, b).sites.map(({ ops, change, first, second }) => [
    ops.join(),
    change,
    first?.place.line ?? null,
    second?.place.line ?? null,
  ]);

describe("two runs beside each other", () => {
  const before = run([
    { op: "linear", line: 1, ms: 4 },
    { op: "relu", line: 2, ms: 1 },
    { op: "sum", line: 3, ms: 1 },
  ]);

  it("match places although an edit moved them, and tell what is slower, faster, new and gone", () => {
    const after = run([
      { op: "linear", line: 1, ms: 10 },
      { op: "dropout", line: 2, ms: 3 },
      { op: "sum", line: 4, ms: 0.5 },
    ]);
    assert.deepEqual(summary(before, after), [
      ["linear", "slower", 1, 1],
      ["dropout", "new", null, 2],
      ["relu", "gone", 2, null],
      ["sum", "faster", 3, 4],
    ]);
    const { firstTotal, secondTotal } = compareRecordings(before, after);
    assert.deepEqual([firstTotal, secondTotal], [6, 13.5]);
  });

  it("match places of a program that ran elsewhere, under another name and beside another folder's files", () => {
    const at = (folder: string, model: string) => {
      const files = [`${folder}/models/${model}`, `${folder}/lib/loss.ts`];
      return written(
        { events: [1, 2].map((site) => ({ kind: EventKind.op, name: site, site, start: site, end: site + 1 })) },
        {
          strings: ["linear", "mean"],
          sites: files.map((file, i) => ({ ...siteAt(i + 1, 3), file })),
          meta: { file: files[0] ?? "" },
        },
      );
    };
    const rows = summary(at("/home/ada", "net.ts"), at("C:/work", "net copy.ts"));
    assert.deepEqual(rows.map(([op, change]) => `${op} ${change}`).sort(), ["linear same", "mean same"]);
  });

  it("are the same when nothing changed but noise", () => {
    const after = run([
      { op: "linear", line: 1, ms: 4.1 },
      { op: "relu", line: 2, ms: 1 },
      { op: "sum", line: 3, ms: 0.9 },
    ]);
    assert.ok(summary(before, after).every(([, change]) => change === "same"));
    assert.equal(compareRecordings(before, after).divergence, null);
  });

  it("take places that run the same op twice in their order", () => {
    const relu = (line: number): Call => ({ op: "relu", line, ms: 1 });
    const rows = summary(run([relu(1), relu(2)]), run([relu(1), relu(2), relu(3)]));
    assert.deepEqual(rows.map(([, ...row]) => row.join()).sort(), ["new,,3", "same,1,1", "same,2,2"]);
  });

  it("have a first numerical divergence, found call by call also where one of them made more calls", () => {
    const value = (value: number, line = 1, op = "mul"): Call => ({ op, line, ms: 1, value });
    const a = run([value(1), value(2), value(3), value(9, 2, "sum")]);
    const b = run([value(1), value(5, 3, "new"), value(2), value(3.1), value(10, 4, "sum")]);
    const { divergence } = compareRecordings(a, b);
    assert.deepEqual(
      [divergence?.op, divergence?.first, divergence?.second, divergence?.firstValue, divergence?.secondValue],
      ["mul", 3, 4, 3, 3.1],
    );
  });

  it("take rounding for no divergence, NaN in both for none, and another shape for one", () => {
    const value = (value: number, shape: readonly number[] = [2]): Call => ({
      op: "mul",
      line: 1,
      ms: 1,
      value,
      shape,
    });
    const of = (a: Call, b: Call) => compareRecordings(run([a]), run([b])).divergence;
    assert.equal(of(value(1), value(1 + 1e-9)), null);
    assert.equal(of(value(Number.NaN), value(Number.NaN)), null);
    assert.deepEqual(of(value(1), value(1, [1, 2]))?.shapes, [[2], [1, 2]]);
    assert.equal(of(value(Number.NaN), value(1))?.op, "mul");
  });
});
