import { writeFile } from "node:fs/promises";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { GradcheckRow } from "../../engine/recording/schema.ts";
import { describeEnding } from "../runner/outcome.ts";
import type { Command } from "./arguments.ts";
import { execute, relativePath } from "./execute.ts";
import { junitReport, sarifReport } from "./checkReports.ts";
import { harmless, type Terminal } from "./terminal.ts";

/** A gradcheck and where it stands; or a file that could not be run to its end. */
export interface CheckResult {
  readonly name: string;
  readonly file: string;
  readonly line: number | null;
  readonly passed: boolean;
  /** What is wrong; null when it passed. */
  readonly message: string | null;
  readonly check: GradcheckRow | null;
}

/** `gradlens check FILES…`: runs every file and reports all gradchecks. A failed one, or a file that fails, is exit code 1. */
export async function checkFiles(command: Extract<Command, { name: "check" }>, terminal: Terminal): Promise<number> {
  const results: CheckResult[] = [];
  for (const file of command.files) {
    const found = await checkFile(file, command, terminal);
    results.push(...found);
    if (!command.json) for (const result of found) printResult(result, terminal);
  }
  if (command.junit !== null) await writeFile(command.junit, junitReport(results));
  if (command.sarif !== null) await writeFile(command.sarif, sarifReport(results));
  const failed = results.filter((result) => !result.passed).length;
  if (command.json) terminal.print(JSON.stringify({ schema: 1, ok: failed === 0, gradchecks: results.map(toJson) }));
  else terminal.print(`\n${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function checkFile(file: string, command: Extract<Command, { name: "check" }>, terminal: Terminal): Promise<CheckResult[]> {
  const { recording, outcome } = await execute(file, command, terminal, "keep");
  const results = recording.gradchecks.map((check): CheckResult => {
    const place: Place | null = recording.sites.get(check.site) ?? null;
    return { name: check.name, file: relativePath(place?.file ?? file), line: place?.line ?? null, passed: check.passed, message: check.diagnosis, check };
  });
  // A gradcheck that threw has been counted; any other end than a good one is a failure of its own.
  const threw = outcome.kind === "error" && results.some((result) => !result.passed);
  if (outcome.kind === "ok" || threw) return results;
  const { error } = recording;
  return [...results, { name: "run", file: relativePath(error?.file ?? file), line: error?.line ?? null, passed: false, message: describeEnding(outcome), check: null }];
}

function printResult({ name, file, line, passed, message, check }: CheckResult, terminal: Terminal): void {
  const where = `${file}${line === null ? "" : `:${line}`}`;
  if (passed) {
    terminal.print(`${where}  ${terminal.style("green", "✓")} ${harmless(name)}  largest error ${formatNumber(check?.maxAbsError ?? 0)}`);
    return;
  }
  terminal.print(`${where}  ${terminal.style("red", "✗")} ${harmless(name)}`);
  if (message !== null) terminal.print(harmless(message).replace(/^/gm, "    "));
}

function toJson({ name, file, line, passed, message, check }: CheckResult): unknown {
  return {
    name,
    file,
    line,
    passed,
    maxAbsError: check?.maxAbsError ?? null,
    maxRelError: check?.maxRelError ?? null,
    worst: check?.worst ?? null,
    diagnosis: message,
    cause: null,
    blame: null,
  };
}
