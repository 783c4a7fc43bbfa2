import * as vscode from "vscode";

/** Called by VS Code the first time something of Gradlens is used. */
export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Gradlens", { log: true });
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("gradlens.showOutput", () => output.show()),
  );
}
