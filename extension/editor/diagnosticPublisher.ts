import * as vscode from "vscode";
import type { Alert } from "../../engine/recording/queries/alerts.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { visibleText } from "../plainText.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { type Problem, problemsOf } from "./problems.ts";
import { linesNow, onSourceChanged, openDocument } from "./sourceNow.ts";

/** Faults and errors of each model's last run, at the lines they are about. */
export class DiagnosticPublisher implements vscode.Disposable {
  readonly #results: Results;
  readonly #collection = vscode.languages.createDiagnosticCollection("gradlens");
  readonly #listening: vscode.Disposable;
  /** Files that the last runs have something to say about, be it at a line that was changed since. */
  readonly #files = new Set<string>();

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#publish()),
      // Not at every key stroke: faults of edited lines vanish when the hand rests, and come back when that is undone.
      onSourceChanged((files) => {
        if ([...files].some((file) => this.#files.has(file))) this.#publish();
      }),
    );
  }

  dispose(): void {
    this.#listening.dispose();
    this.#collection.dispose();
  }

  #publish(): void {
    const byFile = new Map<string, vscode.Diagnostic[]>();
    this.#files.clear();
    for (const result of this.#results.lastRuns) {
      for (const problem of problemsOf(result)) {
        this.#files.add(realPathKey(problem.place.file));
        const diagnostic = toDiagnostic(problem, result);
        if (diagnostic === null) continue;
        const others = byFile.get(problem.place.file) ?? [];
        // Two models may have come across the same fault of a file that both import.
        if (others.some((other) => isSame(other, diagnostic))) continue;
        byFile.set(problem.place.file, [...others, diagnostic]);
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

function isSame(one: vscode.Diagnostic, other: vscode.Diagnostic): boolean {
  return one.code === other.code && one.message === other.message && one.range.isEqual(other.range);
}

/** The expression at a place, where it is by now; null when its line was changed. */
function rangeOf({ place, length }: { place: Place; length: number | null }, result: RunResult): vscode.Range | null {
  const lines = linesNow(result, place.file);
  // A recording from disk does not tell what its lines said, so they may be others by now.
  if (lines === null && result.outcome === null) return null;
  const at = lines === null ? { line: place.line - 1, character: Math.max(0, place.column - 1) } : lines.find(place);
  if (at === null) return null;
  const start = new vscode.Position(at.line, at.character);
  if (length !== null) return new vscode.Range(start, start.translate(0, Math.max(1, length)));
  const document = openDocument(realPathKey(place.file));
  return document ? expressionAt(document, start) : new vscode.Range(start, start.translate(0, 1));
}

/** From a place to the end of the statement's line, without its semicolon and comment: long enough to be seen. */
function expressionAt(document: vscode.TextDocument, start: vscode.Position): vscode.Range {
  const at = document.validatePosition(start);
  const { text } = document.lineAt(at);
  const rest = text.slice(at.character).replace(/\s*(;\s*)?(\/\/.*)?$/, "");
  const from = rest === "" ? text.length - text.trimStart().length : at.character;
  return new vscode.Range(at.line, from, at.line, Math.max(at.character + rest.length, from + 1));
}
