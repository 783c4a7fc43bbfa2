import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { folderWith, gradlens } from "./program.ts";

describe("gradlens report", () => {
  const folder = folderWith({
    "model.ts": `import { gradcheck, nn, optim, randn, tensor } from "gradlens";
const net = new nn.Linear(4, 2);
const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
for (let step = 0; step < 5; step++) {
  optimizer.zeroGrad();
  net.forward(randn(3, 4)).pow(2).mean().backward();
  optimizer.step();
}
gradcheck((x) => x.exp(), [tensor([1, 2], { dtype: "float64", requiresGrad: true })]);
console.log("<b>printed</b> & more");
`,
    "nan.ts": `import { tensor } from "gradlens";
const x = tensor([0, 1], { requiresGrad: true });
x.sqrt().mul(x).sum().backward();
throw new Error("<script>alert(1)</script>");
`,
  });
  const report = (...args: string[]) => gradlens(["report", ...args], { cwd: folder });

  it("writes one page with everything about the run, which loads nothing", async () => {
    const { code, stdout } = await report("model.ts", "--output", "out.html");
    assert.deepEqual([code, stdout], [0, "out.html is written. Open it in any browser.\n"]);
    const page = readFileSync(path.join(folder, "out.html"), "utf8");
    assert.match(page, /^<!doctype html>\n<html lang="en">/);
    for (const id of ["alerts", "training", "tensors", "gradchecks", "graph", "time", "memory", "console"])
      assert.ok(page.includes(`<section id="${id}">`), id);
    for (const words of [
      "SGD.step",
      "net.weight",
      "AddmmBackward0",
      "model.ts:6",
      "✓ passed",
      "&lt;b&gt;printed&lt;/b&gt; &amp; more",
    ])
      assert.ok(page.includes(words), words);
    assert.ok(page.includes("default-src 'none'"));
    assert.doesNotMatch(page, /<script|<link|<iframe|src=|url\(|@import|href="(?!#)/);
    // Every table says what it shows, every picture has a name, every reference leads somewhere.
    assert.equal(page.match(/<table>/g)?.length, page.match(/<caption>[^<]+<\/caption>/g)?.length);
    for (const [picture] of page.matchAll(/<svg viewBox[^>]*>/g))
      assert.match(picture, /role="img" aria-label="[^"]+"/);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(page.includes(`id="${id}"`), id);
  });

  it("prints the page when no file is named, and tells of the error that ended a run without letting its text be markup", async () => {
    const { code, stdout, stderr } = await report("nan.ts");
    assert.equal(code, 1);
    assert.match(stdout, /^<!doctype html>[\s\S]*<\/html>\n$/);
    assert.ok(stdout.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert.doesNotMatch(stdout, /<script/);
    assert.match(stdout, /<article class="alert is-error">/);
    assert.match(stderr, /alert\(1\)/);
  });

  it("takes a recording that was kept", async () => {
    await gradlens(["run", "model.ts", "--save", "kept.gradlens"], { cwd: folder });
    const { code, stdout } = await report("kept.gradlens", "--output", "kept.html", "--json");
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { schema: 1, output: "kept.html", ok: true });
    const printed = JSON.parse((await report("kept.gradlens", "--json")).stdout);
    assert.deepEqual([printed.schema, printed.ok], [1, true]);
    assert.match(printed.html, /^<!doctype html>/i);
  });

  it("says when the page can't be written", async () => {
    const { code, stderr } = await report("model.ts", "--output", path.join("no", "out.html"));
    assert.equal(code, 2);
    assert.match(stderr, /out\.html can't be written/);
  });
});
