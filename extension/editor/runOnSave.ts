import * as vscode from "vscode";
import { realPathKey } from "../results/pathKey.ts";
import type { Services } from "../services.ts";
import { readSettings } from "../settings.ts";
import { isModel } from "./modelFiles.ts";

/** Runs a model again when it is saved, for those who switched that on. Only one that was run before: saving is no wish to see. */
export class RunOnSave implements vscode.Disposable {
  readonly #listening: vscode.Disposable;

  constructor({ results, runs, log }: Pick<Services, "results" | "runs" | "log">) {
    this.#listening = vscode.workspace.onDidSaveTextDocument((document) => {
      if (!readSettings().runOnSave || !vscode.workspace.isTrusted || !isModel(document)) return;
      const hasRun = results.lastRuns.some(({ key }) => key === realPathKey(document.uri.fsPath));
      if (hasRun) runs.run(document.uri.fsPath).catch((error) => log.error("The saved model could not be run.", error));
    });
  }

  dispose(): void {
    this.#listening.dispose();
  }
}
