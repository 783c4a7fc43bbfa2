import * as vscode from "vscode";
import { Emitter } from "../emitter.ts";
import type { Results } from "../results/results.ts";
import { currentLines } from "./currentLines.ts";

/** Knows whether the files of the last run were edited since, so that views can say that they are behind. */
export class EditWatch implements vscode.Disposable {
  readonly #results: Results;
  readonly #changed = new Emitter<void>();
  readonly #listening: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  #isEdited = false;

  readonly onDidChange = this.#changed.event;

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#look()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === "file") this.#lookSoon();
      }),
    );
  }

  get isEdited(): boolean {
    return this.#isEdited;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
    this.#changed.dispose();
  }

  #lookSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), 200);
  }

  #look(): void {
    const last = this.#results.hiddenFailure ?? this.#results.current;
    const documents = last === null ? [] : vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === "file");
    const isEdited = last !== null && documents.some((document) => currentLines(last, document)?.isEdited ?? false);
    if (isEdited === this.#isEdited) return;
    this.#isEdited = isEdited;
    this.#changed.fire();
  }
}
