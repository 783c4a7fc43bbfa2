import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as gradlens from "../engine/index.ts";
import { type Op, ops } from "../engine/ops/op.ts";
import { countOfNames, missingNames } from "../test/engine/pytorchNames.ts";
import { forAllRows, type Row, topics } from "../test/engine/semantics/rows.ts";
import { type Case, type Category, readCategories } from "../test/golden/format.ts";
import { type Outcome, runCase } from "../test/golden/runner.ts";
import { camelCase } from "../test/golden/surface.ts";
import { inProject, packageProgram } from "./project.ts";

/** docs/parity.md: every behaviour and every op, with what the tests say about it. Runs those tests. */
export async function parityDocument(): Promise<string> {
  const tests = await runTests(["test/engine/semantics/*.test.ts", "test/engine/opSweep.test.ts"]);
  const golden = readCategories(inProject("test", "golden", "data")).map(runCategory);
  const rows = topics.flatMap((topic) => topic.rows);
  const parts = [
    head,
    summary(rows, tests, golden),
    "## Behaviours",
    forAllRows.join(" "),
    ...topics.map(
      ({ title, rows: own }) =>
        `### ${title}\n\n${table(
          BEHAVIOURS,
          own.map((row) => behaviour(row, tests)),
        )}`,
    ),
    "## Recorded answers of PyTorch",
    table(
      ["category", "passed", "of"],
      golden.map(({ name, cases }) => [name, passedOf(cases), cases.length]),
    ),
    "## Names",
    namesIntroduction(),
    table(["why they are left out", "names of PyTorch"], leftOutRows()),
    "## Ops",
    opsIntroduction,
    table(OPS, opRows(tests, golden)),
  ];
  return `${parts.join("\n\n")}\n`;
}

const head = `# Parity with PyTorch

Written by \`npm run docs\` from the tests' results; not to be edited by hand. A test fails when it is stale.`;

const opsIntroduction = `*Recorded* counts the recorded programs of PyTorch that call the op, all compared in values, gradients and second derivatives; *tried* the samples on which first and second derivative
agree with finite differences, and *refused* those that must be errors. Ops without a public name are steps of others.`;

function namesIntroduction(): string {
  const missing = missingNames().length;
  return `Of the ${countOfNames()} public names of PyTorch 1.13 in \`torch\`, \`Tensor\`, \`nn\`, \`F\`, \`linalg\`, \`special\`, \`autograd\` and \`optim\`, ${countOfNames() - missing} are here, in camelCase. A test holds that each of the others is in this table.`;
}

function leftOutRows(): string[][] {
  const byReason = Map.groupBy(missingNames(), ({ why }) => why ?? "");
  return [...byReason].map(([why, names]) => [
    why,
    [...Map.groupBy(names, ({ home }) => home)]
      .map(([home, own]) => `${home}: ${own.map(({ name }) => name.replaceAll("_", "\\_")).join(" ")}`)
      .join("; "),
  ]);
}

interface TestResult {
  readonly title: string;
  readonly passed: boolean;
}

interface GoldenCase {
  readonly ops: ReadonlySet<string>;
  readonly outcome: Outcome;
}

interface GoldenCategory {
  readonly name: string;
  readonly cases: readonly GoldenCase[];
}

const passedOf = (cases: readonly GoldenCase[]): number =>
  cases.filter(({ outcome }) => outcome.status === "passed").length;

/** Runs test files in a process of their own. */
async function runTests(files: readonly string[]): Promise<TestResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "parity-"));
  const output = path.join(folder, "results.json");
  try {
    const program = [
      "--conditions=gradlens-source",
      "--disable-warning=ExperimentalWarning",
      packageProgram("mocha", "bin/mocha.js"),
    ];
    const reporter = [
      "--no-config",
      "--timeout",
      "60000",
      "--reporter",
      "json",
      "--reporter-option",
      `output=${output}`,
    ];
    const child = spawn(process.execPath, [...program, ...reporter, ...files], { cwd: inProject(), stdio: "ignore" });
    await new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
    const { tests } = JSON.parse(readFileSync(output, "utf8")) as { tests: { title: string; err: object }[] };
    return tests.map(({ title, err }) => ({ title, passed: Object.keys(err).length === 0 }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runCategory({ name, cases }: Category): GoldenCategory {
  return { name, cases: cases.map((test) => ({ ops: opsOf(test), outcome: runCase(test) })) };
}

/** Our names of the ops that a case's program calls. */
function opsOf(test: Case): Set<string> {
  const steps = "program" in test ? test.program : [];
  return new Set(
    steps.map(({ op }) => (op === "__getitem__" ? "index" : camelCase(op.slice(op.lastIndexOf(".") + 1)))),
  );
}

function summary(rows: readonly Row[], tests: readonly TestResult[], golden: readonly GoldenCategory[]): string {
  const cases = golden.flatMap((category) => category.cases);
  const counted = (words: string): number => rows.filter((row) => stateOf(row, tests).startsWith(words)).length;
  const names = opNames(golden);
  const open = names.filter((name) => formsOf(name).some((form) => form !== ""));
  return [
    `- ${counted("holds")} of ${rows.length} behaviours hold, each by tests that carry its number; ${counted("does not apply")} can't apply, with the reason beside it.`,
    `- ${passedOf(cases)} of ${cases.length} recorded answers of PyTorch are met.`,
    `- ${open.length} ops have a public name, ${names.length - open.length} more are steps of those.`,
  ].join("\n");
}

const BEHAVIOURS = ["row", "behaviour", "state", "tests", "where it differs"] as const;

function behaviour(row: Row, tests: readonly TestResult[]): (string | number)[] {
  return [row.id, row.about, stateOf(row, tests), testsOf(row, tests).length || "", row.differs ?? ""];
}

/** Tests whose titles begin with the number: `[74] [75] there is one kind …`. */
function testsOf({ id }: Row, tests: readonly TestResult[]): TestResult[] {
  return tests.filter(({ title }) => /^(\[\w+\] )+/.exec(title)?.[0].includes(`[${id}] `));
}

function stateOf(row: Row, tests: readonly TestResult[]): string {
  const own = testsOf(row, tests);
  if (own.some(({ passed }) => !passed)) return "**fails**";
  if (own.length === 0) return row.differs === undefined ? "**not tested**" : "does not apply";
  return row.differs === undefined ? "holds" : "holds, see";
}

const OPS = ["op", "function", "method", "in place", "recorded", "tried", "refused", "derivative"] as const;

/** Ops with a value of their own, and functions and methods that are made of others. */
function opNames(golden: readonly GoldenCategory[]): string[] {
  const called = golden.flatMap(({ cases }) => cases.flatMap((test) => [...test.ops]));
  const own = [...ops.values()].map(({ name }) => name);
  const { prototype } = gradlens.Tensor;
  const functions = homes.flatMap((home) => functionsOf(home).filter((name) => home !== "" || name in prototype));
  return [...new Set([...own, ...called, ...functions])].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}

function opRows(tests: readonly TestResult[], golden: readonly GoldenCategory[]): (string | number)[][] {
  const cases = golden.flatMap((category) => category.cases);
  const named = Map.groupBy(ops.values(), ({ name }) => name);
  return opNames(golden).map((name) => {
    const own = named.get(name) ?? [];
    const calling = cases.filter((test) => test.ops.has(name));
    const recorded =
      calling.length === 0
        ? ""
        : `${passedOf(calling)}${passedOf(calling) < calling.length ? ` of ${calling.length}` : ""}`;
    return [name, ...formsOf(name), recorded, tried(own, tests), count(own, "rejects"), derivative(own)];
  });
}

const surface: Readonly<Record<string, unknown>> = gradlens;
const homes = ["", "F", "linalg", "special"] as const;

/** Where a user finds it: as a function, as a method, in place. */
function formsOf(name: string): [asFunction: string, asMethod: string, inPlace: string] {
  const found = homes.filter((home) => functionsOf(home).includes(name));
  const { prototype } = gradlens.Tensor;
  const asFunction = found.map((home) => (home === "" ? "yes" : home)).join(", ");
  return [asFunction, name in prototype ? "yes" : "", `${name}_` in prototype ? "yes" : ""];
}

function functionsOf(home: (typeof homes)[number]): string[] {
  const namespace = (home === "" ? surface : surface[home]) as Readonly<Record<string, unknown>>;
  return Object.keys(namespace).filter((name) => typeof namespace[name] === "function" && !name.endsWith("_"));
}

const count = (own: readonly Op[], kind: "accepts" | "rejects"): number | "" =>
  own.reduce((sum, op) => sum + op[kind].length, 0) || "";

/** How many samples, and how many of their tests fail. */
function tried(own: readonly Op[], tests: readonly TestResult[]): string | number {
  const failed = own.flatMap((op) =>
    tests.filter(({ title, passed }) => !passed && title.startsWith(`${op.name} `)),
  ).length;
  return failed === 0 ? count(own, "accepts") : `${count(own, "accepts")}, **${failed} fail**`;
}

function derivative(own: readonly Op[]): string {
  if (own.length === 0) return "by its steps";
  return own.some((op) => op.differentiable) ? "yes" : "none";
}

function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}
