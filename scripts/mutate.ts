// Mutation testing of backward: changes one operator, literal or statement at a time in a copy of the engine and runs its tests there. A mutant that no test notices
// has survived: either a test is missing, or the change makes no difference, and `harmless` below says why.
//
//     node scripts/run.mjs mutate [FILE[:LINE[-LINE]]…] [--jobs N]
//
// FILEs are in engine/autograd; default are those that order, accumulate and check versions. With lines, only what stands there is changed. Exit code 1 when a mutant
// survives without a reason, or when a reason of `harmless` explains nothing any more.

import { spawn } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { harmless } from "./harmlessMutants.ts";
import { inProject, root } from "./project.ts";

/** A mutant that computes for this many seconds, of the one or two that the tests take, runs for ever. Waiting for the machine does not count. */
const SECONDS = 15;
const FOLDER = "engine/autograd";
const FILES = ["accumulate.ts", "backward.ts", "inplace.ts", "readyQueue.ts", "saved.ts", "views.ts"];
/** Quick ones first: most mutants die there. */
const SUITES = [
  [
    "test/engine/semantics/[a-l]*.test.ts",
    "test/engine/{backwardDetails,gradientBuffers,gradientEdge,inPlaceViews,readyQueue}.test.ts",
  ],
  [
    "test/engine/{batching,deadBuffers,mutation,observer}.test.ts",
    "test/engine/properties/{programs,elementwise}.test.ts",
    "test/engine/refusals.test.ts",
  ],
];

/** Ends its process when that has computed for too long, which a timer could not while a loop runs for ever. */
const LIMIT = `
  import { Worker } from "node:worker_threads";
  const code = "setInterval(() => { const { user, system } = process.cpuUsage(); if (user + system > ${SECONDS}e6) process.kill(process.pid, 'SIGKILL'); }, 200)";
  new Worker(code, { eval: true, execArgv: [] }).unref();
`;

interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly source: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: "string", default: "2" } },
});
const places = positionals.length > 0 ? positionals : FILES;
const mutants = places.flatMap(mutantsAt);
await checkUnchanged();
const survivors = await runAll(mutants, Number(values.jobs));
const unexplained = survivors.filter((mutant) => reasonFor(mutant) === undefined);
console.log(
  `${mutants.length} mutants, ${mutants.length - survivors.length} killed, ${survivors.length - unexplained.length} harmless, ${unexplained.length} survived`,
);
const idle = harmless.filter(
  (entry) =>
    places.includes(entry.file) &&
    !survivors.some(
      ({ file, before, after }) => entry.file === file && entry.before === before && entry.after === after,
    ),
);
for (const { file, before, after } of idle)
  console.log(`This reason explains nothing any more: ${file}\n  - ${before}\n  + ${after}`);
if (unexplained.length + idle.length > 0) process.exitCode = 1;

function print(mutant: Mutant): void {
  const { file, line, before, after } = mutant;
  const reason = reasonFor(mutant);
  console.log(`${file}:${line}\n  - ${before}\n  + ${after}${reason === undefined ? "" : `\n    harmless: ${reason}`}`);
}

function reasonFor({ file, before, after }: Mutant): string | undefined {
  return harmless.find((entry) => entry.file === file && entry.before === before && entry.after === after)?.reason;
}

/** What may stand in for what. Operators have blanks around them, so that types are left alone. */
function replacements(): readonly (readonly [RegExp, string])[] {
  return [
    [/ === /g, " !== "],
    [/ !== /g, " === "],
    [/ < /g, " <= "],
    [/ <= /g, " < "],
    [/ > /g, " >= "],
    [/ >= /g, " > "],
    [/ && /g, " || "],
    [/ \|\| /g, " && "],
    [/ \+ 1\b/g, " - 1"],
    [/ - 1\b/g, " + 1"],
    [/\+\+/g, "--"],
    [/--(?=\w)/g, "++"],
    [/ \?\? /g, " && "],
    [/\btrue\b/g, "false"],
    [/\bfalse\b/g, "true"],
    [/\bcontinue;/g, ";"],
    [/\bbreak;/g, ";"],
    [/(?<=\bif \()(?=.*\) (throw|return|continue))/g, "false && "],
    [/^(\s+)[\w.]+\(.*\);$/g, "$1;"],
    [/^(\s+)[\w.[\]]+ = [^=].*;$/g, "$1;"],
  ];
}

/** Those of a file, or of some of its lines. */
function mutantsAt(place: string): Mutant[] {
  const [file = "", lines] = place.split(":");
  if (lines === undefined) return mutantsOf(file);
  const [first = 0, last = first] = lines.split("-").map(Number);
  return mutantsOf(file).filter(({ line }) => line >= first && line <= last);
}

function mutantsOf(file: string): Mutant[] {
  const source = readFileSync(inProject(FOLDER, file), "utf8");
  const lines = source.split("\n");
  const code = stripTypeScriptTypes(source).split("\n"); // blanks where the types were
  return lines.flatMap((text, i) =>
    isCode(code[i] ?? "") ? changesOf(text).map((after) => mutant(file, lines, i, after)) : [],
  );
}

/** Types, imports, comments and texts of errors are left alone. */
function isCode(line: string): boolean {
  return !/^\s*($|import|readonly |\/\/|\*|\/\*|`|")|AutogradError\($/.test(line);
}

function changesOf(line: string): string[] {
  const found = replacements().flatMap(([pattern, replacement]) =>
    [...line.matchAll(pattern)].map(({ index, 0: text }) => {
      const changed = text.replace(new RegExp(pattern.source), replacement);
      return line.slice(0, index) + (text === "" ? replacement : changed) + line.slice(index + text.length);
    }),
  );
  return [...new Set(found)].filter((after) => after !== line);
}

function mutant(file: string, lines: readonly string[], i: number, after: string): Mutant {
  const source = [...lines.slice(0, i), after, ...lines.slice(i + 1)].join("\n");
  return { file, line: i + 1, before: (lines[i] ?? "").trim(), after: after.trim(), source };
}

/** Each worker has a copy of the engine and its tests. */
async function runAll(all: readonly Mutant[], jobs: number): Promise<Mutant[]> {
  const waiting = [...all];
  const found: Mutant[] = [];
  const worker = async (): Promise<void> => {
    const copy = copyOfEngine();
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (!(await survives(copy, next))) continue;
        found.push(next);
        print(next);
      }
    } finally {
      rmSync(copy, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return found;
}

function copyOfEngine(): string {
  const copy = mkdtempSync(path.join(tmpdir(), "mutants-"));
  for (const part of [
    "engine",
    "test/engine",
    "test/golden",
    "test/support/opSamples.ts",
    "test/support/warnings.ts",
    "package.json",
  ]) {
    cpSync(inProject(part), path.join(copy, part), { recursive: true });
  }
  symlinkSync(inProject("node_modules"), path.join(copy, "node_modules"));
  return copy;
}

async function survives(copy: string, { file, source }: Mutant): Promise<boolean> {
  const target = path.join(copy, FOLDER, file);
  const original = readFileSync(target, "utf8");
  writeFileSync(target, source);
  try {
    for (const suite of SUITES) if (!(await passes(copy, suite))) return false;
    return true;
  } finally {
    writeFileSync(target, original);
  }
}

/** Where the tests fail without any change, no mutant could survive. */
async function checkUnchanged(): Promise<void> {
  const copy = copyOfEngine();
  try {
    for (const suite of SUITES) {
      if (!(await passes(copy, suite))) throw new Error(`These fail without any change: ${suite.join(" ")}`);
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function passes(copy: string, suite: readonly string[]): Promise<boolean> {
  const files = suite.flatMap((pattern) => globSync(pattern, { cwd: copy }));
  const mocha = [
    "--conditions=gradlens-source",
    `--import=data:text/javascript,${encodeURIComponent(LIMIT)}`,
    path.join(root, "node_modules/mocha/lib/cli/cli.js"),
    "--no-config",
    "--bail",
    "--no-timeouts",
  ];
  // What Node has compiled once it need not compile for the next mutant.
  const env = { ...process.env, NODE_COMPILE_CACHE: path.join(copy, "compiled") };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...mocha, ...files], { cwd: copy, env, stdio: "ignore" });
    child.on("exit", (code) => resolve(code === 0));
  });
}
