import path from "node:path";
import * as vscode from "vscode";
import { isModel } from "../editor/modelFiles.ts";
import type { Results } from "../results/results.ts";

/** The model that a panel's button runs: one in the visible editors, because the panel has the focus, or the one that ran last. */
export function modelInSight(results: Results): vscode.Uri | undefined {
  const visible = vscode.window.visibleTextEditors.find(({ document }) => isModel(document));
  const last = results.lastRuns.at(-1);
  return visible?.document.uri ?? (last && vscode.Uri.file(last.recording.meta.file));
}

/** Runs that model. */
export async function runModelInSight(results: Results): Promise<void> {
  await vscode.commands.executeCommand("gradlens.runModel", modelInSight(results));
}

/** What the button of an empty panel says (`Run mlp.ts`); null when nothing can be run. */
export function runAction(results: Results): string | null {
  const model = modelInSight(results);
  if (model === undefined || !vscode.workspace.isTrusted) return null;
  return vscode.l10n.t("Run {0}", path.basename(model.fsPath));
}
