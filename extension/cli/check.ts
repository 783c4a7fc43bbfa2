import type { Runner } from "../runner/runner.ts";
import { type CheckCommand, UsageError } from "./arguments.ts";
import { junitReport, sarifReport } from "./checkReports.ts";
import { checkTargets } from "./checkTargets.ts";
import { type Executed, execute, relativePath, withRunner, writeOutput } from "./execute.ts";
import { type CheckResult, gradchecksOf, printCheck } from "./gradchecks.ts";
import type { Terminal } from "./terminal.ts";

/** `gradlens check FILES…`: runs every file and reports all gradchecks. A failed one, or a file that fails, is exit code 1. */
export async function checkFiles(command: CheckCommand, terminal: Terminal, home: string): Promise<number> {
  const files = await checkTargets(command.files);
  if (command.save !== null && files.length > 1) throw new UsageError("--save keeps one run, so give one FILE.");
  const results = await withRunner(home, (runner) => runAll({ ...command, files }, terminal, runner));
  if (command.junit !== null) await writeOutput(command.junit, junitReport(results));
  if (command.sarif !== null) await writeOutput(command.sarif, sarifReport(results));

  const failed = results.filter((result) => !result.passed).length;
  if (command.json) {
    terminal.print(JSON.stringify({ schema: 1, ok: failed === 0, gradchecks: results.map(({ json }) => json) }));
  } else terminal.print(`\n${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runAll(command: CheckCommand, terminal: Terminal, runner: Runner): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const file of command.files) {
    const executed = await execute(file, command, terminal, runner, "keep");
    const found = resultsOf(file, executed);
    results.push(...found);
    if (!command.json) printFound(file, found, terminal);
    // Ctrl+C means all of them.
    if (executed.failure?.kind === "stopped") break;
  }
  return results;
}

function resultsOf(file: string, { recording, failure }: Executed): CheckResult[] {
  const checks = gradchecksOf(recording);
  // A gradcheck that threw has been counted; any other end than a good one is a failure of its own.
  const threw = failure?.kind === "error" && checks.at(-1)?.passed === false;
  // The check that the run ended in says so itself.
  if (failure === null || threw || recording.pendingGradcheck !== null) return checks;

  const place = {
    file: relativePath(recording.error?.file ?? file),
    line: recording.error?.line ?? null,
  };
  const name = "the run";
  const json = { name, ...place, passed: false, ...nothingFound, diagnosis: failure.text };
  return [
    ...checks,
    { name, ...place, passed: false, message: failure.text, maxAbsError: null, blame: null, cause: null, json },
  ];
}

const nothingFound = { maxAbsError: null, maxRelError: null, worst: null, cause: null, blame: null };

function printFound(file: string, found: readonly CheckResult[], terminal: Terminal): void {
  if (found.length === 0) terminal.print(`${relativePath(file)}  ${terminal.style("dim", "no gradchecks")}`);
  for (const result of found) printCheck(result, terminal);
}
