import * as vscode from "vscode";
import { historyOf } from "../../engine/recording/queries/alerts/history.ts";
import { type Alert, silencingComment } from "../../engine/recording/queries/alerts.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { type CurrentLines, currentLines } from "./currentLines.ts";
import type { Fix } from "./fixes/fix.ts";
import { fixesFor } from "./fixes/fixesFor.ts";
import { SourceCode } from "./fixes/sourceCode.ts";
import { modelSelector } from "./modelSelector.ts";

const { QuickFix } = vscode.CodeActionKind;

/** What can be done about an alert at its line: change the program, say that it is meant, look at it in the graph. */
export class AlertActions implements vscode.CodeActionProvider, vscode.Disposable {
  readonly #results: Results;
  readonly #registered: vscode.Disposable;

  constructor(results: Results) {
    this.#results = results;
    this.#registered = vscode.languages.registerCodeActionsProvider(modelSelector, this, {
      providedCodeActionKinds: [QuickFix],
    });
  }

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const own = diagnostics.filter(({ source, code }) => source === "gradlens" && code !== "does-not-compile");
    const code = own.length === 0 ? null : new SourceCode(document.getText());
    const actions = own.flatMap((diagnostic) => (code === null ? [] : this.#actionsFor(document, code, diagnostic)));
    return own.length === 0 ? [] : [...actions, showInGraph(own)];
  }

  dispose(): void {
    this.#registered.dispose();
  }

  #actionsFor(document: vscode.TextDocument, code: SourceCode, diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
    const key = realPathKey(document.uri.fsPath);
    for (const result of this.#results.lastRuns) {
      const lines = currentLines(result, document);
      const alert = result.alerts.find(({ kind, place }) => {
        const isHere = place !== null && pathKey(place.file) === key;
        return kind === diagnostic.code && isHere && lines?.current(place.line - 1) === diagnostic.range.start.line;
      });
      if (alert === undefined || lines === null) continue;
      const locate = (place: Place | null): number | null => offsetOf(document, key, lines, place);
      return [
        ...fixActions(document, diagnostic, fixesOf(result, alert, code, locate)),
        ...(alert.kind === "unknown-comment" ? [] : [intended(document, diagnostic, alert)]),
      ];
    }
    return [];
  }
}

/** A fix is a help: whatever goes wrong in working one out, the other actions are offered. */
function fixesOf(
  { recording }: RunResult,
  alert: Alert,
  code: SourceCode,
  locate: (place: Place | null) => number | null,
): Fix[] {
  return fixesFor({ alert, history: historyOf(recording), code, locate });
}

/** Where a place of a run is in a document now; null when that line was changed, or is in another file. */
function offsetOf(document: vscode.TextDocument, key: string, lines: CurrentLines, place: Place | null): number | null {
  if (place === null || pathKey(place.file) !== key) return null;
  const at = lines.find(place);
  return at && document.offsetAt(new vscode.Position(at.line, at.character));
}

function fixActions(
  document: vscode.TextDocument,
  diagnostic: vscode.Diagnostic,
  fixes: readonly Fix[],
): vscode.CodeAction[] {
  return fixes.map(({ title, changes }, i) => {
    const action = new vscode.CodeAction(vscode.l10n.t(title), QuickFix);
    action.diagnostics = [diagnostic];
    action.isPreferred = i === 0;
    action.edit = new vscode.WorkspaceEdit();
    const edits = changes.map(({ start, end, text }) => {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      return new vscode.TextEdit(range, document.eol === vscode.EndOfLine.CRLF ? text.replace(/\r?\n/g, "\r\n") : text);
    });
    action.edit.set(document.uri, edits);
    return action;
  });
}

/** A comment that silences this alert at this line. */
function intended(document: vscode.TextDocument, diagnostic: vscode.Diagnostic, alert: Alert): vscode.CodeAction {
  const action = new vscode.CodeAction(vscode.l10n.t("This one is intended: silence it here"), QuickFix);
  const { text, range } = document.lineAt(diagnostic.range.start.line);
  const comment = silencingComment(alert);
  const hasComment = text.includes("//");
  const indent = text.slice(0, text.length - text.trimStart().length);
  action.diagnostics = [diagnostic];
  action.edit = new vscode.WorkspaceEdit();
  // A line that ends in a comment already keeps it; ours stands alone on the line before.
  if (hasComment) action.edit.insert(document.uri, range.start, `${indent}${comment}\n`);
  else action.edit.insert(document.uri, range.end, `${text.endsWith(" ") ? "" : " "}${comment}`);
  return action;
}

function showInGraph(diagnostics: vscode.Diagnostic[]): vscode.CodeAction {
  const action = new vscode.CodeAction(vscode.l10n.t("Show in Graph"), QuickFix);
  action.diagnostics = diagnostics;
  // The cursor is in the line that the command shows.
  action.command = { title: action.title, command: "gradlens.showInGraph" };
  return action;
}
