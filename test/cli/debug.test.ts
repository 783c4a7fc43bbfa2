import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { decodeRecording } from "../../engine/recording/file.ts";
import { folderWith, gradlens } from "./program.ts";

const model = `import { tensor } from "gradlens";

const w = tensor([2, 3], { requiresGrad: true });
const y = w.mul(w);
const loss = y.sum();
console.log("forward is done");
loss.backward();
`;

interface Said {
  readonly kind: string;
  readonly text: string;
  readonly [fact: string]: unknown;
}

describe("gradlens debug", () => {
  const folder = folderWith({
    "model.ts": model,
    "my model.ts": model,
    "endless.ts": 'import { tensor } from "gradlens";\ntensor(1);\nfor (;;) {}\n',
    "throws.ts": 'import { tensor } from "gradlens";\nconst x = tensor([1]);\nx.sum();\nthrow new Error("enough");\n',
    "broken.ts": "const = 1;\n",
  });

  const type = (lines: readonly string[], file = "model.ts", more: readonly string[] = []) =>
    gradlens(["debug", file, ...more], { cwd: folder, input: `${lines.join("\n")}\n` });

  /** What is answered, as objects. */
  async function ask(lines: readonly string[], file = "model.ts"): Promise<{ code: number | null; said: Said[] }> {
    const { code, stdout } = await type(lines, file, ["--json"]);
    const said = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Said);
    return { code, said };
  }

  const stops = (said: readonly Said[]) => said.filter(({ kind }) => kind === "stopped");

  it("steps through forward and backward, and back again", async () => {
    const { code, stdout, stderr } = await type(["next", "next", "node", "print w", "node", "back", "where", "quit"]);
    assert.equal(stderr, "");
    assert.equal(
      stdout,
      `start of the program  event 0 of 0
model.ts:1
▸ 1 │ import { tensor } from "gradlens";
mul  event 1 of 1
model.ts:4
▸ 4 │ const y = w.mul(w);
sum  event 2 of 2
model.ts:5
▸ 5 │ const loss = y.sum();
forward is done
SumBackward0  event 4 of 4
model.ts:5
▸ 5 │ const loss = y.sum();
[2, 3]  leaf, requires grad, grad null
MulBackward0  event 5 of 5
model.ts:4
▸ 4 │ const y = w.mul(w);
SumBackward0  event 4 of 5
model.ts:5
▸ 5 │ const loss = y.sum();
▸ SumBackward0  model.ts:5
  (main)  model.ts:5
  ⇠ backward
  (main)  model.ts:7
The program has ended.
`,
    );
    assert.equal(code, 0);
  });

  it("stops at a line forward, and again when the gradient comes through it", async () => {
    const { said } = await ask(["break 4", "continue", "continue", "continue"]);
    const hit = stops(said).filter(({ reason }) => reason === "breakpoint");
    assert.deepEqual(
      hit.map(({ name, line }) => [name, line]),
      [
        ["mul", 4],
        ["MulBackward0", 4],
      ],
    );
  });

  it("knows files with spaces in their names", async () => {
    const { said } = await ask(
      ["break my model.ts:4 backward if true", "continue", "until my model.ts:4 back"],
      "my model.ts",
    );
    const [hit] = stops(said).filter(({ reason }) => reason === "breakpoint");
    assert.deepEqual([hit?.["name"], hit?.["line"]], ["MulBackward0", 4]);
    assert.deepEqual(
      said.filter(({ kind }) => kind === "error"),
      [],
    );
  });

  it("stops at ops by their name, where a condition holds", async () => {
    const { said } = await ask([
      "break MulBackward0 if grad.norm() > 1",
      "break SumBackward0 if grad.norm() > 1e9",
      "c",
    ]);
    assert.equal(stops(said).at(-1)?.["name"], "MulBackward0");
  });

  it("stops when a gradient that is watched changes", async () => {
    const { said } = await ask(["next", "watch w.grad", "c", "print w.grad"]);
    assert.equal(stops(said).at(-1)?.["name"], "AccumulateGrad w");
    assert.equal(said.find(({ kind }) => kind === "value")?.["value"], "[4, 6] float32 [2]");
  });

  it("goes back to what was recorded, and shows what was then", async () => {
    const { said } = await ask(["c", "print w.grad", "goto 2", "print w.grad", "back-continue"]);
    const values = said.filter(({ kind }) => kind === "value").map(({ value }) => value);
    assert.deepEqual(values, ["[4, 6] float32 [2]", "null"]);
    assert.equal(stops(said).at(-1)?.["event"], 0);
  });

  it("changes a tensor of the running program", async () => {
    const { said } = await ask([
      "next",
      "set output[1] = 100",
      "next",
      "next",
      "print loss",
      "node",
      "node",
      "set outgoing 0[0] = 7",
      "c",
      "print w.grad",
    ]);
    assert.deepEqual(
      said.filter(({ kind }) => kind === "error"),
      [],
    );
    const values = said.filter(({ kind }) => kind === "value").map(({ value }) => value);
    // 4 + 100; and 7 + 2 · 1 in place of 2 · (2 · 1).
    assert.deepEqual(values, ["104", "[9, 6] float32 [2]"]);
  });

  it("says what is wrong with a command, and goes on", async () => {
    const { said } = await ask([
      "brake 3",
      "goto 99",
      "print",
      "print nowhere",
      "delete 77",
      "break 1",
      "set w[9] = 1",
      "n",
    ]);
    const errors = said.filter(({ kind }) => kind === "error").map(({ message }) => String(message));
    assert.match(errors[0] ?? "", /no command 'brake'.*break/);
    assert.match(errors[1] ?? "", /from 0 to/);
    assert.match(errors[2] ?? "", /needs an expression/);
    assert.match(errors[3] ?? "", /nowhere/);
    assert.match(errors[4] ?? "", /no breakpoint 77/);
    assert.match(
      String(said.find(({ kind }) => kind === "breakpoint")?.["warning"]),
      /not part of the run|No op can run/,
    );
    assert.equal(stops(said).at(-1)?.["name"], "mul");
  });

  it("warns of a breakpoint that nothing known can stop at", async () => {
    const { said } = await ask([
      "break Nonsense",
      "break mul",
      "break MulBackward0",
      "break 999",
      "break 8",
      "break 4",
    ]);
    const warnings = said.filter(({ kind }) => kind === "breakpoint").map(({ warning }) => warning);
    assert.deepEqual(warnings, [
      "No op, node or module called Nonsense is known yet.",
      null,
      null,
      "There is no line 999: the file has 7.",
      "There is no line 8: the file has 7.",
      null,
    ]);
  });

  it("knows the names of what has run", async () => {
    const { said } = await ask([
      "next",
      "next",
      "node",
      "node",
      "break AccumulateGrad",
      "node",
      "break AccumulateGrad",
    ]);
    const warnings = said.filter(({ kind }) => kind === "breakpoint").map(({ warning }) => warning);
    assert.deepEqual(warnings, ["No op, node or module called AccumulateGrad is known yet.", null]);
  });

  it("stops where the program throws, and ends with 1", async () => {
    const { code, said } = await ask(["c", "c"], "throws.ts");
    assert.ok(said.some(({ kind, text }) => kind === "stopped" && /enough/.test(text)));
    assert.equal(code, 1);
  });

  it("tells what does not compile", async () => {
    const { code, stdout, stderr } = await type(["c", "c"], "broken.ts");
    assert.match(stdout + stderr, /broken\.ts.*1/s);
    assert.equal(code, 1);
  });

  it("ends an endless loop after --timeout", async () => {
    const { code, stdout } = await type(["c", "c"], "endless.ts", ["--timeout", "1"]);
    assert.match(stdout, /ended with 1/);
    assert.equal(code, 1);
  });

  it("keeps the recording, and steps through it without running anything", async () => {
    const kept = path.join(folder, "kept.gradlens");
    await type(["c", "c"], "model.ts", ["--save", kept]);
    assert.ok(existsSync(kept));
    assert.ok(decodeRecording(readFileSync(kept)).tables.events.rows > 4);
    const { said } = await ask(["node", "print w", "set w[0] = 1"], kept);
    assert.equal(stops(said).at(-1)?.["name"], "SumBackward0");
    assert.ok(!said.some(({ kind }) => kind === "output"));
    assert.match(String(said.find(({ kind }) => kind === "error")?.["message"]), /recording can't be changed/);
  });

  it("starts again, and keeps its breakpoints", async () => {
    const { said } = await ask(["break 5 forward", "c", "restart", "c"]);
    assert.deepEqual(
      stops(said).map(({ name }) => name),
      ["start of the program", "sum", "start of the program", "sum"],
    );
  });

  it("explains every command", async () => {
    const { stdout } = await type(["help"]);
    for (const word of ["break", "back-continue", "print", "where", "watch", "quit"])
      assert.ok(stdout.includes(`  ${word}`));
  });

  it("refuses a file that is not there", async () => {
    const { code, stderr } = await type([], "nothing.ts");
    assert.equal(code, 2);
    assert.match(stderr, /no file nothing\.ts/);
  });
});
