import * as vscode from "vscode";

/** Whether programs of this workspace may run; in Restricted Mode it says so and offers the way out. */
export function mayRun(): Promise<boolean> {
  return isTrustedOrTold(
    vscode.l10n.t(
      "Gradlens runs no model in Restricted Mode. Trust this folder to run it; saved recordings can be opened without.",
    ),
  );
}

/** Whether files of this workspace may be written; in Restricted Mode it says so and offers the way out. */
export function mayWrite(): Promise<boolean> {
  return isTrustedOrTold(vscode.l10n.t("Gradlens writes no types in Restricted Mode. Trust this folder first."));
}

async function isTrustedOrTold(message: string): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t("Manage Workspace Trust");
  const chosen = await vscode.window.showWarningMessage(message, manage);
  if (chosen === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return false;
}
