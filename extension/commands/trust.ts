import * as vscode from "vscode";

/** Whether programs of this workspace may run; in Restricted Mode it says so and offers the way out. */
export async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Workspace Trust");
  const message = vscode.l10n.t(
    "Gradlens runs no model in Restricted Mode. Trust this folder to run it; saved recordings can be opened without.",
  );
  const chosen = await vscode.window.showWarningMessage(message, manage);
  if (chosen === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return false;
}
