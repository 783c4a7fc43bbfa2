import * as vscode from "vscode";
import type { Place } from "../../engine/recording/queries/rows.ts";
import { Emitter } from "../emitter.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { currentLines } from "./currentLines.ts";
import { isModel } from "./modelFiles.ts";

/** A line of a file as it was when it ran; both as the recording has them. */
export interface RunLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Knows which file the user looks at, and which line of a run the cursor is in. */
export class EditorFollower implements vscode.Disposable {
  readonly #results: Results;
  readonly #moved = new Emitter<RunLine>();
  readonly #entered = new Emitter<void>();
  readonly #listening: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  #isModelKnown: boolean | null = null;

  /** The cursor came to another line; not told more often than an eye can follow. */
  readonly onDidMove = this.#moved.event;
  /** The user came to a model from something else. */
  readonly onDidEnterModel = this.#entered.event;

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorSelection(() => this.#tellSoon()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === vscode.window.activeTextEditor?.document) this.#update();
      }),
      vscode.workspace.onDidOpenTextDocument(() => this.#update()),
    );
  }

  /** Looks where the user is now, once everybody listens. */
  start(): void {
    this.#update();
  }

  /** The line of a run that the cursor is in; null when it is in none. */
  get line(): RunLine | null {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return null;
    const { document, selection } = editor;
    const result = this.#results.about(realPathKey(document.uri.fsPath));
    const lines = result && currentLines(result, document);
    const line = lines?.asRun(selection.active.line) ?? null;
    return line === null ? null : { file: realPathKey(document.uri.fsPath), line: line + 1 };
  }

  /** Shows a place of a run's recording in an editor, at the line where it is by now; `run` is null while it goes on. False when the file is not to be found. */
  async reveal(place: Place, run: RunResult | null, options: { readonly keepFocus?: boolean } = {}): Promise<boolean> {
    const uri = await findFile(place.file);
    if (uri === null) return false;
    const document = await vscode.workspace.openTextDocument(uri);
    // A recording from a file does not tell what its lines said; those of the last run are a good guess. A run that goes on has the lines of now.
    const guess = run?.outcome === null ? this.#results.about(realPathKey(uri.fsPath)) : null;
    const lines = (run && currentLines(run, document)) ?? (guess && currentLines(guess, document));
    const at = lines?.find(place) ?? { line: place.line - 1, character: place.column - 1 };
    const position = document.validatePosition(new vscode.Position(at.line, at.character));
    const open = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    await vscode.window.showTextDocument(document, {
      selection: new vscode.Range(position, position),
      preserveFocus: options.keepFocus ?? false,
      viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
    });
    return true;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
    this.#moved.dispose();
    this.#entered.dispose();
  }

  #update(): void {
    const document = vscode.window.activeTextEditor?.document;
    // A panel or the output has the focus: the model that was looked at last is still meant.
    if (document === undefined || document.uri.scheme === "output") return;
    const isAModel = isModel(document);
    if (isAModel !== this.#isModelKnown) {
      this.#isModelKnown = isAModel;
      void vscode.commands.executeCommand("setContext", "gradlens.isModel", isAModel);
      if (isAModel) this.#entered.fire();
    }
    this.#tellSoon();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const { line } = this;
      if (line !== null) this.#moved.fire(line);
    }, 50);
  }
}

/** The file itself, or, for a recording from another machine, the one of this workspace whose path ends most like it. */
async function findFile(file: string): Promise<vscode.Uri | null> {
  const uri = vscode.Uri.file(file);
  if (await exists(uri)) return uri;
  const parts = file.split(/[\\/]/);
  const name = parts.at(-1) ?? "";
  if (name === "" || /[{}[\]*?]/.test(name)) return null;
  const candidates = await vscode.workspace.findFiles(`**/${name}`, "**/node_modules/**", 50);
  const sharedParts = (candidate: vscode.Uri): number => {
    const other = candidate.path.split("/");
    let shared = 0;
    while (shared < parts.length && parts.at(-1 - shared) === other.at(-1 - shared)) shared++;
    return shared;
  };
  return candidates.sort((a, b) => sharedParts(b) - sharedParts(a))[0] ?? null;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
