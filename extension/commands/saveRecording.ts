import path from "node:path";
import * as vscode from "vscode";
import { encodeRecording } from "../../engine/recording/file.ts";
import { withoutLinks } from "../plainText.ts";
import { askWhereToSave } from "../saveDialog.ts";
import { defineCommand } from "./defineCommand.ts";

/** Saves the run on screen to a file that anybody with Gradlens can open. */
export const saveRecording = defineCommand("gradlens.saveRecording", ({ results }) => async (target) => {
  const { current } = results;
  if (current === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There is no recording yet. Run a model first."));
    return;
  }
  const { file } = current.recording.meta;
  const dialog = { title: vscode.l10n.t("Save the Recording"), kind: vscode.l10n.t("Gradlens recordings") };
  const uri = target instanceof vscode.Uri ? target : await askWhereToSave(file, "gradlens", dialog);
  if (uri === undefined) return;
  await vscode.workspace.fs.writeFile(uri, encodeRecording(current.recording));
  const open = vscode.l10n.t("Open");
  const message = vscode.l10n.t("Saved {0}.", withoutLinks(path.basename(uri.fsPath)));
  void vscode.window.showInformationMessage(message, open).then((answer) => {
    if (answer === open) void vscode.commands.executeCommand("gradlens.openRecording", uri);
  });
});
