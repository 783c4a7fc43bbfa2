import assert from "node:assert/strict";
import vm from "node:vm";
import fc from "fast-check";
import { type CompiledFile, Compiler } from "../../extension/runner/compile/compile.ts";
import { startEsbuild } from "../../extension/runner/compile/transpile.ts";
import { installSiteHooks } from "../../extension/runner/siteHooks.ts";
import { Project } from "./programs.ts";

const compiler = new Compiler(startEsbuild(null));

async function compile(source: string, tsconfig = "{}"): Promise<CompiledFile> {
  const project = new Project({ "main.ts": source });
  try {
    const scope = { type: null, usesEngine: false };
    const result = await compiler.compile(project.path("main.ts"), { scope, tsconfig, entry: true });
    assert.ok(result.ok, JSON.stringify(result));
    return result.compiled;
  } finally {
    project.dispose();
  }
}

/** Every function of the test's world says its own name and where the hook says the program is. */
interface Call {
  readonly name: string;
  readonly column: number | undefined;
}

/** Runs compiled code among functions f0…, C0… and an object `o` with methods m0…, and gives what was called. */
function play(code: string, siteColumn: (site: number) => number | undefined): Call[] {
  const calls: Call[] = [];
  const site = { current: -1 };
  const note = (name: string) => calls.push({ name, column: siteColumn(site.current) });
  const o: Record<string, unknown> = {};
  const world: Record<string, unknown> = { o, u: undefined };
  for (let i = 0; i < 40; i++) {
    world[`f${i}`] = () => {
      note(`f${i}`);
      return o;
    };
    o[`m${i}`] = function (this: unknown) {
      note(this === o ? `m${i}` : `m${i} without its object`);
      return o;
    };
    world[`C${i}`] = class {
      constructor() {
        note(`C${i}`);
        Object.assign(this, o);
      }
    };
  }
  const context = vm.createContext(world);
  const hooks = { site, nameValue: () => undefined, onAttention: () => undefined };
  installSiteHooks(hooks, new Int32Array(1), 0, world);
  vm.runInContext(code, context);
  return calls;
}

/** Expressions in which each callee has a name of its own, so that its place can be found in the text. */
function expressions(): fc.Arbitrary<string> {
  const { node } = fc.letrec<{ node: string; args: string }>((tie) => ({
    args: fc.oneof(
      { weight: 3, arbitrary: fc.constant("") },
      tie("node"),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a}, ${b}`),
      tie("node").map((a) => `...[${a}]`),
      tie("node").map((a) => `(1, ${a})`),
    ),
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("1", "o"),
      tie("args").map((args) => `f#(${args})`),
      tie("args").map((args) => `o.m#(${args})`),
      tie("args").map((args) => `new C#(${args})`),
      fc.tuple(tie("node"), tie("args")).map(([a, args]) => `(${a}, o).m#(${args})`),
      tie("args").map((args) => `f#().m#(${args})`),
      tie("args").map((args) => `o?.m#()?.m#(${args}).m#()`),
      tie("args").map((args) => `f#()?.m#?.(${args})`),
      tie("args").map((args) => `u?.m#(${args}).m#()`),
      tie("args").map((args) => `(o?.m#)(${args})`),
      tie("args").map((args) => `new (f#(), C#)(${args})`),
      tie("node").map((a) => `(() => ${a})()`),
      fc.tuple(tie("node"), tie("node"), tie("node")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      tie("node").map((a) => `[${a}, ...[f#()]]`),
    ),
  }));
  return node.map((text) => {
    let next = 0;
    return text.replaceAll("#", () => String(next++));
  });
}

describe("instrumented code", () => {
  it("calls the same things in the same order, each with its own site set", async () => {
    await fc.assert(
      fc.asyncProperty(expressions(), async (expression) => {
        const calleeCount = (expression.match(/\b[fmC]\d+/g) ?? []).length;
        fc.pre(calleeCount > 0 && calleeCount < 40);
        const source = `void (${expression});`;
        const compiled = await compile(source);
        const plain = play(source, () => undefined).map(({ name }) => name);
        const columns = (site: number) => compiled.sites[site]?.column;
        for (const [index, { name, column }] of play(compiled.code, columns).entries()) {
          assert.equal(name, plain[index], compiled.code);
          assert.equal(column, source.search(new RegExp(`\\b${name}\\b`)) + 1, `${name} in ${compiled.code}`);
        }
        assert.equal(play(compiled.code, columns).length, plain.length);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps every line where it was", async () => {
    const source =
      "const a = f0(\n  1,\n  o\n    .m0()\n);\nwhile (a.b) a.b = false;\nconst [c] = [f1()], d = new C0();\n";
    const project = new Project({ "main.ts": source });
    const transpiled = await (await startEsbuild(null)).transpile(project.path("main.ts"), source, "{}", undefined);
    project.dispose();
    assert.ok(transpiled.ok);
    const lines = (await compile(source)).code
      .split("\n")
      .map((line) => line.replaceAll(/ ?__gl_n\( *\d+, \w+\);/g, ""));
    const expected = transpiled.code.split("\n");
    assert.equal(lines.length, expected.length);
    for (const [index, line] of lines.entries()) assert.ok(line.length >= (expected[index]?.length ?? 0));
  });

  const values: readonly (readonly [string, string, string])[] = [
    [
      "a private method",
      "class A { #f() { return this; } g() { return this.#f() === this; } } out = new A().g();",
      "true",
    ],
    [
      "super without arguments",
      "class A { x = 1; f() { return this.x; } } class B extends A { constructor() { super(); } f() { return super.f() + 1; } } out = new B().f();",
      "2",
    ],
    [
      "super with arguments",
      "class A { constructor(public x: number) {} } class B extends A { constructor() { super(...[7]); } } out = new B().x;",
      "7",
    ],
    [
      "new.target",
      "function F(this: object) { return { t: new.target !== undefined }; } out = new (F as any)().t;",
      "true",
    ],
    [
      "a tagged template",
      `const t = (s: TemplateStringsArray, v: number) => s.join('|') + v; out = t\`a\${1}b\`;`,
      "a|b1",
    ],
    ["eval, which must see local variables", "const hidden = 3; out = eval('hidden');", "3"],
    [
      "a generator's yield as an argument",
      "function* g() { out = String(yield 1); } const i = g(); i.next(); i.next('x');",
      "x",
    ],
    ["a default argument", "const f = (a = String(1)) => a; out = f();", "1"],
    ["an array that is spread and iterated", "let s = 0; for (const v of [...new Set([1, 2])]) s += v; out = s;", "3"],
    ["destructuring with defaults", "const [a = 1, { b: [c] } = { b: [2] }] = [] as any; out = a + c;", "3"],
    ["an assignment that destructures", "let a, b; if (true) [a, b] = [1, 2]; else [a] = [3]; out = a + b;", "3"],
    ["logical assignment", "let a: any; a ??= { n: 1 }; a &&= { n: 2 }; out = a.n;", "2"],
    ["getters named T", "const x = { get T() { return { n: 5 }; } }; x.T.n; out = x?.T.n;", "5"],
    [
      "classes named like getter ops",
      "const ns = { T: class { k = 1; static C = class { k: number; constructor(k = 2) { this.k = k; } } }, H: class { k: number; constructor(k: number) { this.k = k; } } };" +
        "out = [new ns.T().k, new ns.H(4).k, new ns.T.C().k, new ns.T.C(6).k, new ns.T.C(new ns.H(7).k).k].join();",
      "1,4,2,6,7",
    ],
    ["assignment to a property named T", "const x: any = {}; x.T = 4; x.T++; delete x.H; out = x.T;", "5"],
    [
      "labels and loops without calls",
      "let i = 0; loop: while (true) { i++; for (;;) { if (i > 3) break loop; continue loop; } } do i++; while (i < 9); out = i;",
      "9",
    ],
    [
      "an immediately called function",
      "out = (function (this: any) { return typeof this; }).call(5) + (() => 1)();",
      "object1",
    ],
    [
      "enums and namespaces",
      "enum E { A = 1, B = A << 1 } namespace N { export const v = String(E.B); } out = N.v;",
      "2",
    ],
    ["a variable that hides another", "const w = String(1); { const w = String(2); out = w; }", "2"],
    [
      "static blocks and computed fields",
      "class A { static x: number; static { this.x = Number('4'); } ['y' + String(1)] = 3; } out = A.x + (new A() as any).y1;",
      "7",
    ],
    [
      "an object with methods, getters and shorthands",
      "const a = String(1); const p = { a, b: String(2), get c() { return String(3); }, d() { return String(4); }, ['e']: String(5) }; out = p.a + p.b + p.c + p.d() + p.e;",
      "12345",
    ],
    ["a comment at the end of a call", "out = String(6 // six\n);", "6"],
    [
      "text that looks like a regular expression or a template",
      `out = \`\${String(1)}\` + '/x/'.replace(/x/g, () => String(2));`,
      "1/2/",
    ],
    [
      "async iteration",
      "async function* g() { yield 1; } (async () => { for await (const v of g()) out = v; })(); out = 'later';",
      "later",
    ],
  ];
  for (const [title, source, expected] of values) {
    it(`means the same with ${title}`, async () => {
      const { code, notInstrumented } = await compile(`let out: any;\n${source}\n(globalThis as any).out = out;`);
      assert.equal(notInstrumented, null);
      const world: Record<string, unknown> = {};
      for (const hook of ["__gl_s", "__gl_n"]) world[hook] = (_id: number, value: unknown) => value;
      world["__gl_e"] = () => [];
      world["__gl_l"] = () => undefined;
      const context = vm.createContext(world);
      vm.runInContext(code, context);
      assert.equal(String(world["out"]), expected, code);
    });
  }

  it("says where a call ends, and in which function it is", async () => {
    const { sites } = await compile(
      "class Net {\n  forward(x: any) {\n    return x\n      .relu(1,\n        2);\n  }\n}",
    );
    assert.deepEqual(sites, [{ id: 0, line: 4, column: 8, endLine: 5, endColumn: 11, functionName: "Net.forward" }]);
  });

  it("knows nested functions by the name the user gave them", async () => {
    const source =
      "const train = () => { [1].map((x) => f(x)); };\nfunction f(x: number) { { const f = () => g(x); f(); } }\nconst o = { m: (x: any) => h(x) };";
    const { sites } = await compile(source);
    assert.deepEqual(
      sites.map(({ functionName, line }) => `${functionName} ${line}`),
      ["train 1", "train 1", "f 2", "f 2", "m 3"],
    );
  });

  it("runs a file that is nested too deeply to be edited, and says that it shows nothing", async () => {
    const { notInstrumented, code } = await compile(`export const x = ${"[".repeat(4000)}1${"]".repeat(4000)};`).catch(
      (error) => {
        assert.fail(String(error));
      },
    );
    assert.ok(notInstrumented !== null);
    assert.ok(code.includes("export const x"));
  });

  it("leaves a file alone that uses the hooks' names itself", async () => {
    const { notInstrumented } = await compile("const __gl_s = 1; f(__gl_s);");
    assert.match(notInstrumented ?? "", /reserved/);
  });
});

describe("names for values", () => {
  async function namesIn(source: string): Promise<string[]> {
    const { names } = await compile(source);
    return names.map(({ name, line, assignment, alias }) => `${name} ${line} ${assignment}${alias ? " alias" : ""}`);
  }

  it("come from declarations, assignments, fields and properties", async () => {
    const source = `const w1 = tensor(1);
let h = x;
h = h.relu();
class Net { fc = linear(1); static s = tensor(2); #p = tensor(3); constructor() { this.fc.weight = tensor(4); } }
const params = { w: tensor(5), "b-1": tensor(6), deep: { q: await tensor(7) } };
const layers = [tensor(8), tensor(9)];
layers[1] = tensor(10);`;
    assert.deepEqual(await namesIn(source), [
      "w1 1 declare",
      "h 2 declare alias",
      "h 3 assign",
      "this.fc 4 declare",
      "Net.s 4 declare",
      "this.#p 4 declare",
      "this.fc.weight 4 assign",
      "params.w 5 declare",
      'params["b-1"] 5 declare',
      "params.deep.q 5 declare",
      "layers[0] 6 declare",
      "layers[1] 6 declare",
      "layers[1] 7 assign",
    ]);
  });

  it("come from destructuring, once the statement is done", async () => {
    const source =
      "const [a, { b: c = 1 }] = f();\nexport const { values } = x.max(1);\n[h, o.k] = g();\nfor (const [i] of l) i;";
    assert.deepEqual(await namesIn(source), ["a 1 declare", "c 1 declare", "values 2 declare", "h 3 assign"]);
  });

  it("are the user's own where the transpiler had to rename", async () => {
    const source =
      "const w = f();\nfunction g() { const w = f(); { const w = f(); return w; } }\nnamespace N { export const w = f(); }";
    assert.deepEqual(await namesIn(source), ["w 1 declare", "w 2 declare", "w 2 declare", "w 3 assign"]);
  });

  it("are not made for what cannot be a tensor", async () => {
    const source =
      "const a = 1, b = 'x', c = `t`, d = () => 1, e = class {}, f = a + 2, g = a < 2, h = -a, i = /x/, j = Math.sqrt(a), k = typeof a;";
    assert.deepEqual(await namesIn(source), []);
  });

  it("are found in fields that are lowered for decorators", async () => {
    const source = "class Net {\n  @dec() fc = linear(1);\n  plain = linear(2);\n}";
    const { names } = await compile(source, '{"compilerOptions":{"useDefineForClassFields":true}}');
    assert.deepEqual(names.map(({ name, line }) => `${name} ${line}`).sort(), ["this.fc 2", "this.plain 3"]);
  });
});
