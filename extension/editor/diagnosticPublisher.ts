import * as vscode from "vscode";
import type { Alert } from "../../engine/recording/queries/alerts.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { visibleText } from "../plainText.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { type CurrentLines, currentLines } from "./currentLines.ts";
import { type Problem, problemsOf } from "./problems.ts";

/** Faults and errors of each model's last run, at the lines they are about. */
export class DiagnosticPublisher implements vscode.Disposable {
  readonly #results: Results;
  readonly #collection = vscode.languages.createDiagnosticCollection("gradlens");
  readonly #listening: vscode.Disposable;
  /** Files that the last runs have something to say about, be it at a line that was changed since. */
  readonly #files = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#publish()),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#publishSoon(document);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => this.#publishSoon(document)),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
    this.#collection.dispose();
  }

  /** Not at every key stroke: faults of edited lines vanish when the hand rests, and come back when that is undone. */
  #publishSoon({ uri }: vscode.TextDocument): void {
    if (uri.scheme !== "file" || !this.#files.has(realPathKey(uri.fsPath))) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#publish(), 200);
  }

  #publish(): void {
    clearTimeout(this.#timer);
    const byFile = new Map<string, vscode.Diagnostic[]>();
    this.#files.clear();
    for (const result of this.#results.lastRuns) {
      for (const problem of problemsOf(result)) {
        this.#files.add(realPathKey(problem.place.file));
        const diagnostic = toDiagnostic(problem, result);
        if (diagnostic === null) continue;
        byFile.set(problem.place.file, [...(byFile.get(problem.place.file) ?? []), diagnostic]);
      }
    }
    this.#collection.clear();
    for (const [file, diagnostics] of byFile) this.#collection.set(vscode.Uri.file(file), diagnostics);
  }
}

const severities: Readonly<Record<Alert["severity"], vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

/** Null when the line was changed since: what was said about it may not be true any more. */
function toDiagnostic(problem: Problem, result: RunResult): vscode.Diagnostic | null {
  const range = rangeOf(problem, result);
  if (range === null) return null;
  const diagnostic = new vscode.Diagnostic(range, visibleText(problem.message), severities[problem.severity]);
  diagnostic.source = "gradlens";
  diagnostic.code = problem.kind;
  diagnostic.relatedInformation = problem.related.flatMap(({ place, message }) => {
    const there = rangeOf({ place, length: null }, result);
    const location = there && new vscode.Location(vscode.Uri.file(place.file), there);
    return location ? [new vscode.DiagnosticRelatedInformation(location, visibleText(message))] : [];
  });
  return diagnostic;
}

/** The expression at a place, where it is by now; null when its line was changed. */
function rangeOf({ place, length }: { place: Place; length: number | null }, result: RunResult): vscode.Range | null {
  const document = openDocument(place.file);
  const lines: CurrentLines | null = document ? currentLines(result, document) : null;
  // A recording from disk does not tell what its lines said, so they may be others by now.
  if (lines === null && result.outcome === null) return null;
  const line = lines === null ? place.line - 1 : lines.current(place.line - 1);
  if (line === null) return null;
  const start = new vscode.Position(line, Math.max(0, place.column - 1));
  if (length !== null) return new vscode.Range(start, start.translate(0, Math.max(1, length)));
  return document ? expressionAt(document, start) : new vscode.Range(start, start.translate(0, 1));
}

function openDocument(file: string): vscode.TextDocument | undefined {
  const key = realPathKey(file);
  return vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "file" && realPathKey(uri.fsPath) === key);
}

/** From a place to the end of the statement's line, without its semicolon and comment: long enough to be seen. */
function expressionAt(document: vscode.TextDocument, start: vscode.Position): vscode.Range {
  const at = document.validatePosition(start);
  const { text } = document.lineAt(at);
  const rest = text.slice(at.character).replace(/\s*(;\s*)?(\/\/.*)?$/, "");
  const from = rest === "" ? text.length - text.trimStart().length : at.character;
  return new vscode.Range(at.line, from, at.line, Math.max(at.character + rest.length, from + 1));
}
