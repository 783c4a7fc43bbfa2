import * as vscode from "vscode";
import { realPathKey } from "../results/pathKey.ts";
import type { Services } from "../services.ts";
import { readSettings } from "../settings.ts";
import { isModel } from "./modelFiles.ts";

/** Commands that run a model save it first; a run of theirs comes this soon, in milliseconds, and is not to be begun twice. */
const othersFirstMs = 100;

/** Runs a model again when it is saved, for those who switched that on. Only one that was run before: saving is no wish to see. */
export class RunOnSave implements vscode.Disposable {
  readonly #services: Pick<Services, "results" | "runs" | "log">;
  readonly #listening: vscode.Disposable;
  /** By the model's path key. */
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(services: Pick<Services, "results" | "runs" | "log">) {
    this.#services = services;
    this.#listening = vscode.Disposable.from(
      vscode.workspace.onDidSaveTextDocument((document) => this.#onSave(document)),
      services.runs.onDidStart((file) => this.#forget(realPathKey(file))),
    );
  }

  dispose(): void {
    this.#listening.dispose();
    for (const key of [...this.#waiting.keys()]) this.#forget(key);
  }

  #onSave(document: vscode.TextDocument): void {
    if (!readSettings().runOnSave || !vscode.workspace.isTrusted || !isModel(document)) return;
    const key = realPathKey(document.uri.fsPath);
    if (!this.#services.results.lastRuns.some((result) => result.key === key)) return;
    this.#forget(key);
    this.#waiting.set(
      key,
      setTimeout(() => this.#run(document.uri.fsPath), othersFirstMs),
    );
  }

  #run(file: string): void {
    const { runs, log } = this.#services;
    runs.run(file).catch((error) => log.error("The saved model could not be run.", error));
  }

  #forget(key: string): void {
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
  }
}
