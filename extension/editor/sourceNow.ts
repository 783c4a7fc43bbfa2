import { readFileSync, statSync } from "node:fs";
import * as vscode from "vscode";
import { realPathKey } from "../results/pathKey.ts";
import type { RunResult } from "../results/runResult.ts";
import { codeEndings } from "../runner/compile/codeFiles.ts";
import { withoutBom } from "../runs/sourceTexts.ts";
import { type CurrentLines, compareTexts, currentLines } from "./currentLines.ts";

const restMs = 200;

/** The document of a file, given by its path key, when VS Code holds one. */
export function openDocument(key: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "file" && realPathKey(uri.fsPath) === key);
}

/** Where the lines of a run stand in a file by now, in its editor or else on disk; null when the run did not read it. */
export function linesNow(result: RunResult, file: string): CurrentLines | null {
  const key = realPathKey(file);
  const text = result.texts.get(key);
  if (text === undefined) return null;
  const document = openDocument(key);
  return document === undefined ? linesOnDisk(result, key, text) : currentLines(result, document);
}

/** Calls back with files when their text has changed and rests, wherever that happened: in an editor, by closing one, or on disk. */
export function onSourceChanged(listener: (files: ReadonlySet<string>) => void): vscode.Disposable {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    listener(new Set(changed));
    changed.clear();
  };
  const soon = ({ scheme, fsPath }: vscode.Uri): void => {
    if (scheme !== "file") return;
    changed.add(realPathKey(fsPath));
    clearTimeout(timer);
    timer = setTimeout(tell, restMs);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(`**/*.{${codeEndings.join()}}`);
  return vscode.Disposable.from(
    { dispose: () => clearTimeout(timer) },
    watcher,
    watcher.onDidCreate(soon),
    watcher.onDidChange(soon),
    watcher.onDidDelete(soon),
    vscode.workspace.onDidOpenTextDocument(({ uri }) => soon(uri)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => soon(uri)),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) soon(document.uri);
    }),
  );
}

/** Of a file that is gone no line is left. */
const gone: CurrentLines = { isEdited: true, current: () => null, asRun: () => null, find: () => null };

/** What was read last, by result and file: asked for whenever a hand rests. */
const onDisk = new WeakMap<RunResult, Map<string, { readonly version: string; readonly lines: CurrentLines }>>();

function linesOnDisk(result: RunResult, key: string, text: string): CurrentLines {
  try {
    const { mtimeMs, size } = statSync(key);
    const version = `${mtimeMs} ${size}`;
    const known = onDisk.get(result) ?? new Map();
    onDisk.set(result, known);
    const lines = known.get(key);
    if (lines?.version === version) return lines.lines;
    const read = compareTexts(text, withoutBom(readFileSync(key, "utf8")));
    known.set(key, { version, lines: read });
    return read;
  } catch {
    return gone;
  }
}
