import * as vscode from "vscode";
import { debugFile } from "../debugging/configurations.ts";
import { defineCommand } from "./defineCommand.ts";
import { modelToRun } from "./modelToRun.ts";

/** Steps through the gradients of the file that was clicked, or of the one in the editor. */
export const debugModel = defineCommand("gradlens.debugModel", (services) => async (clicked) => {
  const file = await modelToRun(services, clicked);
  if (file !== null)
    await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(file), debugFile(file.fsPath));
});
