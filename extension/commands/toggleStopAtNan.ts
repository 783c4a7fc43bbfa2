import * as vscode from "vscode";
import { changeSetting, readSettings } from "../settings.ts";
import { defineCommand } from "./defineCommand.ts";

/** Chooses between runs that end at their first NaN and runs that collect everything. */
export const toggleStopAtNan = defineCommand("gradlens.toggleStopAtNan", () => async () => {
  const stops = !readSettings().stopAtNan;
  await changeSetting("stopAtNan", stops);
  const text = stops
    ? vscode.l10n.t("The next run ends where its first NaN is born.")
    : vscode.l10n.t("The next run goes on after a NaN and collects all alerts.");
  vscode.window.setStatusBarMessage(text, 5000);
});
