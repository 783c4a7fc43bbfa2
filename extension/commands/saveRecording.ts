import path from "node:path";
import * as vscode from "vscode";
import { encodeRecording } from "../../engine/recording/file.ts";
import { withoutLinks } from "../plainText.ts";
import { defineCommand } from "./defineCommand.ts";

/** Saves the run on screen to a file that anybody with Gradlens can open. */
export const saveRecording = defineCommand("gradlens.saveRecording", ({ results }) => async (target) => {
  const { current } = results;
  if (current === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There is no recording yet. Run a model first."));
    return;
  }
  const { file } = current.recording.meta;
  const uri = target instanceof vscode.Uri ? target : await chosen(file);
  if (uri === undefined) return;
  await vscode.workspace.fs.writeFile(uri, encodeRecording(current.recording));
  const open = vscode.l10n.t("Open");
  const message = vscode.l10n.t("Saved {0}.", withoutLinks(path.basename(uri.fsPath)));
  void vscode.window.showInformationMessage(message, open).then((answer) => {
    if (answer === open) void vscode.commands.executeCommand("gradlens.openRecording", uri);
  });
});

function chosen(model: string): Thenable<vscode.Uri | undefined> {
  const name = path.basename(model).replace(/\.[^.]*$/, "");
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t("Save the Recording"),
    defaultUri: vscode.Uri.file(path.join(path.dirname(model), `${name}.gradlens`)),
    filters: { [vscode.l10n.t("Gradlens recordings")]: ["gradlens"] },
  });
}
