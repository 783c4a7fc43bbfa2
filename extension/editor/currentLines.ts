import type { TextDocument } from "vscode";
import { matchLines } from "../results/lineMatch.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { RunResult } from "../results/runResult.ts";

/** Where the lines of a run stand in a document that may have been edited since. Lines count from 0, as documents do. */
export interface CurrentLines {
  /** Whether the document is not what ran. */
  readonly isEdited: boolean;
  /** Where a line that ran is now; null when it was changed. */
  current(line: number): number | null;
  /** The line that ran and is here now; null for a line that was changed or added. */
  asRun(line: number): number | null;
}

/** Compares a document with what a run read; null when the run did not read it. */
export function currentLines(result: RunResult, document: TextDocument): CurrentLines | null {
  const text = result.texts.get(realPathKey(document.uri.fsPath));
  if (text === undefined) return null;
  const known = compared.get(document);
  if (known?.version === document.version && known.result === result) return known.lines;
  const lines = compare(text, document.getText());
  compared.set(document, { version: document.version, result, lines });
  return lines;
}

const compared = new WeakMap<
  TextDocument,
  { readonly version: number; readonly result: RunResult; readonly lines: CurrentLines }
>();

function compare(before: string, after: string): CurrentLines {
  const lines = splitLines(before);
  const isEdited = lines.join("\n") !== splitLines(after).join("\n");
  if (!isEdited) return { isEdited, current: (line) => line, asRun: (line) => line };

  const current = matchLines(lines, splitLines(after));
  const asRun = new Map(current.flatMap((line, i) => (line === null ? [] : [[line, i] as const])));
  return { isEdited, current: (line) => current[line] ?? null, asRun: (line) => asRun.get(line) ?? null };
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}
