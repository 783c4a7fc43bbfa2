// Compares the engine with PyTorch's recorded answers:
//
//     npm run golden -- [DIR] [--category NAME] [--case NAME]
//
// DIR holds files in the format of test/golden/data/FORMAT.md; default is the project's own copy. The filters are for developers.

import path from "node:path";
import { parseArgs } from "node:util";
import { categoryFiles, categoryName, readCategory } from "../test/golden/format.ts";
import { type Outcome, runCase } from "../test/golden/runner.ts";
import { inProject } from "./project.ts";

interface Row {
  readonly category: string;
  readonly outcomes: readonly { readonly name: string; readonly outcome: Outcome }[];
}

const { values, positionals } = readCommandLine();
const folder = positionals[0] ?? inProject("test", "golden", "data");

const rows = filesIn(folder)
  .filter((file) => values.category === undefined || values.category.includes(categoryName(file)))
  .map(runCategory)
  .filter((row) => row.outcomes.length > 0);
printTable(rows);
printProblems(rows);
const total = rows.reduce((sum, row) => sum + row.outcomes.length, 0);
if (total === 0) console.error(`No cases in ${folder}${values.category || values.case ? " with that name" : ""}.`);
process.exitCode = total > 0 && rows.every((row) => count(row, "passed") === row.outcomes.length) ? 0 : 1;

function readCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { category: { type: "string", multiple: true }, case: { type: "string" } },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function filesIn(dir: string): string[] {
  try {
    return categoryFiles(dir);
  } catch (error) {
    return fail(`Could not read ${dir}: ${error instanceof Error ? error.message : error}`);
  }
}

/** A file that cannot be read counts as a case that failed, and does not keep the others from running. */
function runCategory(file: string): Row {
  try {
    const { name, cases } = readCategory(file);
    const outcomes = cases.map((test, i) => ({ name: test?.name ?? `#${i + 1}`, test }));
    const chosen = outcomes.filter((test) => values.case === undefined || test.name.includes(values.case));
    return { category: name, outcomes: chosen.map((entry) => ({ name: entry.name, outcome: runCase(entry.test) })) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      category: categoryName(file),
      outcomes: [{ name: path.basename(file), outcome: { status: "failed", reason } }],
    };
  }
}

function count(row: Row, status: Outcome["status"]): number {
  return row.outcomes.filter(({ outcome }) => outcome.status === status).length;
}

function printTable(table: readonly Row[]): void {
  const statuses = ["passed", "failed", "unsupported"] as const;
  const line = (cells: readonly (string | number)[]) =>
    console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(20) : String(cell).padStart(12))).join(""));
  line(["category", ...statuses]);
  for (const row of table) line([row.category, ...statuses.map((status) => count(row, status))]);
  line(["total", ...statuses.map((status) => table.reduce((sum, row) => sum + count(row, status), 0))]);
}

/** Each failure with its reason, and how many cases wait for each missing function. */
function printProblems(table: readonly Row[]): void {
  const missing = new Map<string, number>();
  for (const { category, outcomes } of table) {
    for (const { name, outcome } of outcomes) {
      if (outcome.status === "failed") console.log(`✗ ${category}/${name}: ${outcome.reason}`);
      if (outcome.status === "unsupported") missing.set(outcome.missing, (missing.get(outcome.missing) ?? 0) + 1);
    }
  }
  const wanted = [...missing].sort(([, a], [, b]) => b - a).map(([name, cases]) => `${name} (${cases})`);
  if (wanted.length > 0) console.log(`Missing: ${wanted.join(", ")}`);
}
