import path from "node:path";
import * as vscode from "vscode";
import { modelLanguages } from "../editor/modelFiles.ts";
import { withoutLinks } from "../plainText.ts";
import type { Services } from "../services.ts";
import { saveDocument } from "./saveDocument.ts";
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

/** The file as it is on disk, with all edits in it; null when it was not saved. */
async function saved(uri: vscode.Uri): Promise<vscode.Uri | null> {
  if (uri.scheme === "untitled") return (await vscode.workspace.save(uri)) ?? null;
  // What it imports may be unsaved too.
  await vscode.workspace.saveAll(false);
  const others = vscode.workspace.textDocuments.filter(isUnsavedModel);
  const isModel = ({ uri: { fsPath } }: vscode.TextDocument): boolean => fsPath === uri.fsPath;
  const areSaved = await Promise.all(others.map((document) => saveDocument(document, vscode.workspace)));
  if (!others.some((document, i) => isModel(document) && !areSaved[i])) return uri;
  const name = withoutLinks(path.basename(uri.fsPath));
  void vscode.window.showErrorMessage(vscode.l10n.t("{0} could not be saved, so it was not run.", name));
  return null;
}

function isUnsavedModel({ uri, isDirty, languageId }: vscode.TextDocument): boolean {
  return isDirty && uri.scheme === "file" && modelLanguages.some((language) => language === languageId);
}
