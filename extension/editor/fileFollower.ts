import * as vscode from "vscode";
import { fileMove, isInside } from "../results/fileMove.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Services } from "../services.ts";

/** What is known of a model goes with its file: to its new name when it is renamed in the editor, away when it is deleted there. */
export class FileFollower implements vscode.Disposable {
  readonly #services: Pick<Services, "results" | "history" | "runs">;
  readonly #listening: vscode.Disposable;

  constructor(services: Pick<Services, "results" | "history" | "runs">) {
    this.#services = services;
    this.#listening = vscode.Disposable.from(
      vscode.workspace.onDidDeleteFiles(({ files }) => this.#forget(files)),
      vscode.workspace.onDidRenameFiles(({ files }) => this.#move(files)),
    );
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #move(files: vscode.FileRenameEvent["files"]): void {
    const { results, history, runs } = this.#services;
    const move = fileMove(files.map(({ oldUri, newUri }) => ({ from: oldUri.fsPath, to: newUri.fsPath })));
    runs.move(move);
    history.move(move);
    results.move(move);
  }

  /** A folder takes everything in it along. Of a model that still runs something is to come, so the last good run stays till then. */
  #forget(gone: readonly vscode.Uri[]): void {
    const { results, runs } = this.#services;
    const paths = gone.map(({ fsPath }) => realPathKey(fsPath));
    const running = runs.running === null ? null : realPathKey(runs.running.file);
    const isGone = (key: string): boolean => key !== running && paths.some((path) => isInside(key, path));
    for (const { key } of results.lastRuns) if (isGone(key)) results.clear(key);
  }
}
