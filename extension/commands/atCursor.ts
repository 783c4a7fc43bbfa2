import * as vscode from "vscode";
import { type Named, tensorUnder } from "../editor/tensorUnder.ts";
import type { Services } from "../services.ts";

/** The tensor at the cursor of the active editor; tells the user when there is none. */
export function tensorAtCursor({ results }: Pick<Services, "results">): Named | null {
  const editor = vscode.window.activeTextEditor;
  const named = editor ? tensorUnder(results, editor.document, editor.selection.active) : null;
  if (named === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Put the cursor on the name of a tensor in a model that was run."),
    );
  }
  return named;
}
