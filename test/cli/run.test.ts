import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodeRecording } from "../../engine/recording/file.ts";
import { ended, folderWith, gradlens, start } from "./program.ts";
import { reportShape } from "./reportShape.ts";

const square = `import { tensor } from "gradlens";
const x = tensor(3, { requiresGrad: true });
const y = x.mul(x);
y.backward();
console.log("grad", x.grad?.item());
`;

const training = `import { gradcheck, optim, tensor } from "gradlens";
const w = tensor([1, 2], { requiresGrad: true });
const optimizer = new optim.SGD([w], { lr: 0.1 });
for (let i = 0; i < 3; i++) {
  optimizer.zeroGrad();
  w.mul(w).sum().backward();
  optimizer.step();
}
gradcheck((x) => x.mul(x), [tensor([1, 2], { dtype: "float64", requiresGrad: true })]);
`;

const nan = `import { tensor } from "gradlens";
const x = tensor([0, 1], { requiresGrad: true });
const root = x.mul(x).sqrt();
root.sum().backward();
`;

const throws = `function fail(): never {
  throw new RangeError("too far");
}
fail();
`;

describe("gradlens run", () => {
  const folder = folderWith({
    "square.ts": square,
    "training.ts": training,
    "nan.ts": nan,
    "throws.ts": throws,
    "broken.ts": 'import { tensor } from "gradlens";\nconst x = = tensor(1);\n',
    "missing.ts": 'console.log("never");\nimport { a } from "./nowhere";\nconsole.log(a);\n',
    "loop.ts": 'console.log("in");\nwhile (true);\n',
    "hungry.ts":
      "const kept: unknown[] = [];\nfor (;;) {\n  kept.push(new Float64Array(1e6).fill(1));\n  await new Promise((done) => setTimeout(done, 1));\n}\n",
    "names.ts": `import { tensor } from "gradlens";
const o: Record<string, unknown> = {};
o["\\u001b[31mred\\u0007"] = tensor(1, { requiresGrad: true });
o["<img onerror=alert(1)>"] = tensor(2);
o["two\\nlines \\u202e backwards"] = tensor(3);
throw new Error("\\u001b[2J gone\\u009b");
`,
    "half.ts": 'process.stdout.write("no line end");\n',
    "exit.ts": "process.exit(0);\n",
    "exit3.ts": "process.exit(3);\n",
    "timer.ts": 'setInterval(() => {}, 100);\nconsole.log("done");\n',
  });
  const json = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await gradlens(["run", ...args, "--json"], { cwd: folder });
    return { code, stderr, report: JSON.parse(stdout) };
  };

  for (const file of ["square.ts", "training.ts", "nan.ts", "throws.ts", "broken.ts", "missing.ts"]) {
    it(`prints the report of the contract for ${file}`, async () => {
      const { report } = await json([file]);
      assert.deepEqual(reportShape(report, "report"), []);
    });
  }

  it("prints one line of JSON and nothing else", async () => {
    const { stdout, stderr } = await gradlens(["run", "square.ts", "--json"], { cwd: folder });
    assert.equal(stdout.trimEnd().split("\n").length, 1);
    assert.equal(stderr, "");
  });

  it("reports values, gradients and their lines", async () => {
    const { code, report } = await json(["square.ts"]);
    assert.equal(code, 0);
    assert.deepEqual(
      { file: report.file, ok: report.ok, ops: report.ops, error: report.error },
      { file: "square.ts", ok: true, ops: { forward: 1, backward: 1 }, error: null },
    );
    const [x, y] = report.tensors;
    assert.deepEqual([x.name, x.line, x.isLeaf, x.grad.sample, x.gradStatus], ["x", 2, true, [6], "present"]);
    assert.deepEqual([y.name, y.line, y.gradFn, y.value.sample], ["y", 3, "MulBackward0", [9]]);
    assert.deepEqual([y.gradStatus, y.gradReason], ["not-retained", "non-leaf"]);
    assert.deepEqual(report.console, [{ stream: "stdout", text: "grad 6\n" }]);
  });

  it("reports what else there is to know about the run", async () => {
    const { report } = await json(["timer.ts"]);
    assert.equal(report.notes.length, 1);
    assert.deepEqual((await json(["square.ts"])).report.notes, []);
  });

  it("says with which exit code a kept run ended itself", async () => {
    await gradlens(["run", "exit3.ts", "--save", "exit3.gradlens"], { cwd: folder });
    const { code, report } = await json(["exit3.gradlens"]);
    assert.equal(code, 1);
    assert.match(report.error?.message ?? "", /exit code 3/);
  });

  it("says that no timer is so long, and runs all the same", async () => {
    const { code, report } = await json(["square.ts", "--timeout", "1e9"]);
    assert.equal(code, 0);
    assert.match(report.notes.join(), /--timeout 1000000000 is longer than a timer can be.*24 days/);
  });

  it("is content with a program that ends itself with exit code 0", async () => {
    const { code, report } = await json(["exit.ts"]);
    assert.deepEqual([code, report.ok, report.error], [0, true, null]);
  });

  it("reports training steps and gradchecks", async () => {
    const { code, report } = await json(["training.ts"]);
    assert.equal(code, 0);
    assert.deepEqual(
      report.steps.map(({ step }: { step: number }) => step),
      [0, 1, 2],
    );
    assert.equal(report.steps[0].loss, 5);
    assert.ok(Math.abs(report.steps[0].gradNorm - 2 * Math.sqrt(5)) < 1e-4);
    assert.deepEqual([report.gradchecks.length, report.gradchecks[0].passed], [1, true]);
    assert.equal(report.gradchecks[0].line, 9);
  });

  it("says at which line a NaN was born, and ends with 1", async () => {
    const { code, report } = await json(["nan.ts"]);
    assert.equal(code, 1);
    const [alert] = report.alerts;
    assert.deepEqual([alert.severity, alert.file, alert.line, alert.origin.op], ["error", "nan.ts", 3, "sqrt"]);
    assert.equal(report.tensors[0].gradStatus, "nonfinite");
  });

  it("has every tensor with --all", async () => {
    const some = (await json(["nan.ts"])).report.tensors;
    const all = (await json(["nan.ts", "--all"])).report.tensors;
    assert.ok(all.length > some.length, `${all.length} against ${some.length}`);
    const ids = all.map(({ id }: { id: number }) => id);
    for (const { id } of some) assert.ok(ids.includes(id));
  });

  it("says where an exception was thrown", async () => {
    const { code, report } = await json(["throws.ts"]);
    assert.equal(code, 1);
    const { name, message, file, line, stack } = report.error;
    assert.deepEqual([name, message, file, line], ["RangeError", "too far", "throws.ts", 2]);
    assert.deepEqual(
      stack.map((frame: { function: string | null; line: number }) => [frame.function, frame.line]),
      [
        ["fail", 2],
        [null, 4],
      ],
    );
    const { stdout } = await gradlens(["run", "throws.ts"], { cwd: folder });
    assert.match(stdout, /^throws\.ts:2:\d+ {2}RangeError {2}too far$/m);
  });

  it("says where a file does not compile", async () => {
    const { code, report } = await json(["broken.ts"]);
    assert.deepEqual([code, report.ok, report.error.file, report.error.line], [1, false, "broken.ts", 2]);
    const { stdout } = await gradlens(["run", "broken.ts"], { cwd: folder });
    assert.match(stdout, /^broken\.ts:2:11 {2}does not compile {2}/m);
  });

  it("says which import is missing, and where", async () => {
    const { code, report } = await json(["missing.ts"]);
    assert.deepEqual([code, report.error.file, report.error.line], [1, "missing.ts", 2]);
    assert.match(report.error.message, /nowhere/);
    assert.deepEqual(report.console, []);
  });

  it("stops an endless loop after --timeout and keeps what it printed", async () => {
    const began = performance.now();
    const { code, report } = await json(["loop.ts", "--timeout", "2"]);
    assert.ok(performance.now() - began < 20_000);
    assert.deepEqual([code, report.ok, report.error.name], [1, false, "timeout"]);
    assert.match(report.error.message, /limit of 2 s/);
    assert.deepEqual(report.console, [{ stream: "stdout", text: "in\n" }]);
    assert.deepEqual(reportShape(report, "report"), []);
  });

  it("stops a program that needs more than --max-memory", async () => {
    const { code, report } = await json(["hungry.ts", "--max-memory", "400"]);
    assert.deepEqual([code, report.error.name], [1, "out-of-memory"]);
    assert.match(report.error.message, /400 MB/);
  });

  it("is stopped by Ctrl+C and shows what there is", async () => {
    const child = start(["run", "loop.ts"], { cwd: folder });
    child.stdout?.once("data", () => child.kill("SIGINT"));
    const { code, stdout } = await ended(child);
    assert.equal(code, 1);
    assert.match(stdout, /^in\n/);
    assert.match(stdout, /✗ stopped/);
  });

  it("shows tensors as a table, and what to do next", async () => {
    const { code, stdout } = await gradlens(["run", "square.ts"], { cwd: folder });
    assert.equal(code, 0);
    const lines = stdout.split("\n");
    assert.equal(lines[0], "grad 6");
    assert.match(stdout, /^name +shape +dtype +kind +value +‖∇‖ +where$/m);
    assert.match(stdout, /^x +\[\] +float32 +leaf +3\.000 +6\.000 +square\.ts:2$/m);
    assert.match(stdout, /^y +\[\] +float32 +non-leaf +9\.000 +square\.ts:3$/m);
    assert.match(stdout, /✓ no alerts · 1 ops forward, 1 backward/);
    assert.match(stdout, /^next: /m);
  });

  it("starts its own text on a line of its own", async () => {
    const { stdout } = await gradlens(["run", "half.ts"], { cwd: folder });
    assert.match(stdout, /^no line end\n\n✓ no alerts/);
  });

  it("tells people, not programs, about timers that were left", async () => {
    const { code, stdout, stderr } = await gradlens(["run", "timer.ts", "--json"], { cwd: folder });
    assert.equal(code, 0);
    assert.match(stderr, /1 timers were left/);
    assert.equal(JSON.parse(stdout).ok, true);
  });

  it("lets no name and no message steer the terminal", async () => {
    const { code, stdout, stderr } = await gradlens(["run", "names.ts"], { cwd: folder });
    assert.equal(code, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    // Names are as the program writes them, with their escapes; a message is what it came to.
    assert.ok(stdout.includes(String.raw`o["\x1B[31mred\x07"]`), stdout);
    assert.ok(stdout.includes("␛[2J gone\ufffd"), stdout);
    assert.match(stdout, /two\\nlines \ufffd backwards/);
  });

  it("ends quietly when nobody reads on", async () => {
    const child = start(["run", "training.ts"], { cwd: folder });
    child.stdout?.destroy();
    const { stderr } = await ended(child);
    assert.equal(stderr, "");
  });

  it("refuses a place for --save before it runs anything", async () => {
    for (const place of ["nowhere/kept.gradlens", "."]) {
      const { code, stdout, stderr } = await gradlens(["run", "square.ts", "--save", place], { cwd: folder });
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /can't be written: name a file in a folder that is there/);
    }
  });

  it("keeps the recording with --save, and reads it again", async () => {
    const kept = path.join(folder, "kept.gradlens");
    const first = await json(["training.ts", "--save", "kept.gradlens"]);
    const recording = decodeRecording(readFileSync(kept));
    assert.equal(recording.meta.file, path.join(folder, "training.ts"));
    assert.equal(recording.meta.outcome, "ok");
    const again = await json(["kept.gradlens"]);
    assert.deepEqual(again, first);
  });

  it("keeps the recording of a run that failed, too", async () => {
    const first = await json(["throws.ts", "--save", "failed.gradlens"]);
    const again = await json(["failed.gradlens"]);
    assert.equal(again.code, 1);
    assert.deepEqual(again.report, first.report);
  });
});
