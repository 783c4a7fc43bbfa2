import * as vscode from "vscode";
import { defineCommand } from "./defineCommand.ts";

/** Runs a model, and shows where its time and memory went. Every run is recorded with all that a profile needs. */
export const profileModel = defineCommand("gradlens.profileModel", ({ profilers, lineCosts }) => async (clicked) => {
  profilers.show();
  lineCosts.switchOn();
  await vscode.commands.executeCommand("gradlens.runModel", clicked);
});
