import * as vscode from "vscode";
import { isVariable, nameMeant, tensorOfRow } from "./clickedVariable.ts";
import { defineCommand } from "./defineCommand.ts";

/** On to the next node of backward. */
export const debugNextNode = defineCommand(
  "gradlens.debugNextNode",
  ({ debugging }) =>
    () =>
      debugging.ask("nextNode"),
);

/** Back to the node of backward that ran before. */
export const debugPreviousNode = defineCommand(
  "gradlens.debugPreviousNode",
  ({ debugging }) =>
    () =>
      debugging.ask("previousNode"),
);

/** Step over, backwards in time. */
export const debugReverseOver = defineCommand(
  "gradlens.debugReverseOver",
  ({ debugging }) =>
    () =>
      debugging.ask("reverseNext"),
);

/** Step out, backwards in time: to where the module or backward was called. */
export const debugReverseOut = defineCommand(
  "gradlens.debugReverseOut",
  ({ debugging }) =>
    () =>
      debugging.ask("reverseStepOut"),
);

/** Back to the last time that something happened in the line of the cursor. */
export const debugBackToCursor = defineCommand("gradlens.debugBackToCursor", ({ debugging }) => async () => {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return;
  const { document, selection } = editor;
  await debugging.ask("runToLine", {
    file: document.uri.fsPath,
    line: selection.active.line + 1,
    direction: "backward",
  });
});

/** To the op that wrote the gradient of a tensor. */
export const debugGradientWriter = defineCommand("gradlens.debugGradientWriter", ({ debugging }) => async (clicked) => {
  const tensor = await tensorMeant(clicked);
  if (tensor !== null) await debugging.ask("gradientWriter", tensor);
});

/** To the op that wrote what a tensor holds. */
export const debugVersionWriter = defineCommand("gradlens.debugVersionWriter", ({ debugging }) => async (clicked) => {
  const tensor = await tensorMeant(clicked);
  if (tensor !== null) await debugging.ask("versionWriter", tensor);
});

/** A row of the Variables view, as its context menu hands it over; else the name at the cursor, or one that the user types. */
async function tensorMeant(clicked: unknown): Promise<object | null> {
  if (isVariable(clicked)) return tensorOfRow(clicked);
  const expression = await nameMeant(clicked);
  return expression === null ? null : { expression };
}
