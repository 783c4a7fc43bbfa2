import { type Alert, findAlerts } from "../../engine/recording/queries/alerts.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import { runReport } from "../../engine/recording/queries/report.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { namedTensors, type TensorInfo } from "../../engine/recording/queries/tensors.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { describeEnding } from "../runner/outcome.ts";
import type { Command } from "./arguments.ts";
import { type Executed, execute, relativePath } from "./execute.ts";
import { harmless, type Terminal } from "./terminal.ts";
import { textTable } from "./textTable.ts";

type RunCommand = Extract<Command, { name: "run" }>;

/** `gradlens run FILE`: what matters about a run, as a table or as JSON. */
export async function runFile(command: RunCommand, terminal: Terminal): Promise<number> {
  const executed = await execute(command.file, command, terminal, command.json ? "keep" : "pass on");
  if (command.json) {
    const report = runReport(executed.recording, { all: command.all, relative: relativePath });
    terminal.print(JSON.stringify(explained(report, executed)));
  } else printRun(command, executed, terminal);
  const failed = executed.outcome.kind !== "ok" || findAlerts(executed.recording).some(isFailure);
  return failed ? 1 : 0;
}

/** A gradcheck that only answered false has told the program, which may have expected it. */
const isFailure = ({ severity, kind }: Alert): boolean => severity === "error" && kind !== "gradcheck";

/** A run that ended without an error of the program's own still says in `error` why it is not ok. */
function explained(report: ReturnType<typeof runReport>, { outcome }: Executed): unknown {
  if (outcome.kind === "ok" || report.error !== null) return report;
  return { ...report, error: { name: outcome.kind, message: describeEnding(outcome), file: null, line: null, stack: [] } };
}

function printRun(command: RunCommand, { recording, outcome }: Executed, terminal: Terminal): void {
  const tensors = namedTensors(recording, { all: command.all });
  if (tensors.length > 0) printTensors(tensors, terminal);
  printSteps(recording, terminal);
  const alerts = findAlerts(recording);
  for (const alert of alerts) {
    const where = alert.place === null ? "" : `${relativePath(alert.place.file)}:${alert.place.line}  `;
    const word = terminal.style(alert.severity === "error" ? "red" : alert.severity === "warning" ? "yellow" : "cyan", alert.severity);
    terminal.print(`\n${where}${word}  ${harmless(alert.message)}`);
    for (const link of alert.chain.slice(1, 6)) {
      const at = link.place === null ? "" : `${relativePath(link.place.file)}:${link.place.line}  `;
      terminal.print(terminal.style("dim", `  ${at}then ${link.op} (${link.phase})`));
    }
    if (alert.fix !== null) terminal.print(`  fix: ${alert.fix}`);
  }
  if (outcome.kind !== "ok") printFailure(recording, outcome, terminal);
  terminal.print(`\n${summary(command, recording, outcome, alerts.length, terminal)}`);
}

const COLUMNS = [
  { title: "name", align: "left", maxWidth: 32 },
  { title: "shape", align: "left", maxWidth: 20 },
  { title: "dtype", align: "left", maxWidth: 8 },
  { title: "kind", align: "left", maxWidth: 9 },
  { title: "value", align: "right", maxWidth: 12 },
  { title: "‖∇‖", align: "right", maxWidth: 12 },
  { title: "where", align: "left", maxWidth: 48 },
] as const;

/** More rows than this are left out; `--all` and `--json` have them. */
const MAX_ROWS = 60;

function printTensors(tensors: readonly TensorInfo[], terminal: Terminal): void {
  const rows = tensors.slice(0, MAX_ROWS).map((t) => [
    harmless(t.module ?? t.name ?? "(unnamed)"),
    `[${t.shape.join(", ")}]`,
    t.dtype,
    kindOf(t),
    t.value === null ? "" : t.value.numel === 1 ? formatNumber(t.value.sample[0] ?? Number.NaN) : `‖${formatNumber(t.value.norm)}‖`,
    gradientOf(t),
    t.place === null ? "" : `${relativePath(t.place.file)}:${t.place.line}`,
  ]);
  const lines = textTable(COLUMNS, rows, (cell, row, column) => {
    if (row === -1) return terminal.style("dim", cell);
    if (column === 5 && /NaN|Inf/.test(cell)) return terminal.style("red", cell);
    return column === 6 ? terminal.style("dim", cell) : cell;
  });
  terminal.print(`\n${lines.join("\n")}`);
  if (tensors.length > MAX_ROWS) terminal.print(terminal.style("dim", `… and ${tensors.length - MAX_ROWS} more (--json has all)`));
}

function kindOf(t: TensorInfo): string {
  if (t.isParameter) return t.requiresGrad ? "param" : "frozen";
  return t.isLeaf ? "leaf" : "non-leaf";
}

function gradientOf(t: TensorInfo): string {
  if (t.grad !== null) return formatNumber(t.grad.norm);
  return t.requiresGrad && t.isLeaf ? "∅" : "";
}

function printSteps(recording: Recording, terminal: Terminal): void {
  const steps = trainingSteps(recording);
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined || steps.length < 2) return;
  terminal.print(`\n${steps.length} steps: loss ${formatNumber(first.loss)} → ${formatNumber(last.loss)}, gradient norm ${formatNumber(first.gradNorm)} → ${formatNumber(last.gradNorm)}`);
}

function printFailure(recording: Recording, outcome: Executed["outcome"], terminal: Terminal): void {
  const { error } = recording;
  if (error === null || outcome.kind !== "error") {
    const where = outcome.kind === "compile-error" ? `${relativePath(outcome.file)}:${outcome.line}:${outcome.column}  ` : "";
    const text = outcome.kind === "compile-error" ? outcome.text : describeEnding(outcome);
    terminal.print(`\n${where}${terminal.style("red", "error")}  ${harmless(text)}`);
    return;
  }
  const where = error.file === null ? "" : `${relativePath(error.file)}:${error.line}:${error.column}  `;
  terminal.print(`\n${where}${terminal.style("red", harmless(error.name))}  ${harmless(error.message)}`);
  for (const frame of error.stack.slice(0, 8)) {
    terminal.print(terminal.style("dim", `  at ${harmless(frame.function ?? "(top level)")} ${relativePath(frame.file)}:${frame.line}:${frame.column}`));
  }
}

function summary(command: RunCommand, recording: Recording, outcome: Executed["outcome"], alerts: number, terminal: Terminal): string {
  const { ops } = runReport(recording, { relative: relativePath });
  const verdict = outcome.kind === "ok" ? (alerts === 0 ? terminal.style("green", "✓ no alerts") : `${alerts} alert${alerts === 1 ? "" : "s"}`) : terminal.style("red", `✗ ${outcome.kind}`);
  const facts = `${ops.forward} ops forward, ${ops.backward} backward, ${(outcome.durationMs / 1000).toFixed(2)} s`;
  const next = command.save === null ? `gradlens graph ${command.file} --format svg draws it; --save F.gradlens keeps it for VS Code` : `open ${command.save} in VS Code to look closer`;
  return `${verdict} · ${facts}\n${terminal.style("dim", `next: ${next}`)}`;
}
