import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { describeEnding, type UserError } from "../../extension/runner/outcome.ts";
import type { RunRequest } from "../../extension/runner/runner.ts";
import { makeRunner, Observed, Project, runProgram, startProgram } from "./programs.ts";

describe("programs that fail", () => {
  const runner = makeRunner();
  after(() => runner.dispose());

  async function failure(
    files: Readonly<Record<string, string>>,
    request: Partial<RunRequest> = {},
  ): Promise<UserError> {
    const { outcome } = await runProgram(runner, files, request);
    assert.ok(outcome.kind === "error", describeEnding(outcome));
    return outcome.error;
  }

  const fails = (main: string) => failure({ "main.ts": main });

  /** The place that is shown to the user. */
  const place = ({ file, line, column }: UserError) => `${path.basename(file ?? "")}:${line}:${column}`;

  it("end at the exact place of a syntax error, also behind characters of several bytes", async () => {
    const { outcome } = await runProgram(runner, { "main.ts": 'const s = "añ😀"; let q = (1;\n' });
    assert.ok(outcome.kind === "compile-error");
    assert.deepEqual([outcome.line, outcome.column, outcome.length], [1, 29, 1]);
    assert.match(outcome.text, /Expected "\)"/);
  });

  it("end at a syntax error in an imported file", async () => {
    const { outcome } = await runProgram(runner, { "main.ts": 'import "./bad.ts";', "bad.ts": "\nconst = 1;" });
    assert.ok(outcome.kind === "compile-error");
    assert.deepEqual([path.basename(outcome.file), outcome.line], ["bad.ts", 2]);
  });

  it("may catch a syntax error in a file they import dynamically", async () => {
    const { stdout, outcome } = await runProgram(runner, {
      "main.ts":
        'try { await import("./bad.ts"); } catch (error) { console.log((error as Error).name, (error as Error).message.includes("bad.ts:1:7")); }',
      "bad.ts": "const = 1;",
    });
    assert.equal(outcome.kind, "ok");
    assert.equal(stdout, "SyntaxError true\n");
  });

  it("are told which import leads nowhere, and what is near", async () => {
    const error = await failure({
      "main.ts": '\nimport { a } from "./layrs";\na();',
      "layers.ts": "export const a = 1;",
    });
    assert.equal(place(error), "main.ts:2:19");
    assert.match(error.message, /Cannot find "\.\/layrs".*Did you mean "layers\.ts"/);
  });

  it("are told which package is missing", async () => {
    const error = await fails('import x from "@scope/no-such-package/deep";\nx();');
    assert.equal(place(error), "main.ts:1:15");
    assert.match(error.message, /package "@scope\/no-such-package".*npm install/);
  });

  it("are told that what they import is only a type", async () => {
    const error = await failure({
      "main.ts": 'export { Shape } from "./types.ts";\n',
      "types.ts": "export interface Shape { n: number }",
    });
    assert.equal(place(error), "main.ts:1:10");
    assert.match(error.message, /does not provide an export named 'Shape'.*"Shape" is a type.*import type/);
  });

  it("are told which member of a namespace of the engine they may have meant", async () => {
    const layer = await fails('import { nn } from "gradlens";\nnew (nn as any).Liner(1, 2);');
    assert.match(layer.message, /nn has no 'Liner'\. Did you mean 'Linear'\?/);
    const fill = await fails('import * as g from "gradlens";\n(g.nn.init as any).xavierUnifrm_(1);');
    assert.match(fill.message, /nn\.init has no 'xavierUnifrm_'\. Did you mean 'xavierUniform_'\?/);
  });

  it("are told which export of the engine they may have meant", async () => {
    const error = await fails('import { tensr } from "gradlens";\ntensr(1);');
    assert.equal(place(error), "main.ts:1:10");
    assert.match(error.message, /Did you mean "tensor"\?/);
  });

  it("are told which key a JSON file cannot give, and where JSON is broken", async () => {
    const error = await failure({ "main.ts": '\nimport d from "./d.json";\nconsole.log(d);', "d.json": "{ nonsense" });
    assert.equal(place(error), "main.ts:2:15");
    assert.match(error.message, /d\.json is not valid JSON/);
  });

  it("end at the line of an exception, with the stack in the user's lines", async () => {
    const error = await failure({
      "main.ts":
        'import { helper } from "./helper.ts";\n\ninterface Unused { x: number }\nfunction outer(): void {\n  helper();\n}\nouter();',
      "helper.ts":
        "type T = number;\n\nexport function helper(): T {\n  throw new TypeError('bad shape', { cause: new Error('root') });\n}",
    });
    assert.equal(error.name, "TypeError");
    assert.equal(place(error), "helper.ts:4:9");
    assert.deepEqual(
      error.stack.map(({ function: name, file, line, column }) => `${name} ${path.basename(file)}:${line}:${column}`),
      ["helper helper.ts:4:9", "outer main.ts:5:3", "null main.ts:7:1"],
    );
    assert.equal(error.cause?.message, "root");
  });

  it("end at the user's call when the engine throws", async () => {
    const error = await fails('import { tensor } from "gradlens";\nconst x = tensor(1);\nx\n  .fail();');
    assert.equal(error.name, "RangeError");
    assert.equal(place(error), "main.ts:4:4");
    assert.deepEqual(
      error.stack.map(({ line }) => line),
      [4],
    );
  });

  it("print stacks in the user's lines", async () => {
    const { stdout } = await runProgram(runner, {
      "main.ts":
        "interface A {}\n\n\nfunction f() { return new Error('e'); }\nconsole.log(f().stack!.split('\\n')[1]);",
    });
    assert.match(stdout, /at f \(.*main\.ts:4:23\)/);
  });

  it("see no trace of the hooks in V8's own messages", async () => {
    const { stdout } = await runProgram(runner, {
      "main.ts": `const o: any = { f() { return {}; } }; const n: any = 5;
for (const f of [() => o.f().g(), () => o.missing(), () => { for (const x of n) x; }, () => [...n], () => o.f?.().x.y(), () => new o.f.x()]) {
  try { f(); } catch (error) { console.log(String((error as Error).stack).split("\\n")[0]); }
}`,
    });
    assert.deepEqual(stdout.trim().split("\n"), [
      "TypeError: o.f().g is not a function",
      "TypeError: o.missing is not a function",
      "TypeError: n is not iterable",
      "TypeError: n is not iterable",
      "TypeError: Cannot read properties of undefined (reading 'y')",
      "TypeError: o.f.x is not a constructor",
    ]);
  });

  it("end at an unhandled rejection", async () => {
    const { outcome } = await runProgram(runner, {
      "main.ts": "\nvoid (async () => {\n  throw new Error('late');\n})();",
    });
    assert.ok(outcome.kind === "error");
    assert.equal(outcome.origin, "rejection");
    assert.equal(place(outcome.error), "main.ts:3:9");
  });

  it("end at an error in a timer", async () => {
    const { outcome } = await runProgram(runner, {
      "main.ts": "setTimeout(() => {\n  throw new Error('tick');\n}, 1);",
    });
    assert.ok(outcome.kind === "error");
    assert.equal(outcome.origin, "uncaught");
    assert.equal(place(outcome.error), "main.ts:2:9");
  });

  it("may handle their uncaught errors themselves", async () => {
    const { stdout, outcome } = await runProgram(runner, {
      "main.ts":
        "process.on('uncaughtException', (e) => console.log('handled', e.message)); setTimeout(() => { throw new Error('x'); }, 1);",
    });
    assert.equal(outcome.kind, "ok");
    assert.equal(stdout, "handled x\n");
  });

  it("are still told of an error when they removed every handler", async () => {
    const error = await fails("process.removeAllListeners(); setTimeout(() => { throw new Error('alone'); }, 1);");
    assert.match(error.message, /alone/);
  });

  const thrown: readonly (readonly [string, string, RegExp])[] = [
    ["a string", "'oops'", /threw 'oops'/],
    ["null", "null", /threw null/],
    ["undefined", "undefined", /threw undefined/],
    [
      "a Proxy whose traps throw",
      "new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } })",
      /threw/,
    ],
    ["a Proxy of an error", "new Proxy(new Error('inner'), { get() { throw 1; } })", /threw/],
    [
      "an object with a getter that throws",
      "{ get message() { throw new Error('no'); }, get stack() { throw new Error('no'); } }",
      /threw/,
    ],
    [
      "an error with a getter that throws",
      "Object.defineProperty(new Error('x'), 'message', { get() { throw 1; } })",
      /^$/,
    ],
    ["an error whose name is no text", "Object.assign(new Error('m'), { name: Symbol('n') })", /^m$/],
    ["a function", "function thrower() {}", /threw \[Function/],
    ["a symbol", "Symbol('s')", /threw Symbol\(s\)/],
    [
      "an object that cannot be inspected",
      "{ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no'); } }",
      /threw/,
    ],
    ["an object as large as memory allows", "new Array(1e6).fill('x'.repeat(100))", /threw \[/],
  ];
  for (const [what, expression, message] of thrown) {
    it(`end at the throw when they throw ${what}`, async () => {
      const error = await fails(`const before = String(1);\n\nif (before)\n  throw ${expression};`);
      assert.match(error.message, message);
      assert.ok(error.message.length < 11_000);
      assert.equal(error.line, 4);
    });
  }

  it("end at a recursion that is too deep", async () => {
    const error = await fails("function f(n: number): number {\n  return f(n + 1) + 1;\n}\nf(0);");
    assert.match(error.message, /Maximum call stack size exceeded/);
    assert.equal(error.line, 2);
  });

  it("are told that they wait for ever", async () => {
    const error = await fails("const f = () => new Promise(() => {});\n\nawait f();\nconsole.log('never');");
    assert.equal(error.name, "UnsettledAwait");
    assert.equal(error.line, 3);
  });

  it("end with their own exit code, and it is said where", async () => {
    for (const [main, code, line] of [
      ["process.exit(7);", 7, 1],
      ["console.log(1);\nsetTimeout(() => process.exit(8), 5);", 8, 2],
      ["(function deep() {\n  process.exit(3);\n})(); throw new Error('not reached');", 3, 2],
      ["console.log(1);\nprocess.exitCode = 4;", 4, null],
    ] as const) {
      const { outcome } = await runProgram(runner, { "main.ts": main });
      assert.ok(outcome.kind === "exited" && outcome.code === code, JSON.stringify(outcome));
      assert.equal(outcome.line, line, main);
      const place = line === null ? "" : ` (main.ts:${line})`;
      assert.equal(describeEnding(outcome), `The program ended itself with exit code ${code}${place}.`);
    }
  });

  it("are fine when they end themselves with exit code 0", async () => {
    for (const main of [
      "process.exit(0);",
      "process.exit();\nthrow new Error('not reached');",
      "setTimeout(() => process.exit(0), 5); setInterval(() => {}, 5);",
      "setTimeout(() => process.exit(0), 5); await new Promise(() => {});",
      "process.removeAllListeners('exit'); process.exit(0);",
    ]) {
      const { outcome } = await runProgram(runner, { "main.ts": main });
      assert.equal(outcome.kind, "ok", `${main}\n${JSON.stringify(outcome)}`);
    }
  });

  it("keep what they recorded and printed before process.exit", async () => {
    const finished = await runProgram(runner, {
      "main.ts":
        'import { tensor } from "gradlens";\nprocess.on("exit", () => console.log("bye"));\nconst w = tensor(1);\nconsole.log("last words");\nprocess.exit(0);',
    });
    assert.equal(finished.stdout, "last words\nbye\n");
    assert.deepEqual(finished.ops, ["tensor main.ts:3:11"]);
  });

  it("are told when their file is not there", async () => {
    const project = new Project({});
    const observed = new Observed(runner.start({ file: project.path("gone.ts") }));
    const outcome = await observed.run.done;
    assert.ok(outcome.kind === "compile-error");
    assert.match(outcome.text, /gone\.ts is not there/);
    project.dispose();
  });

  it("go on when their file is deleted while they run, and name the one they cannot import any more", async () => {
    const observed = startProgram(runner, {
      "main.ts":
        'console.log("up");\nawait new Promise((r) => setTimeout(r, 100));\nconsole.log(new Error("x").stack!.includes("main.ts:3:13"));\nawait import("./late.ts");',
      "late.ts": "export {};",
    });
    await observed.printed("up");
    rmSync(observed.project.folder, { recursive: true });
    const outcome = await observed.run.done;
    assert.ok(outcome.kind === "error");
    assert.equal(observed.stdout, "up\ntrue\n");
    assert.equal(place(outcome.error), "main.ts:4:14");
    assert.match(outcome.error.message, /Cannot find "\.\/late\.ts"/);
  });

  it("may have any characters in names, messages and files", async () => {
    const name = "<img onerror=alert(1)> \u202Eevil%20#1 [x](command:y).ts";
    const error = await failure({
      [name]: "class $ünïcode extends Error {}\nthrow new $ünïcode('<b>\u202E\u001b[31m</b>');",
    });
    assert.equal(error.file?.endsWith(name), true);
    assert.equal(error.message, "<b>\u202E\u001b[31m</b>");
    assert.equal(error.line, 2);
  });

  it("may replace JavaScript's own functions and delete globals", async () => {
    const finished = await runProgram(runner, {
      "main.ts": `import { tensor } from "gradlens";
const w = tensor(1);
const broken = () => { throw new Error("patched"); };
for (const name of ["map", "filter", "push", "slice", "some", "find", "includes", "join", "forEach", "flatMap", "findLast", "indexOf", "concat", "splice"]) (Array.prototype as any)[name] = broken;
const { then } = Promise.prototype;
Promise.prototype.then = function (this: Promise<unknown>, ...args: any[]) { return then.apply(this, args as never); } as never;
JSON.parse = broken as never; JSON.stringify = broken as never; Object.entries = broken as never; Object.keys = broken as never;
Atomics.wait = broken as never; Atomics.load = broken as never;
for (const name of ["Promise", "Map", "Set", "WeakMap", "setTimeout", "setInterval", "performance", "Buffer", "URL", "__gl" + "_s"]) try { delete (globalThis as any)[name]; } catch {}
w.T;
console.log("alive");
await import("./late.ts");
`,
      "late.ts": "throw new Error('late');",
    });
    assert.equal(finished.stdout, "alive\n", describeEnding(finished.outcome));
    assert.deepEqual(finished.ops, ["tensor main.ts:2:11", "T main.ts:10:3"]);
    assert.ok(finished.outcome.kind === "error");
    assert.equal(place(finished.outcome.error), "late.ts:1:7");
  });

  it("may set their own Error.prepareStackTrace", async () => {
    const error = await fails(
      "Error.prepareStackTrace = (e, sites) => sites.length as never;\nthrow new Error('mine');",
    );
    assert.equal(error.message, "mine");
  });

  it("are placed by their last call when they switched stacks off", async () => {
    const error = await fails("Error.stackTraceLimit = 0;\nconst e = new Error('bare');\n\nthrow e;");
    assert.deepEqual([error.message, error.line], ["bare", 4]);
  });

  it("are told when the recording is not whole, and how they ended all the same", async () => {
    const { outcome, notes } = await runProgram(
      runner,
      { "main.ts": "process.exitCode = 2;" },
      { recorder: { failOnFinish: true } },
    );
    assert.ok(outcome.kind === "exited" && outcome.code === 2);
    assert.ok(notes.some((note) => note.kind === "recorder-failed" && /no room/.test(note.text)));
  });

  it("leave the runner fit for the next program", async () => {
    const { stdout, outcome } = await runProgram(runner, { "main.ts": "console.log('fine');" });
    assert.equal(outcome.kind, "ok");
    assert.equal(stdout, "fine\n");
  });
});
