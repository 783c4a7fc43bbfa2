import * as vscode from "vscode";
import { nameMeant } from "./clickedVariable.ts";
import { defineCommand } from "./defineCommand.ts";

/** What can be watched of a tensor, by the adapter's word for it. */
interface Watch extends vscode.QuickPickItem {
  readonly id: string;
  readonly takesNorm?: boolean;
}

/**
 * Stops when something happens to a tensor or its gradient. VS Code offers data breakpoints of one kind alone, and lets
 * extensions make none; a function breakpoint carries what is watched instead, and stands in the Breakpoints view.
 */
export const debugBreakOnTensor = defineCommand("gradlens.debugBreakOnTensor", () => async (clicked) => {
  const name = await nameMeant(clicked);
  if (name === null) return;
  const tensor = name.replace(/\.grad$/, "");
  const watch = await vscode.window.showQuickPick(watches(tensor), { placeHolder: vscode.l10n.t("Stop when …") });
  if (watch === undefined) return;
  const condition = watch.takesNorm === true ? await normCondition() : undefined;
  if (condition === null) return;
  vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint(`${watch.id}:${tensor}`, true, condition)]);
});

function watches(tensor: string): Watch[] {
  return [
    { id: "grad-nonfinite", label: vscode.l10n.t("the gradient of {0} becomes NaN or infinite", tensor) },
    { id: "grad-norm", label: vscode.l10n.t("the norm of the gradient of {0} exceeds …", tensor), takesNorm: true },
    { id: "grad-set", label: vscode.l10n.t("the gradient of {0} is set for the first time", tensor) },
    { id: "grad", label: vscode.l10n.t("the gradient of {0} changes", tensor) },
    { id: "grad-hook", label: vscode.l10n.t("a hook changes the gradient of {0}", tensor) },
    { id: "version", label: vscode.l10n.t("{0} is written to in place", tensor) },
  ];
}

/** Null when the user gives it up. */
async function normCondition(): Promise<string | null> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Which norm?"),
    prompt: vscode.l10n.t("The debugger stops when the norm of the gradient is above this number."),
    value: "10",
    validateInput: (text) => (Number(text) > 0 ? null : vscode.l10n.t("Write a number above 0.")),
  });
  return typed === undefined ? null : `grad.norm() > ${Number(typed)}`;
}
