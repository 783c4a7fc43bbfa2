import assert from "node:assert/strict";
import { findGradcheckCalls } from "../../extension/runner/gradchecks/findCalls.ts";
import { ignoredBy } from "../../extension/runner/gradchecks/ignored.ts";

const header = 'import { autograd, gradcheck, gradgradcheck } from "gradlens";\n';
const found = (code: string): string[] =>
  findGradcheckCalls(header + code).map(
    ({ kind, subject, line, column }) => `${line - 1}:${column} ${kind} ${subject}`,
  );

describe("gradchecks found in a text", () => {
  it("are calls, by any way of naming them", () => {
    assert.deepEqual(
      found("gradcheck(cube, [x]);\n  autograd.gradgradcheck(\n    (a, b) => f(a, b),\n    [x, y],\n  );\n"),
      ["1:1 gradcheck cube", "2:12 gradgradcheck (a, b) => f(a, b)"],
    );
    assert.deepEqual(found("if (!gradcheck(f, [x])) console.log(1);"), ["1:6 gradcheck f"]);
    assert.deepEqual(found("const ok = flag ? gradcheck(f, x) : gradcheck<T>(g, x);"), [
      "1:19 gradcheck f",
      "1:37 gradcheck g",
    ]);
  });

  it("are not those in comments, strings, templates and regular expressions", () => {
    assert.deepEqual(
      found("// gradcheck(a)\n/* gradcheck(b)\n */ const s = 'gradcheck(c)', t = \"gradcheck(d)\";"),
      [],
    );
    assert.deepEqual(found('const r = /gradcheck(e)[/"]/; const q = a / gradcheck(f) / 2;'), ["1:45 gradcheck f"]);
    assert.deepEqual(found("const t = `gradcheck(g) $".concat("{gradcheck(h, `$", "{{ a: 1 }.a}`)} gradcheck(i)`;")), [
      "1:27 gradcheck h",
    ]);
    assert.deepEqual(found("const s = 'it\\\\'s'; // don't\ngradcheck(j);"), ["2:1 gradcheck j"]);
  });

  it("are not definitions, other names, or texts that import nothing", () => {
    assert.deepEqual(
      found(
        "function gradcheck(a) { }\nclass A { gradcheck(report: R): void { } }\nmygradcheck(a); gradcheck_(b); gradcheck;",
      ),
      [],
    );
    assert.deepEqual(findGradcheckCalls("gradcheck(f, [x]);"), []);
  });

  it("are found at once in a long text that is no program", () => {
    const long = header.concat("/* ` ' ( { ".repeat(50_000));
    assert.deepEqual(findGradcheckCalls(long), []);
    assert.equal(findGradcheckCalls(header.concat("gradcheck(".repeat(300))).length, 300);
  });
});

describe("ignored files", () => {
  it("are those of packages, builds, hidden folders and .gitignore", () => {
    const isIgnored = ignoredBy("# models\ngenerated/\n/top.ts\n*.gen.ts\n!keep.gen.ts\nsome/**/deep\n");
    const paths =
      "a.ts node_modules/a.ts x/.git/a.ts dist/a.ts x/generated/a.ts top.ts x/top.ts a.gen.ts keep.gen.ts some/x/y/deep/a.ts";
    assert.deepEqual(
      paths.split(" ").filter((file) => !isIgnored(file)),
      ["a.ts", "x/top.ts", "keep.gen.ts"],
    );
  });

  it("are none for a line that is no pattern", () => {
    const isIgnored = ignoredBy("open[\nb.ts\n");
    assert.deepEqual(["open[", "a.ts", "b.ts"].map(isIgnored), [false, false, true]);
  });
});
