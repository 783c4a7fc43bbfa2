import * as vscode from "vscode";
import { modelLanguages } from "../editor/modelFiles.ts";
import type { Services } from "../services.ts";
import { mayRun } from "./trust.ts";

/** The file that was clicked, or the one in the editor, saved; null when there is none, or it may not run. Says so. */
export async function modelToRun(services: Pick<Services, "results">, clicked: unknown): Promise<vscode.Uri | null> {
  if (!(await mayRun())) return null;
  const wanted = clicked instanceof vscode.Uri ? clicked : modelInSight(services);
  if (wanted !== null) return saved(wanted);
  const message = vscode.l10n.t('Open a TypeScript file that imports from "gradlens" to run it.');
  await vscode.window.showInformationMessage(message);
  return null;
}

/** The file in the editor; from a panel or the output, the model that was run last. */
function modelInSight({ results }: Pick<Services, "results">): vscode.Uri | null {
  const document = vscode.window.activeTextEditor?.document;
  if (document && modelLanguages.some((language) => language === document.languageId)) return document.uri;
  const last = results.lastRuns.at(-1);
  return last === undefined ? null : vscode.Uri.file(last.recording.meta.file);
}

/** The file as it is on disk, with all edits in it; null when the user would not save it. */
async function saved(uri: vscode.Uri): Promise<vscode.Uri | null> {
  if (uri.scheme === "untitled") return (await vscode.workspace.save(uri)) ?? null;
  // What it imports may be unsaved too.
  await vscode.workspace.saveAll(false);
  // An auto save that came in between ends this one early and goes on by itself, so the file may still be the old one.
  for (let tries = 0; tries < mostSaves && isUnsaved(uri); tries++) await vscode.workspace.saveAll(false);
  return uri;
}

/** A file that cannot be saved at all, of which VS Code tells, is run as it is on disk. */
const mostSaves = 3;

function isUnsaved(uri: vscode.Uri): boolean {
  return vscode.workspace.textDocuments.some(({ uri: { fsPath }, isDirty }) => isDirty && fsPath === uri.fsPath);
}
