import * as vscode from "vscode";
import { tensorUses } from "../../engine/recording/queries/tensorUses.ts";
import { currentLines } from "../editor/currentLines.ts";
import { inTurns } from "../results/inTurns.ts";
import { realPathKey } from "../results/pathKey.ts";
import { tensorAtCursor } from "./atCursor.ts";
import { defineCommand } from "./defineCommand.ts";

/** Peeks at the lines where the tensor at the cursor was used in the run: also through other names, in modules and by optimizers. */
export const findTensorUses = defineCommand("gradlens.findTensorUses", (services) => async () => {
  const named = tensorAtCursor(services);
  const editor = vscode.window.activeTextEditor;
  if (named === null || editor === undefined) return;
  const ids = named.tensors.map(({ id }) => id);
  const uses = await inTurns(tensorUses(named.result.recording, ids));
  const locations = uses.flatMap(({ place }) => {
    const document = vscode.workspace.textDocuments.find(
      ({ uri }) => realPathKey(uri.fsPath) === realPathKey(place.file),
    );
    const lines = document === undefined ? null : currentLines(named.result, document);
    const line = lines === null ? place.line - 1 : lines.current(place.line - 1);
    if (line === null) return [];
    return [new vscode.Location(vscode.Uri.file(place.file), new vscode.Position(line, place.column - 1))];
  });
  if (locations.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Nothing in this run used it."));
    return;
  }
  const { document, selection } = editor;
  await vscode.commands.executeCommand(
    "editor.action.peekLocations",
    document.uri,
    selection.active,
    locations,
    "peek",
  );
});
