import type { Alert } from "../../engine/recording/queries/alerts.ts";
import { formatNumber } from "../../engine/recording/queries/numbers.ts";
import { runReport } from "../../engine/recording/queries/report.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { ErrorRow } from "../../engine/recording/schema.ts";
import type { RunCommand } from "./arguments.ts";
import { type Executed, relativePath } from "./execute.ts";
import { gradchecksOf, printCheck } from "./gradchecks.ts";
import { printTensors } from "./printTensors.ts";
import { harmless, harmlessLine, type Terminal } from "./terminal.ts";

/** A run for people: tensors, training, gradchecks, faults, and one line on what to do next. */
export function printRun(command: RunCommand, executed: Executed, alerts: readonly Alert[], terminal: Terminal): void {
  const { recording } = executed;
  printTensors(namedTensors(recording, { all: command.all }), terminal);
  printSteps(recording, terminal);
  printGradchecks(recording, terminal);
  // What has been said about gradchecks and errors is not said twice.
  const others = alerts.filter(({ kind, message }) => kind !== "gradcheck" && message !== recording.error?.message);
  for (const alert of others) printAlert(alert, terminal);
  printFailure(executed, alerts, terminal);
  terminal.printWords(`\n${summary(executed, alerts, terminal)}\n${terminal.style("dim", nextStep(command, alerts))}`);
}

function printSteps(recording: Recording, terminal: Terminal): void {
  const steps = trainingSteps(recording);
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined || first === last) return;
  const change = (key: "loss" | "gradNorm"): string => `${formatNumber(first[key])} → ${formatNumber(last[key])}`;
  terminal.printWords(`\n${countOf(steps.length)} steps: loss ${change("loss")}, gradient norm ${change("gradNorm")}`);
}

function printGradchecks(recording: Recording, terminal: Terminal): void {
  const checks = gradchecksOf(recording);
  if (checks.length > 0) terminal.print("");
  for (const check of checks) printCheck(check, terminal);
}

const severityStyle = { error: "red", warning: "yellow", info: "cyan" } as const;
const shownLinks = 6;

function printAlert({ place, severity, message, chain, fix }: Alert, terminal: Terminal): void {
  const word = terminal.style(severityStyle[severity], severity);
  terminal.printWords(`\n${before(place)}${word}  ${harmless(message)}`);
  for (const link of chain.slice(1, shownLinks)) {
    terminal.printWords(terminal.style("dim", `  ${before(link.place)}then ${link.op} (${link.phase})`));
  }
  if (chain.length > shownLinks) terminal.printWords(terminal.style("dim", `  … ${chain.length - shownLinks} more`));
  if (fix !== null) terminal.printWords(`  fix: ${harmless(fix)}`);
}

function printFailure({ recording, failure, problems }: Executed, alerts: readonly Alert[], terminal: Terminal): void {
  if (failure === null) return;
  if (problems.length > 0) {
    for (const problem of problems) printError(terminal, problem, "does not compile", problem.text);
  } else if (recording.error !== null) {
    const { error } = recording;
    printError(terminal, placeOf(error), error.name, error.message);
    for (const frame of error.stack.slice(0, 8)) {
      terminal.printWords(
        terminal.style("dim", `  ${before(frame)}in ${harmlessLine(frame.function ?? "the top level")}`),
      );
    }
    const known = alerts.find(({ message }) => message === error.message);
    if (known?.fix) terminal.printWords(`  fix: ${harmless(known.fix)}`);
  } else printError(terminal, null, failure.kind, failure.text);
}

function printError(terminal: Terminal, place: Place | null, name: string, message: string): void {
  terminal.printWords(`\n${before(place)}${terminal.style("red", harmlessLine(name))}  ${harmless(message)}`);
}

function placeOf({ file, line, column }: ErrorRow): Place | null {
  return file === null || line === null ? null : { file, line, column: column ?? 1 };
}

/** `model.ts:7:3  `: first in its line, where terminals find links. */
function before(place: Place | null): string {
  return place === null ? "" : `${harmlessLine(relativePath(place.file))}:${place.line}:${place.column}  `;
}

function summary({ recording, failure }: Executed, alerts: readonly Alert[], terminal: Terminal): string {
  const { ops, durationMs } = runReport(recording, { relative: relativePath });
  const facts = [
    `${countOf(ops.forward)} ops forward, ${countOf(ops.backward)} backward`,
    `${(durationMs / 1000).toFixed(2)} s`,
  ];
  const { truncated } = recording.meta;
  if (truncated !== null) facts.push(truncated);
  return [verdict(failure, alerts, terminal), ...facts].join(" · ");
}

const countOf = (count: number): string => count.toLocaleString("en");

function verdict(failure: Executed["failure"], alerts: readonly Alert[], terminal: Terminal): string {
  if (failure !== null) return terminal.style("red", `✗ ${failure.kind}`);
  if (alerts.length === 0) return terminal.style("green", "✓ no alerts");
  return terminal.style("yellow", `${alerts.length} alert${alerts.length === 1 ? "" : "s"}`);
}

function nextStep({ file, save }: RunCommand, alerts: readonly Alert[]): string {
  const place = alerts.find((alert) => alert.place !== null)?.place;
  if (place) return `next: look at ${relativePath(place.file)}:${place.line}`;
  if (save !== null) return `next: open ${save} in VS Code to look closer`;
  return `next: gradlens graph ${file} --format svg draws it; --save F.gradlens keeps it for VS Code`;
}
