import * as vscode from "vscode";
import { modelSelector } from "./modelSelector.ts";

/** Leads from a fault's line to its nodes in the graph. */
export class FaultActions implements vscode.CodeActionProvider, vscode.Disposable {
  readonly #registered: vscode.Disposable;

  constructor() {
    const providedCodeActionKinds = [vscode.CodeActionKind.QuickFix];
    this.#registered = vscode.languages.registerCodeActionsProvider(modelSelector, this, { providedCodeActionKinds });
  }

  provideCodeActions(
    _document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const faults = diagnostics.filter(({ source, code }) => source === "gradlens" && code !== "does-not-compile");
    if (faults.length === 0) return [];
    const action = new vscode.CodeAction(vscode.l10n.t("Show in Graph"), vscode.CodeActionKind.QuickFix);
    action.diagnostics = faults;
    // The cursor is in the line that the command shows.
    action.command = { title: action.title, command: "gradlens.showInGraph" };
    return [action];
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
