import { type Alert, findAlerts } from "../../engine/recording/queries/alerts.ts";
import { runReport } from "../../engine/recording/queries/report.ts";
import type { RunCommand } from "./arguments.ts";
import { type Executed, execute, relativePath, withRunner } from "./execute.ts";
import { printRun } from "./printRun.ts";
import { sourceText } from "./sourceText.ts";
import type { Terminal } from "./terminal.ts";

/** `gradlens run FILE`: what matters about a run, as a table or as JSON. */
export async function runFile(command: RunCommand, terminal: Terminal, home: string): Promise<number> {
  const output = command.json ? "keep" : "pass on";
  const executed = await withRunner(home, (runner) => execute(command.file, command, terminal, runner, output));
  const alerts = findAlerts(executed.recording, { sources: sourceText });
  if (command.json) terminal.print(JSON.stringify(reportOf(executed, command.all, alerts)));
  else printRun(command, executed, alerts, terminal);
  return executed.failure === null && !alerts.some(isError) ? 0 : 1;
}

/** A gradcheck that says no and does not throw is an answer the program asked for; `check` counts it. */
function isError({ kind, severity }: Alert): boolean {
  return severity === "error" && kind !== "gradcheck";
}

/** A run that ended without an error of the program's own still says in `error` why it is not ok. */
function reportOf({ recording, failure, notes }: Executed, all: boolean, alerts: readonly Alert[]): unknown {
  const report = { ...runReport(recording, { all, alerts, relative: relativePath }), notes };
  if (failure === null || report.error !== null) return report;
  return { ...report, error: { name: failure.kind, message: failure.text, file: null, line: null, stack: [] } };
}
