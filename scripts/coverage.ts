// Measures which branches of the engine its tests run through, with V8's own counters:
//
//     node scripts/run.mjs coverage [ROOM…] [--missing]
//
// A branch is a block that V8 counts: a function, an arm of a condition, a loop's body, what follows a return. ROOMs are folders; default engine/ops, engine/autograd and
// engine/gradcheck. `--missing` shows the lines of what never ran. Exit code 1 when a room is at or below 95%.

import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { packageProgram, root, runNode } from "./project.ts";

const ENOUGH = 0.95;

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly functionName: string; readonly ranges: readonly Range[] }[];
}

interface FileCoverage {
  readonly file: string;
  readonly branches: number;
  /** Lines at which blocks that never ran begin. */
  readonly missing: readonly number[];
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { missing: { type: "boolean" } } });
const rooms = positionals.length > 0 ? positionals : ["engine/ops", "engine/autograd", "engine/gradcheck"];

const scripts = await runTests();
for (const room of rooms) {
  const files = globSync(`${room}/**/*.ts`, { cwd: root }).sort().map(coverageOf);
  const branches = files.reduce((sum, file) => sum + file.branches, 0);
  const missing = files.reduce((sum, file) => sum + file.missing.length, 0);
  const share = 1 - missing / Math.max(1, branches);
  console.log(`${room}: ${(100 * share).toFixed(1)}% of ${branches} branches`);
  if (values.missing === true) for (const file of files) printMissing(file);
  if (share <= ENOUGH) process.exitCode = 1;
}

/** Runs the engine's tests and the recorded answers in one process and gives V8's counts per script. */
async function runTests(): Promise<Map<string, Script>> {
  const folder = mkdtempSync(path.join(tmpdir(), "coverage-"));
  try {
    const mocha = [
      "--conditions=gradlens-source",
      packageProgram("mocha", "bin/mocha.js"),
      "--no-config",
      "--timeout",
      "60000",
    ];
    const files = globSync("test/{engine,golden}/**/*.test.ts", { cwd: root });
    const code = await runNode([...mocha, "--reporter", "dot", ...files], {
      env: { NODE_V8_COVERAGE: folder },
      onOutput: () => {},
    });
    if (code !== 0) console.error("Some tests fail, so the numbers say little.");
    const reports = readdirSync(folder).map(
      (name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as { result: Script[] },
    );
    const largest = reports.sort((a, b) => b.result.length - a.result.length)[0];
    return new Map(
      largest?.result.filter(({ url }) => url.startsWith("file:")).map((script) => [fileURLToPath(script.url), script]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Types are stripped in place, so V8's offsets are those of the source. */
function coverageOf(file: string): FileCoverage {
  const name = path.join(root, file);
  const script = scripts.get(name);
  const source = readFileSync(name, "utf8");
  // A file that holds only types is never loaded and has no branches; one that is never loaded otherwise counts as one that is missing.
  if (script === undefined) {
    const hasCode = /^(export )?(default )?(abstract )?(async )?(const|let|function|class)\b/m.test(source);
    return hasCode ? { file, branches: 1, missing: [1] } : { file, branches: 0, missing: [] };
  }
  const ranges = script.functions.flatMap((fn) => fn.ranges).filter((range) => !isBlank(source, range));
  const missing = ranges.filter(({ count }) => count === 0).map(({ startOffset }) => lineOf(source, startOffset));
  return { file, branches: ranges.length, missing: [...missing].sort((a, b) => a - b) };
}

/** After a return V8 counts what follows up to the brace, be it nothing. */
function isBlank(source: string, { startOffset, endOffset }: Range): boolean {
  return /^[\s{};]*$/.test(source.slice(startOffset, endOffset));
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset + 1).split("\n").length;
}

function printMissing({ file, branches, missing }: FileCoverage): void {
  if (missing.length > 0) console.log(`  ${file} (${missing.length} of ${branches}): ${missing.join(", ")}`);
}
