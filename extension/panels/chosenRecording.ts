import * as vscode from "vscode";

/** Asks for a saved recording; null when the user thought better of it. */
export async function chosenRecording(title: string): Promise<vscode.Uri | null> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title,
      filters: { [vscode.l10n.t("Gradlens recordings")]: ["gradlens"] },
    })) ?? [];
  return uri ?? null;
}
