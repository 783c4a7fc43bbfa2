import * as vscode from "vscode";
import { tensorAtCursor } from "./atCursor.ts";
import { defineCommand } from "./defineCommand.ts";

/** Shows the figures of the tensor at the cursor and of its gradient, as pointing at it does. */
export const showGradient = defineCommand("gradlens.showGradient", (services) => async () => {
  const named = tensorAtCursor(services);
  if (named === null) return;
  const [only] = named.tensors;
  if (named.tensors.length === 1 && only !== undefined) await services.tensors.reveal(only.id);
  await vscode.commands.executeCommand("editor.action.showHover");
});
