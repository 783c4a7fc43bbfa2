import assert from "node:assert/strict";
import { autograd, tensor } from "../../engine/index.ts";
import type { Table } from "../../engine/recording/columns.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { recorded } from "./recorded.ts";

/** Many leaves that no gradient reaches, behind one long way, and a variable that is given many values. */
function unreached(leaves: number, length: number): Recording {
  return recorded((name) => {
    const ws = Array.from({ length: leaves }, () => tensor(1, { requiresGrad: true }));
    let h = tensor(0);
    for (const w of ws) h = name("h", h.add(w));
    for (let i = 0; i < length; i++) h = h.mul(1.0001);
    const other = name("other", tensor(1, { requiresGrad: true }));
    h.detach().mul(other).backward();
    name("ws", ws);
  });
}

/** How often rows of events and tensors are read while something is asked. */
function readsDuring(recording: Recording, ask: () => void): number {
  let reads = 0;
  const counted = <T extends Table<never>>(table: T): void => {
    for (const [key, column] of Object.entries(table.column as Record<string, object>)) {
      const counting = new Proxy(column, {
        get(target, at) {
          reads++;
          const value = Reflect.get(target, at) as unknown;
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      Object.defineProperty(table.column, key, { value: counting });
    }
  };
  counted(recording.tables.events as unknown as Table<never>);
  counted(recording.tables.tensors as unknown as Table<never>);
  ask();
  return reads;
}

describe("why gradients are missing", () => {
  it("is found for all tensors together in a time that grows as the run does", () => {
    const reads = [100, 400].map((n) => {
      const recording = unreached(n, n);
      return readsDuring(recording, () => namedTensors(recording, { all: true }));
    }) as [number, number];
    assert.ok(reads[1] < reads[0] * 6, `${reads[0]} reads of 100 leaves, and ${reads[1]} of 400`);
  });

  it("is the first cut on the way, whatever lies behind it", () => {
    const [w] = namedTensors(unreached(3, 3)).filter(({ name }) => name === "ws[0]");
    assert.deepEqual([w?.gradReason?.cause, w?.gradStatus], ["detached", "none"]);
  });

  it("is that only others were asked for, where autograd.grad names what it wants", () => {
    const recording = recorded((name) => {
      const x = name("x", tensor(2, { requiresGrad: true }));
      const w = name("w", tensor(3, { requiresGrad: true }));
      const unused = name("unused", tensor(4, { requiresGrad: true }));
      autograd.grad(x.mul(w), x);
      assert.equal(unused.grad, null);
    });
    const named = namedTensors(recording).filter(({ name }) => name !== null);
    assert.deepEqual(
      named.map(({ name, gradReason }) => [name, gradReason?.text]),
      [
        ["x", "autograd.grad handed its gradient out, which leaves .grad as it is"],
        ["w", "only the gradients of other tensors were asked for"],
        ["unused", "no backward reached it: nothing that was differentiated depends on it"],
      ],
    );
  });
});
