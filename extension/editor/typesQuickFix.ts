import * as vscode from "vscode";
import { modelSelector } from "./modelSelector.ts";

/** Offers types where TypeScript says "Cannot find module 'gradlens'". */
export class TypesQuickFix implements vscode.CodeActionProvider, vscode.Disposable {
  readonly #registered: vscode.Disposable;

  constructor() {
    const providedCodeActionKinds = [vscode.CodeActionKind.QuickFix];
    this.#registered = vscode.languages.registerCodeActionsProvider(modelSelector, this, { providedCodeActionKinds });
  }

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const missing = diagnostics.filter((diagnostic) => isMissingEngine(document, diagnostic));
    if (missing.length === 0) return [];
    const action = new vscode.CodeAction(vscode.l10n.t("Set up types for gradlens"), vscode.CodeActionKind.QuickFix);
    action.diagnostics = missing;
    action.isPreferred = true;
    action.command = { title: action.title, command: "gradlens.setUpTypes", arguments: [document.uri] };
    return [action];
  }

  dispose(): void {
    this.#registered.dispose();
  }
}

/** TS2307 "Cannot find module", or 2792, the same for another kind of module resolution. */
function isMissingEngine(document: vscode.TextDocument, { code, range }: vscode.Diagnostic): boolean {
  const number = Number(typeof code === "object" ? code.value : code);
  return [2307, 2792].includes(number) && /^["']gradlens["']$/.test(document.getText(range));
}
