import * as vscode from "vscode";
import type { Services } from "../services.ts";
import { copyTypes, folderFor, linkTypes } from "../types/setUpTypes.ts";
import { defineCommand } from "./defineCommand.ts";
import { mayWrite } from "./trust.ts";

/** Makes TypeScript know `import … from "gradlens"` in a folder, without npm install. */
export const setUpTypes = defineCommand("gradlens.setUpTypes", ({ context }) => async (clicked) => {
  if (!(await mayWrite())) return;
  const file = clicked instanceof vscode.Uri ? clicked : vscode.window.activeTextEditor?.document.uri;
  const folder = folderFor(file);
  if (folder === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Open the folder that should know the types first."));
    return;
  }
  if (await linkTypes(folder, context.extensionUri)) {
    await lookAgain();
    const message = vscode.l10n.t('TypeScript now finds "gradlens" in node_modules/gradlens, on this machine.');
    void offerCopy(message, folder, context);
  } else {
    const message = vscode.l10n.t(
      "node_modules/gradlens is there already or reached through a link, so it was left alone.",
    );
    void offerCopy(message, folder, context);
  }
});

/** TypeScript does not watch node_modules everywhere. It may be off, or another one that has no such command. */
async function lookAgain(): Promise<void> {
  const commands = await vscode.commands.getCommands(true);
  if (commands.includes("typescript.reloadProjects")) await vscode.commands.executeCommand("typescript.reloadProjects");
}

/** The other way, for projects whose node_modules are not theirs to write, or that check types elsewhere too. */
async function offerCopy(message: string, folder: vscode.Uri, context: Services["context"]): Promise<void> {
  const copy = vscode.l10n.t("Use tsconfig.json Instead");
  if ((await vscode.window.showInformationMessage(message, copy)) !== copy) return;
  const told = (await copyTypes(folder, context.extensionUri))
    ? vscode.l10n.t("The types are in .gradlens/types. Save tsconfig.json to use them from there.")
    : vscode.l10n.t(".gradlens/types or tsconfig.json is reached through a link, so it was left alone.");
  void vscode.window.showInformationMessage(told);
}
