import * as vscode from "vscode";

/** What of a row of the Variables view its context menu hands over. */
export interface ClickedVariable {
  readonly container: { readonly variablesReference?: number };
  readonly variable: { readonly name: string; readonly evaluateName?: string };
}

export function isVariable(clicked: unknown): clicked is ClickedVariable {
  return typeof clicked === "object" && clicked !== null && "container" in clicked && "variable" in clicked;
}

/** The tensor of a row, as the debugger's requests name it: the row itself, which may be a gradient that has no name. */
export function tensorOfRow({ container, variable }: ClickedVariable): object {
  return { variablesReference: container.variablesReference, name: variable.name };
}

/** The name of the tensor of a row, else the one at the cursor, or one that the user types; null when they do not. */
export async function nameMeant(clicked: unknown): Promise<string | null> {
  const named = isVariable(clicked) ? clicked.variable.evaluateName : undefined;
  if (named !== undefined && named !== "") return named;
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Which tensor?"),
    prompt: vscode.l10n.t("Its name in the program: w1, this.fc.weight"),
    value: wordAtCursor(),
  });
  return typed === undefined || typed.trim() === "" ? null : typed.trim();
}

function wordAtCursor(): string {
  const editor = vscode.window.activeTextEditor;
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active, /[\w$.]+/);
  return editor === undefined || range === undefined ? "" : editor.document.getText(range);
}
