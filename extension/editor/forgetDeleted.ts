import * as vscode from "vscode";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";

/** Forgets the results of models that are deleted or renamed in the editor: nothing is left that they could be shown at. */
export class ForgetDeleted implements vscode.Disposable {
  readonly #results: Results;
  readonly #listening: vscode.Disposable;

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      vscode.workspace.onDidDeleteFiles(({ files }) => this.#forget(files)),
      vscode.workspace.onDidRenameFiles(({ files }) => this.#forget(files.map(({ oldUri }) => oldUri))),
    );
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** A folder takes everything in it along. */
  #forget(gone: readonly vscode.Uri[]): void {
    const paths = gone.map(({ fsPath }) => realPathKey(fsPath));
    const isGone = (key: string): boolean => paths.some((path) => isInside(key, path));
    for (const { key } of this.#results.lastRuns) if (isGone(key)) this.#results.clear(key);
  }
}

function isInside(file: string, folder: string): boolean {
  return file === folder || (file.startsWith(folder) && /^[\\/]/.test(file.slice(folder.length)));
}
