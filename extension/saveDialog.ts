import os from "node:os";
import * as vscode from "vscode";
import { fileBeside } from "./fileBeside.ts";

/** Asks where to save a file about a model; undefined when the user thought better of it. */
export function askWhereToSave(
  model: string,
  ending: string,
  { title, kind }: { readonly title?: string; readonly kind: string },
): Thenable<vscode.Uri | undefined> {
  const elsewhere = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? os.homedir();
  return vscode.window.showSaveDialog({
    ...(title === undefined ? {} : { title }),
    defaultUri: vscode.Uri.file(fileBeside(model, ending, elsewhere)),
    filters: { [kind]: [ending.split(".").at(-1) ?? ending] },
  });
}
