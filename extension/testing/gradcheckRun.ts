import * as vscode from "vscode";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { visibleText } from "../plainText.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { RunService } from "../runs/runService.ts";
import type { GradcheckFiles } from "./gradcheckFiles.ts";
import type { GradcheckItems } from "./gradcheckItems.ts";
import { type Failure, type Verdict, verdictOf } from "./verdicts.ts";

/** The chosen calls of one file. */
interface FileCalls {
  readonly uri: vscode.Uri;
  readonly items: readonly vscode.TestItem[];
}

/** Runs the files of the chosen gradchecks, each once, and tells what became of them. */
export async function runGradchecks(
  controller: vscode.TestController,
  items: GradcheckItems,
  files: GradcheckFiles,
  runs: RunService,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
): Promise<void> {
  const run = controller.createTestRun(request);
  const stopping = token.onCancellationRequested(() => void runs.stop());
  try {
    const chosen = chosenCalls(controller, request);
    for (const item of chosen.flatMap((file) => file.items)) run.enqueued(item);
    // What the files import may be unsaved too. Saving may move lines.
    await vscode.workspace.saveAll(false);
    await files.catchUp();
    let isReplaced = false;
    for (const file of chosen) {
      if (token.isCancellationRequested) break;
      // Whoever ran something else meanwhile is not to lose that.
      if (isReplaced) for (const item of file.items) tell(run, item, replaced, 0);
      else isReplaced = !(await runFile(run, file, items, runs, token));
    }
  } finally {
    stopping.dispose();
    run.end();
  }
}

/** The calls that a request asks for, file by file. */
export function chosenCalls(controller: vscode.TestController, request: vscode.TestRunRequest): FileCalls[] {
  const chosen = request.include ?? [...controller.items].map(([, item]) => item);
  const excluded = new Set(request.exclude);
  const byFile = new Map<string, { uri: vscode.Uri; items: Set<vscode.TestItem> }>();
  for (const item of chosen) {
    for (const call of item.children.size > 0 ? [...item.children].map(([, child]) => child) : [item]) {
      const { uri, parent } = call;
      if (uri === undefined || parent === undefined || excluded.has(call) || excluded.has(parent)) continue;
      const file = byFile.get(uri.toString()) ?? { uri, items: new Set() };
      file.items.add(call);
      byFile.set(uri.toString(), file);
    }
  }
  return [...byFile.values()].map(({ uri, items }) => ({ uri, items: [...items] }));
}

const replaced: Verdict = { kind: "skipped", why: "Another run took the place of this one." };

/** False when another run took its place. */
async function runFile(
  run: vscode.TestRun,
  file: FileCalls,
  items: GradcheckItems,
  runs: RunService,
  token: vscode.CancellationToken,
): Promise<boolean> {
  // As of now: the text may change while the file runs.
  const lines = new Map(file.items.map((item) => [item, items.lineOf(item)]));
  for (const item of file.items) run.started(item);
  const started = performance.now();
  const listening = runs.onConsole(({ text }) => run.appendOutput(outputText(text)));
  const result = await runs.run(file.uri.fsPath).finally(() => listening.dispose());
  const took = performance.now() - started;
  const key = realPathKey(file.uri.fsPath);
  for (const [item, line] of lines) {
    const verdict = result === null ? replaced : verdictOf(result, key, line ?? 0);
    const isCancelled = verdict.kind === "errored" && token.isCancellationRequested;
    tell(run, item, isCancelled ? { kind: "skipped", why: verdict.message } : verdict, took);
  }
  return result !== null;
}

function tell(run: vscode.TestRun, item: vscode.TestItem, verdict: Verdict, took: number): void {
  switch (verdict.kind) {
    case "passed":
      run.passed(item, took);
      return;
    case "failed":
      run.appendOutput(`${item.label}: ${outputText(verdict.failure.message)}\r\n`, undefined, item);
      run.failed(item, messagesOf(verdict.failure, item), took);
      return;
    case "errored": {
      const message = new vscode.TestMessage(visibleText(verdict.message));
      placeAt(message, verdict.place, item);
      run.errored(item, message, took);
      return;
    }
    case "skipped":
      run.skipped(item);
      run.appendOutput(`${item.label}: ${outputText(verdict.why)}\r\n`, undefined, item);
  }
}

/** As a terminal shows it. */
const outputText = (text: string): string => visibleText(text).replace(/\r?\n/g, "\r\n");

/** What is wrong, and both Jacobians as a diff, which VS Code shows without words. */
function messagesOf({ message, expected, actual, place }: Failure, item: vscode.TestItem): vscode.TestMessage[] {
  const text = visibleText(message);
  const messages = [new vscode.TestMessage(text)];
  if (expected !== null && actual !== null) {
    const title = vscode.l10n.t("Jacobians: finite differences (expected) and backward (actual)");
    messages.push(vscode.TestMessage.diff(title, expected, actual));
  }
  for (const shown of messages) {
    placeAt(shown, place, item);
    shown.contextValue = "gradcheck";
  }
  return messages;
}

function placeAt(message: vscode.TestMessage, place: Place | null, item: vscode.TestItem): void {
  if (place !== null) {
    const position = new vscode.Position(Math.max(0, place.line - 1), Math.max(0, place.column - 1));
    message.location = new vscode.Location(vscode.Uri.file(place.file), position);
  } else if (item.uri !== undefined && item.range !== undefined) {
    message.location = new vscode.Location(item.uri, item.range);
  }
}
