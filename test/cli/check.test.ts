import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { xmlProblem } from "../support/wellFormedXml.ts";
import { ended, folderWith, gradlens, start } from "./program.ts";

const header = `import { autograd, gradcheck, tensor, type Tensor } from "gradlens";
class Cube extends autograd.Function {
  static sign = 3;
  static forward(ctx: autograd.FunctionCtx, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).mul(x);
  }
  static backward(ctx: autograd.FunctionCtx, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x.mul(x).mul(this.sign));
  }
}
class Wrong extends Cube {
  static override sign = -3;
}
const x = tensor([0.5, 2], { dtype: "float64", requiresGrad: true });
const right = (a: Tensor) => Cube.apply(a);
const wrong = (a: Tensor) => Wrong.apply(a);
`;

describe("gradlens check", () => {
  const folder = folderWith({
    "right.ts": `${header}gradcheck(right, [x]);\n`,
    "wrong.ts": `${header}gradcheck(right, [x]);\ngradcheck(wrong, [x], { raiseException: false });\n`,
    "throws.ts": `${header}gradcheck(wrong, [x]);\n`,
    "crash.ts": `${header}gradcheck(right, [x]);\nthrow new Error('<boom> & "bust"\\u0001');\n`,
    "none.ts": "export {};\n",
    "broken.ts": "const = 1;\n",
    "models/deep/right.ts": `${header}gradcheck(right, [x]);\n`,
    "models/deep/mentions.ts": '// gradlens: gradcheck(f, [x])\nconst text = "gradcheck(f)";\n',
    "models/ignored/wrong.ts": `${header}gradcheck(wrong, [x]);\n`,
    "models/.gitignore": "ignored/\n",
    "composite.ts": `${header}gradcheck((a: Tensor) => wrong(a.sin()).exp(), [x], { raiseException: false });\n`,
    "inputs.ts": `${header}gradcheck(right, [tensor([1, 2], { dtype: "int32" })]);\n`,
    "mine.ts": `${header}gradcheck(() => { throw new TypeError("mine"); }, [x]);\n`,
    "bare/none.ts": "export {};\n",
    "slow.ts": `${header}gradcheck((a: Tensor) => { console.log("on"); for (;;) a.mul(2); }, [x]);\n`,
    "forever.ts": `${header}gradcheck((a: Tensor) => { for (;;) a.mul(2); }, [x]);\n`,
  });
  const check = (...args: string[]) => gradlens(["check", ...args], { cwd: folder });

  it("ends with 0 when all gradchecks pass", async () => {
    const { code, stdout } = await check("right.ts");
    assert.equal(code, 0);
    assert.match(stdout, /^right\.ts:19 {2}✓ .*right.* largest error \d/m);
    assert.match(stdout, /\n1 passed, 0 failed\n$/);
  });

  it("ends with 1 and shows both Jacobians when one fails, in the order of the files", async () => {
    const { code, stdout } = await check("right.ts", "wrong.ts");
    assert.equal(code, 1);
    assert.match(stdout, /right\.ts:19 {2}✓[\s\S]*wrong\.ts:19 {2}✓[\s\S]*wrong\.ts:20 {2}✗/);
    assert.match(stdout, /numerical[\s\S]*analytical/);
    assert.match(stdout, /\n2 passed, 1 failed\n$/);
  });

  it("counts a gradcheck that throws once", async () => {
    const { code, stdout } = await check("throws.ts");
    assert.equal(code, 1);
    assert.match(stdout, /\n0 passed, 1 failed\n$/);
  });

  it("counts a file that fails for another reason, at its line", async () => {
    const { code, stdout } = await check("crash.ts", "broken.ts");
    assert.equal(code, 1);
    assert.match(stdout, /^crash\.ts:20 {2}✗ the run$/m);
    assert.match(stdout, /^broken\.ts:1 {2}✗ the run$/m);
    assert.match(stdout, /\n1 passed, 2 failed\n$/);
  });

  it("says when a file has no gradchecks", async () => {
    const { code, stdout } = await check("none.ts");
    assert.equal(code, 0);
    assert.match(stdout, /^none\.ts {2}no gradchecks$/m);
  });

  it("prints one object with --json", async () => {
    const { code, stdout } = await check("wrong.ts", "crash.ts", "--json");
    assert.equal(code, 1);
    const { schema, ok, gradchecks } = JSON.parse(stdout);
    assert.deepEqual([schema, ok], [1, false]);
    const brief = gradchecks.map((one: { file: string; line: number; passed: boolean }) => [
      one.file,
      one.line,
      one.passed,
    ]);
    assert.deepEqual(brief, [
      ["wrong.ts", 19, true],
      ["wrong.ts", 20, false],
      ["crash.ts", 19, true],
      ["crash.ts", 20, false],
    ]);
    const { worst, maxAbsError } = gradchecks[1];
    assert.deepEqual([worst.row, worst.col, worst.analytical], [1, 1, -12]);
    assert.ok(Math.abs(worst.numerical - 12) < 1e-5 && Math.abs(maxAbsError - 24) < 1e-5);
  });

  it("writes JUnit that is well-formed", async () => {
    await check("wrong.ts", "crash.ts", "--junit", "junit.xml");
    const xml = readFileSync(path.join(folder, "junit.xml"), "utf8");
    assert.equal(xmlProblem(xml), null);
    assert.match(xml, /<testsuites tests="4" failures="2">/);
    assert.match(xml, /<testsuite name="wrong.ts" tests="2" failures="1">/);
    assert.match(
      xml,
      /<testcase name="[^"]*wrong[^"]*\(line 20\)" classname="wrong.ts" file="wrong.ts" line="20"><failure /,
    );
    assert.match(xml, /&lt;boom&gt; &amp; &quot;bust&quot;\ufffd/);
  });

  it("writes SARIF with the failures at their lines", async () => {
    await check("wrong.ts", "crash.ts", "--sarif", "out.sarif");
    const sarif = JSON.parse(readFileSync(path.join(folder, "out.sarif"), "utf8"));
    assert.equal(sarif.version, "2.1.0");
    const [{ tool, results }] = sarif.runs;
    assert.equal(tool.driver.name, "gradlens");
    const rules = tool.driver.rules.map(({ id }: { id: string }) => id);
    for (const { ruleId, level, message } of results) {
      assert.ok(rules.includes(ruleId) && level === "error" && message.text.length > 0);
    }
    const places = results.map(
      (one: {
        locations: [{ physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }];
      }) => {
        const { artifactLocation, region } = one.locations[0].physicalLocation;
        return `${artifactLocation.uri}:${region.startLine}`;
      },
    );
    assert.deepEqual(places, ["wrong.ts:20", "crash.ts:20"]);
  });

  it("takes folders, of which it runs the files with gradchecks, and globs", async () => {
    const inFolder = await check("models");
    assert.equal(inFolder.code, 0);
    assert.match(inFolder.stdout, /^models\/deep\/right\.ts:19 {2}✓ [^\n]*\n\n1 passed, 0 failed\n$/);
    const byGlob = await check("models/**/*.ts", "right.ts", "right.ts");
    assert.equal(byGlob.code, 1);
    assert.match(byGlob.stdout, /\n2 passed, 1 failed\n$/);
    assert.equal((await check("nothing-*.ts")).code, 2);
    assert.equal((await check("models/ignored/..", "bare")).code, 0);
    const bare = await check("bare");
    assert.equal(bare.code, 2);
    assert.match(bare.stderr, /No file in bare calls gradcheck/);
  });

  it("passes over a link that leads nowhere", async () => {
    symlinkSync("nowhere.ts", path.join(folder, "models", "broken.ts"));
    assert.equal((await check("models")).code, 0);
  });

  it("is stopped by Ctrl+C, with the files that have not run yet", async () => {
    const child = start(["check", "right.ts", "slow.ts", "wrong.ts"], { cwd: folder });
    let timer: NodeJS.Timeout | undefined;
    child.stdout?.once("data", () => {
      timer = setInterval(() => child.kill("SIGINT"), 1000);
    });
    const { code, stdout } = await ended(child).finally(() => clearInterval(timer));
    assert.equal(code, 1);
    assert.match(stdout, /right\.ts:19 {2}✓/);
    assert.match(stdout, /slow\.ts[^\n]*✗/);
    assert.doesNotMatch(stdout, /wrong\.ts/);
  });

  it("names the cause, and the line in the backward that is to blame in a composition", async () => {
    const { stdout } = await check("composite.ts", "--json");
    const [{ cause, blame, diagnosis, line }] = JSON.parse(stdout).gradchecks;
    assert.deepEqual(
      { cause, blame, line },
      { cause: "sign", blame: { op: "Wrong", file: "composite.ts", line: 10 }, line: 19 },
    );
    assert.match(diagnosis, /^The gradient that Wrong gives its input 0 has the wrong sign\./);
    const sarif = path.join(folder, "blame.sarif");
    const { stdout: text } = await check("composite.ts", "--sarif", sarif);
    assert.match(text, /composite\.ts:10 {2}Wrong is to blame/);
    const [result] = JSON.parse(readFileSync(sarif, "utf8")).runs[0].results;
    assert.equal(result.ruleId, "gradcheck/sign");
    assert.equal(result.locations[0].physicalLocation.region.startLine, 19);
    assert.equal(result.relatedLocations[0].physicalLocation.region.startLine, 10);
  });

  it("counts a check that cannot be made once, and says why", async () => {
    const { code, stdout } = await check("inputs.ts", "mine.ts");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /inputs\.ts:19 {2}✗ gradcheck right\n {4}The check could not be made\..* none of them have requiresGrad=true/,
    );
    assert.match(stdout, /mine\.ts:19 {2}✗ gradcheck\n {4}The check could not be made\. TypeError: mine\n/);
    assert.match(stdout, /\n0 passed, 2 failed\n$/);
  });

  it("says which check was going on when the time was up", async () => {
    const { code, stdout } = await check("forever.ts", "--timeout", "1");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /forever\.ts:19 {2}✗ gradcheck\n {4}The check never came to its end: the run was ended by its time limit/,
    );
    assert.match(stdout, /\n0 passed, 1 failed\n$/);
  });
});
