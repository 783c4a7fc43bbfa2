import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { describeEnding } from "../../extension/runner/outcome.ts";
import { makeRunner, Observed, Project, runProgram } from "./programs.ts";

describe("loading the user's files", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  /** Runs a program that must succeed and gives what it printed. */
  async function printedBy(files: Readonly<Record<string, string>>): Promise<string> {
    const finished = await runProgram(runner, files);
    assert.equal(finished.outcome.kind, "ok", describeEnding(finished.outcome) + finished.stderr);
    return finished.stdout.trim();
  }

  it("gives TypeScript files their own URL, folder and top-level await", async () => {
    const printed = await printedBy({
      "sub/main.ts":
        'const one: number = await Promise.resolve(1);\nconsole.log(one, import.meta.url.endsWith("/sub/main.ts"), import.meta.dirname.endsWith("sub"));',
    });
    assert.equal(printed, "1 true true");
  });

  it("compiles enums, namespaces, parameter properties and satisfies", async () => {
    const printed = await printedBy({
      "main.ts":
        "enum E { A = 3 } namespace N { export const b = 4; }\nclass P { constructor(readonly x: number) {} }\nexport {};\nconsole.log(E.A, E[3], N.b, new P(5).x satisfies number);",
    });
    assert.equal(printed, "3 A 4 5");
  });

  it("follows the decorators that tsconfig asks for", async () => {
    const main =
      "function seen(target: object, key: unknown) { console.log(typeof key); }\nclass A { @seen x = 1; }\nnew A(); export {};";
    assert.equal(await printedBy({ "main.ts": main }), "object");
    const legacy = { "tsconfig.json": '{ "compilerOptions": { "experimentalDecorators": true } }' };
    assert.equal(await printedBy({ "main.ts": main, ...legacy }), "string");
  });

  it("follows useDefineForClassFields, also through extends", async () => {
    const main =
      "class A { constructor() { this.init(); } init() {} }\nclass B extends A { x: unknown; init() { this.x = 1; } }\nconsole.log(new B().x); export {};";
    assert.equal(await printedBy({ "main.ts": main }), "undefined");
    const printed = await printedBy({
      "main.ts": main,
      "tsconfig.json": '{ "extends": "./base.json" } // comments are fine',
      "base.json": '{ "compilerOptions": { "useDefineForClassFields": false } }',
    });
    assert.equal(printed, "1");
  });

  it("says that a tsconfig cannot be read, and runs without it", async () => {
    const { notes, outcome } = await runProgram(runner, {
      "main.ts": "export {};",
      "tsconfig.json": '{ "extends": "./gone.json" }',
    });
    assert.equal(outcome.kind, "ok");
    assert.deepEqual(
      notes.map(({ kind }) => kind),
      ["bad-tsconfig"],
    );
  });

  it("finds imports without an ending, with .js for .ts, of folders, and through paths and baseUrl", async () => {
    const printed = await printedBy({
      "main.ts": `import { a } from "./a"; import { b } from "./b.js"; import { c } from "./c"; import { d } from "@lib/d"; import { e } from "e/e.js";
import { f } from "./f.mjs"; import { g } from "./g with space"; import { h } from "./h.ts?x=1";
console.log(a, b, c, d, e, f, g, h);`,
      "a.ts": "export const a = 1;",
      "b.ts": "export const b = 2;",
      "c/index.tsx": "export const c = 3;",
      "src/lib/d.ts": "export const d = 4;",
      "src/e/e.ts": "export const e = 5;",
      "f.mts": "export const f = 6;",
      "g with space.ts": "export const g = 7;",
      "h.ts": "export const h = import.meta.url.endsWith('?x=1') ? 8 : 0;",
      "tsconfig.json": '{ "compilerOptions": { "baseUrl": "./src", "paths": { "@lib/*": ["./lib/*"] } } }',
    });
    assert.equal(printed, "1 2 3 4 5 6 7 8");
  });

  it("imports JSON with and without attributes, as a whole and by key", async () => {
    const printed = await printedBy({
      "main.ts":
        'import whole, { lr } from "./data.json"; import strict from "./data.json" with { type: "json" }; import { createRequire } from "node:module";\nconsole.log(whole.lr, lr, strict.lr, createRequire(import.meta.url)("./data.json").lr);',
      "data.json": '\uFEFF{ "lr": 0.1, "a-b": 1, "default": 2 }',
    });
    assert.equal(printed, "0.1 0.1 0.1 0.1");
  });

  it("gives import and require the same one engine", async () => {
    const printed = await printedBy({
      "main.ts":
        'import { tensor, instances } from "gradlens"; import { Tensor } from "gradlens/nn"; import common from "./common.cjs";\nconsole.log(instances, tensor(1) instanceof Tensor, common.make(1) instanceof Tensor, common.instances);',
      "common.cjs": 'const { tensor, instances } = require("gradlens"); module.exports = { make: tensor, instances };',
      "tsconfig.json": '{ "compilerOptions": { "paths": { "gradlens": ["./types.d.ts"] } } }',
      "types.d.ts": "export {};",
    });
    assert.equal(printed, "1 true true 1");
  });

  it("runs CommonJS TypeScript with import =, export = and require.main", async () => {
    const printed = await printedBy({
      "main.cts":
        'import other = require("./other.cjs"); import { tensor } from "gradlens";\nif (require.main === module) console.log(other.x, tensor(2), __filename.endsWith("main.cts"));',
      "other.cts": 'import fs = require("node:fs");\nexport = { x: typeof fs.readFileSync };',
    });
    assert.equal(printed, "function tensor(2) true");
  });

  it("runs a script without imports, and one whose package is CommonJS by type", async () => {
    assert.equal(
      await printedBy({ "main.ts": 'const fs = require("fs"); console.log(typeof fs, require.main === module);' }),
      "object true",
    );
    const printed = await printedBy({
      "main.ts": 'import { x } from "./x"; console.log(x, typeof require);',
      "x.ts": "export const x = 1;",
      "package.json": '{ "type": "commonjs" }',
    });
    assert.equal(printed, "1 function");
  });

  it("gives a file with imports that also needs CommonJS names both", async () => {
    const main =
      'import { tensor } from "gradlens"; import path from "node:path";\nconsole.log(tensor(1), path.basename(__filename), typeof require("fs").readFileSync);';
    assert.equal(await printedBy({ "main.ts": main }), "tensor(1) main.ts function");
  });

  it("lets a module say import x = require(…)", async () => {
    const main =
      'import fs = require("node:fs");\nimport { tensor } from "gradlens";\nconsole.log(typeof fs.readFileSync, tensor(1));';
    assert.equal(await printedBy({ "main.ts": main, "package.json": '{ "type": "module" }' }), "function tensor(1)");
  });

  it("knows itself as the program: argv, import.meta.main", async () => {
    const { stdout } = await runProgram(
      runner,
      {
        "main.ts":
          'import { fileURLToPath } from "node:url"; import "./other.ts";\nconsole.log(import.meta.main, process.argv[1] === fileURLToPath(import.meta.url), process.argv.slice(2), process.cwd() === import.meta.dirname, process.env["COLOR"]);',
        "other.ts": "console.log(import.meta.main);",
      },
      { args: ["--epochs", "3"], env: { COLOR: "blue" } },
    );
    assert.equal(stdout, "false\ntrue true [ '--epochs', '3' ] true blue\n");
  });

  it("takes packages from the user's own node_modules, and instruments those that use the engine", async () => {
    const finished = await runProgram(runner, {
      "main.ts":
        'import plain from "plain"; import { net } from "layers"; import { deep } from "layers/deep";\nnet(); deep();\nconsole.log(plain);',
      "node_modules/plain/package.json": '{ "name": "plain", "main": "index.js" }',
      "node_modules/plain/index.js":
        "module.exports = (function () { return arguments.callee.toString().includes('__' + 'gl'); })();",
      "node_modules/layers/package.json":
        '{ "name": "layers", "type": "module", "exports": { ".": "./index.js", "./deep": "./deep.ts" }, "peerDependencies": { "gradlens": "*" } }',
      "node_modules/layers/index.js": 'import { make } from "./make.js"; export const net = () => make();',
      "node_modules/layers/make.js": 'import { tensor } from "gradlens"; export const make = () => tensor(1);',
      "node_modules/layers/deep.ts": 'import { tensor } from "gradlens"; export const deep = (): unknown => tensor(2);',
    });
    assert.equal(finished.outcome.kind, "ok", describeEnding(finished.outcome));
    assert.equal(finished.stdout, "false\n");
    assert.deepEqual(finished.ops, ["tensor make.js:1:62", "tensor deep.ts:1:71"]);
  });

  it("follows links, so that a linked file is one module and keeps its real place", async () => {
    const project = new Project({
      "real/lib.ts":
        'import { tensor } from "gradlens"; export const w = tensor(1); export const url = import.meta.url;',
      "main.ts":
        'import { w, url } from "./link/lib.ts"; import { w as again } from "./real/lib.ts"; console.log(w === again, url.endsWith("real/lib.ts"));',
    });
    symlinkSync(project.path("real"), project.path("link"));
    symlinkSync(project.path("main.ts"), project.path("start.ts"));
    const observed = new Observed(runner.start({ file: project.path("start.ts") }));
    const outcome = await observed.run.done;
    assert.equal(outcome.kind, "ok", describeEnding(outcome));
    assert.equal(observed.stdout, "true true\n");
    project.dispose();
  });

  it("numbers calls in lines of CRLF files with a byte order mark as the editor does", async () => {
    const finished = await runProgram(runner, {
      "main.ts":
        '\uFEFFimport { tensor } from "gradlens";\r\n\r\nconst w = tensor(1);\r\nw.exp();\r\nthrow new Error("here");\r\n',
    });
    assert.deepEqual(finished.ops, ["tensor main.ts:3:11", "exp main.ts:4:3"]);
    assert.deepEqual(finished.names, ["w"]);
    assert.ok(finished.outcome.kind === "error");
    assert.deepEqual([finished.outcome.error.line, finished.outcome.error.column], [5, 7]);
  });

  it("sets the site of ops that are written as properties, loops and spreads", async () => {
    const finished = await runProgram(runner, {
      "main.ts":
        'import { tensor } from "gradlens";\nconst x = tensor([1, 2]);\nx.T\n  .exp();\nfor (const row of x)\n  row.sum();\nconst l = [\n  ...x];',
    });
    assert.deepEqual(finished.ops, [
      "tensor main.ts:2:11",
      "T main.ts:3:3",
      "exp main.ts:4:4",
      "unbind main.ts:5:19",
      "sum main.ts:6:7",
      "sum main.ts:6:7",
      "unbind main.ts:8:6",
    ]);
  });

  it("gives each file its own range of site numbers, the same in each run", async () => {
    const files = {
      "main.ts": 'import { tensor } from "gradlens"; import "./other.ts"; tensor(1);',
      "other.ts": 'import { tensor } from "gradlens"; tensor(2); tensor(3);',
    };
    const numbers = async () => (await runProgram(runner, files)).tables.map(({ sites }) => sites.map(({ id }) => id));
    const first = await numbers();
    assert.deepEqual(first, [[1], [2, 3]]);
    assert.deepEqual(await numbers(), first);
  });

  it("runs the new text of a file that changed between two runs", async () => {
    const project = new Project({
      "main.ts": 'import { x } from "./x.ts"; console.log(x);',
      "x.ts": "export const x = 1;",
    });
    const print = async () => {
      const observed = new Observed(runner.start({ file: project.path("main.ts") }));
      await observed.run.done;
      return observed.stdout;
    };
    assert.equal(await print(), "1\n");
    project.write("x.ts", "export const x = 2;");
    assert.equal(await print(), "2\n");
    project.dispose();
  });

  it("runs the program as the main thread, and lets it start threads of its own", async () => {
    const printed = await printedBy({
      "main.ts":
        'import { isMainThread, parentPort, Worker } from "node:worker_threads";\nconst worker = new Worker(`require("node:worker_threads").parentPort.postMessage(1)`, { eval: true });\nworker.on("message", (n) => console.log(isMainThread, parentPort, n));',
    });
    assert.equal(printed, "true null 1");
  });

  it("runs a file of ten megabytes in one line, and says that it shows nothing of it", async () => {
    const numbers = Array.from({ length: 1_400_000 }, (_, i) => 1e6 + i).join();
    const { stdout, notes } = await runProgram(runner, {
      "main.ts": 'import { data } from "./data.ts"; console.log(data.length);',
      "data.ts": `export const data = [${numbers}];`,
    });
    assert.equal(stdout, "1400000\n");
    assert.deepEqual(
      notes.map(({ kind }) => kind),
      ["not-instrumented"],
    );
  });

  it("passes on what esbuild warns about", async () => {
    const { notes } = await runProgram(runner, { "main.ts": "export const wrong = (x: number) => x === NaN;" });
    const [note] = notes;
    assert.ok(note?.kind === "compile-warning");
    assert.match(note.problem.text, /NaN/);
    assert.equal(note.problem.line, 1);
  });
});

describe("circular imports", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  const circle = {
    "main.ts": 'import { a } from "./a.ts";\nconsole.log(a);',
    "a.ts": 'import { b } from "./b.ts";\nexport const a = 1 + b;',
    "b.ts": '// second line\nimport { a } from "./a.ts";\nexport const b = a;',
  };

  it("are reported before the program fails, and the failure says what to do", async () => {
    const { notes, outcome } = await runProgram(runner, circle);
    const [note] = notes;
    assert.ok(note?.kind === "import-cycle");
    assert.deepEqual(
      note.files.map((file) => path.basename(file)),
      ["b.ts", "a.ts", "b.ts"],
    );
    assert.equal(note.line, 2);
    assert.ok(outcome.kind === "error");
    assert.equal(outcome.error.line, 3);
    assert.match(outcome.error.message, /Cannot access 'a'.*circle: b\.ts → a\.ts → b\.ts.*third file/);
  });

  it("are reported once, also when they do no harm", async () => {
    const { notes, outcome } = await runProgram(runner, {
      ...circle,
      "b.ts": 'import { a } from "./a.ts";\nexport const b = 1; export const late = () => a;',
    });
    assert.equal(outcome.kind, "ok");
    assert.equal(notes.length, 1);
  });

  it("are told in CommonJS too, where they would be a silent undefined", async () => {
    const { notes } = await runProgram(runner, { ...circle, "package.json": '{ "type": "commonjs" }' });
    assert.deepEqual(
      notes.map(({ kind }) => kind),
      ["import-cycle"],
    );
  });

  it("are not seen in imports of types, nor in imports that run later", async () => {
    const { notes, outcome } = await runProgram(runner, {
      "main.ts": 'import { a } from "./a.ts"; console.log(a);',
      "a.ts": 'import { type B, late } from "./b.ts"; export const a: B = 1; export type A = number; void late;',
      "b.ts": 'import type { A } from "./a.ts"; export type B = A; export const late = () => import("./a.ts");',
    });
    assert.equal(outcome.kind, "ok");
    assert.deepEqual(notes, []);
  });
});
