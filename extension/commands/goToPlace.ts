import path from "node:path";
import * as vscode from "vscode";
import { withoutLinks } from "../plainText.ts";
import { defineCommand } from "./defineCommand.ts";
import { givenPlace, lastRun } from "./givenPlace.ts";

/** Opens a place of the run on screen, or of the last run if told so, in the editor. For links and tree items; not in the palette. */
export const goToPlace = defineCommand("gradlens.goToPlace", ({ follower, results }) => async (given, of) => {
  const place = givenPlace(given);
  if (place === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t("The recording does not say where this was written."));
  } else if (!(await follower.reveal(place, (of === lastRun ? results.hiddenFailure : null) ?? results.current))) {
    const name = withoutLinks(path.basename(place.file));
    void vscode.window.showWarningMessage(vscode.l10n.t("{0} is not in this workspace.", name));
  }
});
