import * as vscode from "vscode";
import { defineCommand } from "./defineCommand.ts";

/** Asks for a saved recording and opens it; runs nothing, so it works in Restricted Mode. */
export const openRecording = defineCommand("gradlens.openRecording", () => async (clicked) => {
  const uri = clicked instanceof vscode.Uri ? clicked : await chosen();
  if (uri !== null) await vscode.commands.executeCommand("vscode.openWith", uri, "gradlens.recording");
});

async function chosen(): Promise<vscode.Uri | null> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Open a Recording"),
      filters: { [vscode.l10n.t("Gradlens recordings")]: ["gradlens"] },
    })) ?? [];
  return uri ?? null;
}
