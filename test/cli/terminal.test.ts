import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { Terminal } from "../../extension/cli/terminal.ts";
import { type TextColumn, textTable } from "../../extension/cli/textTable.ts";
import { cli, folderWith, gradlens } from "./program.ts";

const esc = "\u001b";

/** A stream that is a screen of so many columns, or none, and what was written to it. */
function stream(columns: number | null): WriteStream & { readonly text: string } {
  let text = "";
  const through = new PassThrough().on("data", (data: Buffer) => {
    text += data;
  });
  const screen = columns === null ? {} : { isTTY: true, columns };
  return Object.defineProperty(Object.assign(through, screen), "text", { get: () => text }) as never;
}

describe("the terminal", () => {
  const colours: readonly [columns: number | null, environment: NodeJS.ProcessEnv, coloured: boolean][] = [
    [80, {}, true],
    [80, { NO_COLOR: "1" }, false],
    [80, { NO_COLOR: "" }, true],
    [null, {}, false],
    [null, { FORCE_COLOR: "1" }, true],
    [80, { FORCE_COLOR: "0" }, false],
  ];
  for (const [columns, environment, coloured] of colours) {
    const what = `${columns === null ? "a pipe" : "a screen"} with ${JSON.stringify(environment)}`;
    it(`${coloured ? "colours" : "does not colour"} ${what}`, () => {
      const terminal = new Terminal(stream(columns), stream(columns), environment);
      assert.equal(terminal.style("red", "x") !== "x", coloured);
    });
  }

  it("shows progress on a screen, wipes it before anything else, and never cuts a line of the program in two", () => {
    const out = stream(60);
    const err = stream(60);
    const terminal = new Terminal(out, err, { NO_COLOR: "1" });
    terminal.progress("working");
    terminal.print("result");
    terminal.passOn("stdout", "half");
    terminal.progress("not now");
    terminal.print("next");
    assert.equal(err.text, `\r${esc}[2Kworking\r${esc}[2K`);
    assert.equal(out.text, "result\nhalf\nnext\n");
  });

  it("shows no progress in a pipe", () => {
    const err = stream(null);
    new Terminal(stream(null), err, {}).progress("working");
    assert.equal(err.text, "");
  });

  it("fills the screen, and in a pipe as many columns as COLUMNS says, where it says so", () => {
    const width = (columns: number | null, environment: NodeJS.ProcessEnv): number =>
      new Terminal(stream(columns), stream(columns), environment).width;
    assert.equal(width(80, { COLUMNS: "60" }), 80);
    assert.equal(width(null, { COLUMNS: "60" }), 60);
    assert.equal(width(null, { COLUMNS: "3" }), 40);
    for (const COLUMNS of ["", "0", "-5", "wide"]) assert.equal(width(null, { COLUMNS }), Number.POSITIVE_INFINITY);
    assert.equal(width(null, {}), Number.POSITIVE_INFINITY);
  });

  it("cuts progress to the width of the screen", () => {
    const err = stream(40);
    new Terminal(stream(40), err, { NO_COLOR: "1" }).progress("x".repeat(100));
    assert.equal(err.text, `\r${esc}[2K${"x".repeat(39)}`);
  });
});

describe("a table", () => {
  const columns: readonly TextColumn[] = [
    { title: "name", align: "left", maxWidth: 6 },
    { title: "much", align: "right", maxWidth: 5 },
    { title: "spare", align: "left", maxWidth: 9, spare: 2 },
    { title: "more", align: "left", maxWidth: 9, spare: 1 },
  ];
  const plain = (cell: string): string => cell;
  const rows = [
    ["a", "1", "s1", "m1"],
    ["名前", "22", "s2", "m2"],
    ["longer than that", "3", "", ""],
  ];

  it("aligns its columns, counts wide characters as two and cuts what is too long", () => {
    assert.deepEqual(textTable(columns, rows, Number.POSITIVE_INFINITY, plain), [
      "name    much  spare  more",
      "a          1  s1     m1",
      "名前      22  s2     m2",
      "longe…     3",
    ]);
  });

  it("leaves out what can be spared where it would not fit", () => {
    const titles = (width: number) => textTable(columns, rows, width, plain)[0];
    assert.equal(titles(24), "name    much  more");
    assert.equal(titles(14), "name    much");
    assert.equal(titles(3), "name    much");
  });
});

describe("gradlens in a terminal", () => {
  const model =
    'import { tensor } from "gradlens";\nconst x = tensor(2, { requiresGrad: true });\nx.mul(x).backward();\n';
  const folder = folderWith({ "model.ts": model });
  const command = `stty cols 60; ${process.execPath} ${cli} run model.ts`;
  // util-linux's `script` is the one way to a terminal without a package.
  const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
  const inTerminal = (env: NodeJS.ProcessEnv): Promise<string> =>
    new Promise((resolve, reject) => {
      const clean = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env };
      execFile("script", ["-qec", command, "/dev/null"], { cwd: folder, env: clean }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });

  it("uses no colour and no progress line in a pipe", async () => {
    const { stdout, stderr } = await gradlens(["run", "model.ts"], { cwd: folder });
    assert.ok(!stdout.includes(esc) && !stderr.includes(esc));
  });

  (hasScript ? it : it.skip)("colours a real one and keeps to its width", async () => {
    const text = await inTerminal({});
    assert.ok(text.includes(`${esc}[32m✓ no alerts`), JSON.stringify(text));
    const table = text.split("\r\n").filter((line) => /name|model\.ts:2|non-leaf/.test(line));
    assert.ok(table.length > 0);
    assert.doesNotMatch(text, /dtype/);
  });

  (hasScript ? it : it.skip)("leaves colours away with NO_COLOR", async () => {
    const text = await inTerminal({ NO_COLOR: "1" });
    assert.ok(text.includes("✓ no alerts") && !text.includes(`${esc}[32m`), JSON.stringify(text));
  });
});
