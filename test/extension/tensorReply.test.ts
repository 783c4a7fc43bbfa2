import assert from "node:assert/strict";
import { tensor } from "../../engine/index.ts";
import { keyOf, TensorAnswers, tensorOfKey } from "../../extension/panels/tensorReply.ts";
import { tensorPanel } from "../../webview/protocol/tensor.ts";
import { goodResult } from "./recordings.ts";

function answers(): TensorAnswers {
  const result = goodResult((named) => {
    const w = named(3, "w", () => tensor([[1, 2, 4]], { requiresGrad: true }));
    w.pow(2).sum().backward();
  });
  const found = result.tensors.find(({ name }) => name === "w");
  assert.ok(found);
  return new TensorAnswers(result, found);
}

const at = { rowDim: 0, columnDim: 1, indices: [0, 0] };

describe("what the tensor viewer is told", () => {
  it("is understood by the panel", () => {
    const about = answers();
    const { loadTensor, loadSlice } = tensorPanel.requests;
    assert.ok(loadTensor.answer(about.shown(() => "model.ts")));
    assert.ok(loadSlice.answer(about.slice({ id: 1, moment: 0, of: "ratio", at })));
  });

  it("has value, gradient and ratio of a window", () => {
    const window = { fromRow: 0, toRow: 1, fromColumn: 1, toColumn: 3 };
    const cells = answers().cells({ id: 1, moment: 0, of: ["value", "grad", "ratio"], at, ...window });
    assert.deepEqual(cells, [
      [2, 4],
      [4, 8],
      [2, 2],
    ]);
  });

  it("is nothing at a time that was not recorded, and a fault for a slice or a window that cannot be", () => {
    const about = answers();
    assert.equal(about.slice({ id: 1, moment: 7, of: "value", at }), null);
    assert.throws(() => about.slice({ id: 1, moment: 0, of: "value", at: { ...at, columnDim: 2 } }), /no such slice/);
    const window = { fromRow: 0, toRow: 1e6, fromColumn: 0, toColumn: 1e6 };
    assert.throws(() => about.cells({ id: 1, moment: 0, of: ["value"], at, ...window }), /Too many cells/);
  });

  it("finds the same tensor in another run by its name, and by its line where there are several", () => {
    const run = (line: number) =>
      goodResult((named) => {
        named(line, "x", () => tensor([1]));
        named(line + 10, "x", () => tensor([2]));
      }).tensors;
    const [, second] = run(3);
    assert.ok(second);
    assert.equal(tensorOfKey(run(3), keyOf(second))?.place?.line, 13);
    assert.equal(tensorOfKey(run(5), keyOf(second))?.place?.line, 15);
    assert.equal(tensorOfKey(run(3), { name: "y", line: 3 }), null);
  });
});
