import path from "node:path";
import * as vscode from "vscode";
import { comparisonPage } from "../inspections/comparisonPage.ts";
import { defineCommand } from "./defineCommand.ts";

/** Opens the last run and the one before it side by side: alerts, steps and every tensor's figures. */
export const compareWithPrevious = defineCommand(
  "gradlens.compareWithPrevious",
  ({ results, history, pages }) =>
    async () => {
      const { current } = results;
      const before = current === null ? undefined : history.before(current).at(-1);
      if (current === null || before === undefined) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t("There is no earlier run of this model in this window. Run it again."),
        );
        return;
      }
      // Settings may have changed since it was on screen.
      await results.prepare(before.result);
      const name = path.basename(current.recording.meta.file);
      const [left, right] = [
        pages.put(`${name}, before`, { text: comparisonPage(before.result), links: [] }),
        pages.put(`${name}, now`, { text: comparisonPage(current), links: [] }),
      ];
      await vscode.commands.executeCommand(
        "vscode.diff",
        left,
        right,
        vscode.l10n.t("{0}: last run and the one before", name),
      );
    },
);
