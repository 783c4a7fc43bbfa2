import * as vscode from "vscode";
import { defineCommand } from "./defineCommand.ts";

/** Runs the model of the last run once more, wherever the user is by now. */
export const runAgain = defineCommand("gradlens.runAgain", ({ results }) => async () => {
  const last = results.lastRuns.at(-1);
  if (last === undefined) await vscode.commands.executeCommand("gradlens.runModel");
  else await vscode.commands.executeCommand("gradlens.runModel", vscode.Uri.file(last.recording.meta.file));
});
