import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Results } from "../../extension/results/results.ts";
import { runnerPaths } from "../../extension/runs/runnerPaths.ts";
import { RunService } from "../../extension/runs/runService.ts";
import { root } from "../../scripts/project.ts";

const model = `import { tensor } from "gradlens";
const x = tensor([1, 2, 3], { requiresGrad: true });
const y = x.mul(x).sum();
y.backward();
console.log("done");
`;

describe("running models", () => {
  let folder: string;
  let results: Results;
  let runs: RunService;
  let file: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-runs-")));
    file = path.join(folder, "model.ts");
    writeFileSync(file, model);
    results = new Results();
    runs = new RunService(results, () => ({ runner: runnerPaths(root), limits: {}, cwd: undefined }));
  });

  afterEach(() => {
    runs.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("records tensors with their lines, and what was printed", async () => {
    const result = await runs.run(file);
    assert.equal(result?.outcome?.kind, "ok");
    assert.deepEqual(
      result.tensors.map(({ name, place, shape, grad }) => [name, place?.line, shape, grad?.sample]),
      [
        ["x", 2, [3], [2, 4, 6]],
        ["y", 3, [], undefined],
      ],
    );
    assert.deepEqual(result.recording.console, [{ stream: "stdout", text: "done\n" }]);
    assert.equal(result.texts.get(file), model);
    assert.equal(results.current, result);
  });

  it("tells that a run began, and that it ended", async () => {
    const told: string[] = [];
    runs.onDidStart(() => told.push(`started, running ${path.basename(runs.running?.file ?? "nothing")}`));
    runs.onConsole(({ text }) => told.push(text.trim()));
    runs.onDidEnd(() => told.push(`ended, running ${runs.running?.file ?? "nothing"}`));
    await runs.run(file);
    assert.deepEqual(told, ["started, running model.ts", "done", "ended, running nothing"]);
  });

  it("ends although a listener throws, and the others hear of it", async () => {
    const faults: string[] = [];
    runs = new RunService(results, () => ({ runner: runnerPaths(root), limits: {}, cwd: undefined }), {
      error: (fault) => faults.push(fault instanceof Error ? fault.message : fault),
    });
    let heard = 0;
    runs.onDidStart(() => {
      throw new Error("a faulty listener");
    });
    runs.onDidStart(() => heard++);
    const result = await runs.run(file);
    assert.equal(result?.outcome?.kind, "ok");
    assert.equal(runs.running, null);
    assert.equal(heard, 1);
    assert.deepEqual(faults, ["a faulty listener"]);
  });

  it("starts nothing once it is disposed", async () => {
    runs.dispose();
    runs.warm();
    assert.equal(await runs.run(file), null);
  });

  it("keeps the last good result when a run fails, and runs again after that", async () => {
    const good = await runs.run(file);
    writeFileSync(file, model.replace("y.backward();", "y.backwards();"));
    const bad = await runs.run(file);
    assert.equal(bad?.outcome?.kind, "error");
    assert.equal(results.current, good);
    assert.equal(results.hiddenFailure, bad);
    writeFileSync(file, model);
    const again = await runs.run(file);
    assert.equal(results.current, again);
  });

  it("tells of a file that is not there, and keeps what was there before", async () => {
    const good = await runs.run(file);
    rmSync(file);
    const bad = await runs.run(file);
    assert.notEqual(bad?.outcome?.kind, "ok");
    assert.equal(results.current, good);
  });

  it("finishes a run whose file is deleted meanwhile", async () => {
    writeFileSync(file, `${model}await new Promise((resolve) => setTimeout(resolve, 300));\n`);
    runs.onConsole(() => rmSync(file, { force: true }));
    const result = await runs.run(file);
    assert.equal(result?.outcome?.kind, "ok");
    assert.equal(result.tensors.length, 2);
  });

  it("stops an endless loop within a second, with what it had recorded", async () => {
    writeFileSync(file, `${model}for (;;);\n`);
    runs.onConsole(() => setTimeout(() => runs.stop(), 50));
    let asked = 0;
    runs.onConsole(() => {
      asked = performance.now();
    });
    const result = await runs.run(file);
    assert.ok(performance.now() - asked < 1500);
    assert.equal(result?.outcome?.kind, "stopped");
    assert.equal(result.isEmpty, false);
  });

  it("lets a second run take the place of the first, which leaves no result", async () => {
    const endless = path.join(folder, "endless.ts");
    writeFileSync(endless, `${model}for (;;);\n`);
    const first = runs.run(endless);
    const second = runs.run(file);
    assert.equal(await first, null);
    assert.equal((await second)?.outcome?.kind, "ok");
    assert.deepEqual(results.lastRuns.length, 1);
    assert.equal(runs.running, null);
  });
});
