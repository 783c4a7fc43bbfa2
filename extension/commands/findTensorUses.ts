import * as vscode from "vscode";
import { tensorUses } from "../../engine/recording/queries/tensorUses.ts";
import { linesNow } from "../editor/sourceNow.ts";
import { inTurns } from "../results/inTurns.ts";
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
    const lines = linesNow(named.result, place.file);
    const at = lines === null ? { line: place.line - 1, character: place.column - 1 } : lines.find(place);
    if (at === null) return [];
    return [new vscode.Location(vscode.Uri.file(place.file), new vscode.Position(at.line, at.character))];
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
