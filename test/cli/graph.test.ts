import assert from "node:assert/strict";
import { xmlProblem } from "../support/wellFormedXml.ts";
import { folderWith, gradlens } from "./program.ts";

const model = `import { tensor } from "gradlens";
console.log("this goes nowhere");
const x = tensor(3, { requiresGrad: true });
const y = x.mul(2).add(5).pow(2);
y.backward();
`;

describe("gradlens graph", () => {
  const folder = folderWith({
    "model.ts": model,
    "throws.ts": `${model}throw new Error("late");\n`,
    "names.ts": `import { tensor } from "gradlens";
const o: Record<string, ReturnType<typeof tensor>> = {};
o['"]; evil [<&>\\n'] = tensor(3, { requiresGrad: true });
Object.values(o)[0]?.mul(2).backward();
`,
  });
  const graph = (...args: string[]) => gradlens(["graph", ...args], { cwd: folder });

  it("prints DOT when nothing is said", async () => {
    const { code, stdout } = await graph("model.ts");
    assert.equal(code, 0);
    assert.match(stdout, /^digraph \w+ \{\n[\s\S]*\n\}\n$/);
    assert.doesNotMatch(stdout, /goes nowhere/);
    for (const label of ["× 2", "+ 5", "^2"]) assert.ok(stdout.includes(`label="${label}"`), label);
    const nodes = stdout.match(/^ {2}n\d+ \[/gm) ?? [];
    const edges = stdout.match(/^ {2}n\d+ -> n\d+/gm) ?? [];
    assert.deepEqual([nodes.length, edges.length], [5, 4], stdout);
  });

  it("prints SVG that is well-formed, with the names of the tensors", async () => {
    const { code, stdout } = await graph("model.ts", "--format", "svg");
    assert.equal(code, 0);
    assert.equal(xmlProblem(stdout), null);
    assert.match(stdout, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    for (const name of [">x<", ">y<"]) assert.ok(stdout.includes(name), name);
  });

  for (const args of [["--format", "json"], ["--json"]]) {
    it(`prints the graph as JSON with ${args.join(" ")}`, async () => {
      const { stdout } = await graph("model.ts", ...args);
      const { nodes, edges, backward } = JSON.parse(stdout);
      assert.deepEqual([nodes.length, edges.length, backward.length > 0], [5, 4, true]);
    });
  }

  it("is the same for a run and for its recording", async () => {
    await gradlens(["run", "model.ts", "--save", "kept.gradlens"], { cwd: folder });
    assert.equal((await graph("kept.gradlens")).stdout, (await graph("model.ts")).stdout);
  });

  it("lets no name break out of the file it writes", async () => {
    const dot = await graph("names.ts");
    assert.match(dot.stdout, /\\"\]; evil \[/);
    assert.equal(xmlProblem((await graph("names.ts", "--format", "svg")).stdout), null);
  });

  it("draws what there is of a run that failed, and ends with 1", async () => {
    const { code, stdout, stderr } = await graph("throws.ts");
    assert.equal(code, 1);
    assert.match(stdout, /^digraph/);
    assert.match(stderr, /^Error: late \(throws\.ts:6\)$/m);
  });
});
