import assert from "node:assert/strict";
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { folderWith, gradlens } from "./program.ts";

const model = `import { nn, optim, randn } from "gradlens";
const net = new nn.Sequential(new nn.Linear(16, 32), new nn.Tanh(), new nn.Linear(32, 1));
const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
for (let step = 0; step < 20; step++) {
  optimizer.zeroGrad();
  const loss = net.forward(randn(8, 16)).pow(2).mean();
  loss.backward();
  optimizer.step();
}
console.log("trained");
`;

describe("gradlens profile", () => {
  const folder = folderWith({
    "model.ts": model,
    "throws.ts": `${model}throw new Error("late");\n`,
    "garbage.ts": `import { tensor } from "gradlens";
let kept: object[] = [];
for (let i = 0; i < 200; i++) {
  kept = Array.from({ length: 50_000 }, () => ({ i }));
  tensor([kept.length]).mul(2);
}
`,
    "empty.json": "",
    "junk.json": "no json",
    "huge.gradlens": "GRADLENS",
    "cut.json": '{"traceEvents":[{"ph":"X","name":"a","ts":1,"dur":5},{"ph":"X","na',
  });
  // A file with a hole takes no room on the disk.
  before(() => truncateSync(path.join(folder, "huge.gradlens"), 4 * 2 ** 30));
  const profile = (...args: string[]) => gradlens(["profile", ...args], { cwd: folder });
  const contentOf = (file: string): string => readFileSync(path.join(folder, file), "utf8");

  it("shows ops, lines with the backward they caused, modules and memory", async () => {
    const { code, stdout } = await profile("model.ts");
    assert.equal(code, 0);
    for (const words of [
      /^trained$/m,
      /^by op\nop +kind +calls +self +share +total +FLOPs +FLOP\/s +made +where$/m,
      /^AddmmBackward0 +backward +40 +[\d.]+ .s +[\d.]+% .* model\.ts:6$/m,
      /^by line.*\nline +forward +backward +share +kept +calls$/m,
      /^model\.ts:6 +[\d.]+ .s +[\d.]+ .s +[\d.]+% /m,
      /^\(between ops: own code, recording\) +[\d.]+ .s/m,
      /^ {2}net\.0 \(Linear\) +20 /m,
      /^memory: .* at most, at .*parameters 2\.25 KB/m,
      /^kept for backward: most by model\.ts:6/m,
      /^next: look at model\.ts:\d; gradlens profile model\.ts --trace F\.json writes a trace for Perfetto$/m,
    ])
      assert.match(stdout, words);
  });

  it("tells the same as JSON: lines and what is left over sum up to the whole", async () => {
    const { code, stdout } = await profile("model.ts", "--json");
    assert.equal(code, 0);
    const report = JSON.parse(stdout);
    const keys = [
      "schema",
      "file",
      "ok",
      "totalMs",
      "unaccountedMs",
      "steps",
      "calls",
      "ops",
      "lines",
      "modules",
      "memory",
      "gc",
      "notes",
    ];
    assert.deepEqual(Object.keys(report), keys);
    const charged = report.lines.reduce(
      (sum: number, line: { forwardMs: number; backwardMs: number }) => sum + line.forwardMs + line.backwardMs,
      0,
    );
    assert.ok(Math.abs(charged + report.unaccountedMs - report.totalMs) < 1e-6);
    assert.deepEqual([report.schema, report.file, report.ok, report.steps], [1, "model.ts", true, 20]);
    const adam = report.ops.find(({ name }: { name: string }) => name === "Adam.step");
    assert.deepEqual([adam.kind, adam.count, adam.file, adam.line], ["optimizer", 20, "model.ts", 8]);
    assert.equal(report.memory.owners.optimizer, 2 * 4 * (16 * 32 + 32 + 32 + 1));
  });

  it("writes a trace, a profile for speedscope and a table, and reads its own trace", async () => {
    const files = ["--trace", "t.json", "--speedscope", "s.json", "--csv", "ops.csv"];
    const { code, stdout } = await profile("model.ts", ...files);
    assert.equal(code, 0);
    assert.match(stdout, /^next: open t\.json in ui\.perfetto\.dev$/m);
    assert.ok(JSON.parse(contentOf("t.json")).traceEvents.length > 400);
    assert.equal(JSON.parse(contentOf("s.json")).profiles[0].type, "evented");
    assert.match(contentOf("ops.csv"), /^name,kind,.*\r\n(?:[\s\S]*\r\n)?linear,forward,/);
    const again = await profile("t.json");
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^AddmmBackward0 +backward +40 /m);
    assert.match(again.stdout, /[\d,]+ spans · 4 threads|[\d,]+ spans · 5 threads/);
  });

  it("tells of garbage collection, and the trace has it in a lane of its own", async () => {
    const { code, stdout } = await profile("garbage.ts", "--json", "--trace", "garbage.json");
    const { gc } = JSON.parse(stdout);
    assert.ok(code === 0 && gc.count > 0 && gc.totalMs > 0, JSON.stringify(gc));
    assert.match(contentOf("garbage.json"), /"args":\{"name":"Garbage collection"\}/);
    assert.match(contentOf("garbage.json"), /"cat":"gc","name":"gc: young"/);
  });

  it("takes a recording that was kept", async () => {
    await gradlens(["run", "model.ts", "--save", "kept.gradlens"], { cwd: folder });
    const { code, stdout } = await profile("kept.gradlens", "--json");
    assert.deepEqual([code, JSON.parse(stdout).steps], [0, 20]);
  });

  it("takes a trace of PyTorch, packed or not", async () => {
    const fixture = path.resolve(import.meta.dirname, "../fixtures/traces/pytorch-1.13.json");
    copyFileSync(fixture, path.join(folder, "pytorch.json"));
    writeFileSync(path.join(folder, "pytorch.json.gz"), gzipSync(readFileSync(fixture)));
    for (const file of ["pytorch.json", "pytorch.json.gz"]) {
      const { code, stdout, stderr } = await profile(file);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^aten::pow +forward +2 +801 µs +49\.3% +806 µs$/m);
      assert.match(stdout, /^1\.63 ms · 141 spans · 1 thread$/m);
    }
  });

  it("shows what there is of a run that failed, and ends with 1", async () => {
    const { code, stdout } = await profile("throws.ts");
    assert.equal(code, 1);
    assert.match(stdout, /^AddmmBackward0 /m);
    assert.match(stdout, /^error {2}Error: late \(throws\.ts:11\)$/m);
  });

  it("shows what there is of a trace that was cut off, and says so", async () => {
    const { code, stdout, stderr } = await profile("cut.json");
    assert.equal(code, 0);
    assert.match(stderr, /^The trace is cut off: what comes before the cut is shown\.$/m);
    assert.match(stdout, /^a +other +1 +5\.00 µs/m);
  });

  for (const [file, message] of [
    ["empty.json", /empty\.json: The file is empty\./],
    ["junk.json", /junk\.json: This is no trace: it is not JSON\./],
    ["nowhere.json", /There is no file nowhere\.json\./],
    ["huge.gradlens", /huge\.gradlens: The recording is too large to be opened: it has more than 1 GB\./],
  ] as const)
    it(`refuses ${file} with 2 and a sentence`, async () => {
      const { code, stderr } = await profile(file);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
});
