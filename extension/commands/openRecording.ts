import * as vscode from "vscode";
import { chosenRecording } from "../panels/chosenRecording.ts";
import { defineCommand } from "./defineCommand.ts";

/** Asks for a saved recording and opens it; runs nothing, so it works in Restricted Mode. */
export const openRecording = defineCommand("gradlens.openRecording", () => async (clicked) => {
  const uri = clicked instanceof vscode.Uri ? clicked : await chosenRecording(vscode.l10n.t("Open a Recording"));
  if (uri !== null) await vscode.commands.executeCommand("vscode.openWith", uri, "gradlens.recording");
});
