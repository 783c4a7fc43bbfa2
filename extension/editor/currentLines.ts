import type { TextDocument } from "vscode";
import { matchLines } from "../results/lineMatch.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { RunResult } from "../results/runResult.ts";

/** Where the lines of a run stand in a text that may have been edited since. Lines count from 0, as documents do. */
export interface CurrentLines {
  /** Whether the text is not what ran. */
  readonly isEdited: boolean;
  /** Where a line that ran is now; null when it was changed. */
  current(line: number): number | null;
  /** The line that ran and is here now; null for a line that was changed or added. */
  asRun(line: number): number | null;
  /** Where a place of the run, which counts from 1, is now; null when its line was changed. A line may have been indented anew. */
  find(place: LineAndColumn): { readonly line: number; readonly character: number } | null;
}

interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/** Compares a document with what a run read; null when the run did not read it. */
export function currentLines(result: RunResult, document: TextDocument): CurrentLines | null {
  const text = result.texts.get(realPathKey(document.uri.fsPath));
  if (text === undefined) return null;
  const known = compared.get(document);
  if (known?.version === document.version && known.result === result) return known.lines;
  const lines = compareTexts(text, document.getText());
  compared.set(document, { version: document.version, result, lines });
  return lines;
}

const compared = new WeakMap<
  TextDocument,
  { readonly version: number; readonly result: RunResult; readonly lines: CurrentLines }
>();

/** Compares what ran with what stands there now. */
export function compareTexts(before: string, after: string): CurrentLines {
  const lines = splitLines(before);
  const linesNow = splitLines(after);
  const isEdited = lines.join("\n") !== linesNow.join("\n");
  const current = isEdited ? matchLines(lines, linesNow) : null;
  const asRun = current && new Map(current.flatMap((line, i) => (line === null ? [] : [[line, i] as const])));
  const currentOf = (line: number): number | null => (current === null ? line : (current[line] ?? null));
  return {
    isEdited,
    current: currentOf,
    asRun: (line) => (asRun === null ? line : (asRun.get(line) ?? null)),
    find: ({ line, column }) => {
      const now = currentOf(line - 1);
      if (now === null) return null;
      const shift = indentOf(linesNow[now]) - indentOf(lines[line - 1]);
      return { line: now, character: Math.max(0, column - 1 + shift) };
    },
  };
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

function indentOf(line = ""): number {
  return line.length - line.trimStart().length;
}
