import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { wholeOf } from "../../engine/recording/queries/parts.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { tensorUses } from "../../engine/recording/queries/tensorUses.ts";
import { Bench } from "../alerts/programs.ts";

const source = `import { optim, tensor } from "gradlens";
const w = tensor([1, 2], { requiresGrad: true });
const [x, spare] = [tensor([3, 4]), tensor([5, 6])];
const optimizer = new optim.SGD([w], { lr: 0.1 });
for (let step = 0; step < 3; step++) {
  const scaled = w.mul(x);
  const loss = scaled.sum();
  loss.backward();
  console.log(loss.item());
  optimizer.step();
}
`;

describe("the uses of a tensor", () => {
  const bench = new Bench();
  const folder = mkdtempSync(path.join(os.tmpdir(), "gradlens-uses-"));
  const file = path.join(folder, "model.ts");
  let usesOf: (name: string) => string[];

  before(async () => {
    writeFileSync(file, source);
    const { recording } = await bench.run({ name: "uses", file, expected: [] });
    const tensors = namedTensors(recording);
    usesOf = (name) => {
      const ids = tensors.filter((tensor) => tensor.name === name).map(({ id }) => id);
      assert.notEqual(ids.length, 0);
      const uses = wholeOf(tensorUses(recording, ids));
      return uses.map(({ place, by, count }) => `${place.line} ${by} ${count}`);
    };
  });

  after(async () => {
    await bench.dispose();
    rmSync(folder, { recursive: true });
  });

  it("are ops and steps, each line once however often it ran", () => {
    assert.deepEqual(usesOf("w"), ["6 mul 3", "10 SGD 3"]);
    assert.deepEqual(usesOf("x"), ["6 mul 3"]);
  });

  it("are those of all values that its variable had, and reads and backwards, too", () => {
    assert.deepEqual(usesOf("scaled"), ["7 sum 3"]);
    assert.deepEqual(usesOf("loss"), ["8 backward 3", "9 item 3"]);
  });

  it("are none of what was never used", () => {
    assert.deepEqual(usesOf("spare"), []);
  });
});
