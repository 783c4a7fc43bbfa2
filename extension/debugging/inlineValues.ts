import * as vscode from "vscode";
import { modelSelector } from "../editor/modelSelector.ts";
import { debugType } from "./debugType.ts";

/** What the adapter knows about the names of a file; lines and columns count from 1. */
interface NamedValue {
  readonly line: number;
  readonly column: number;
  readonly name: string;
  readonly text: string;
}

/** `w1 = [0.5, −1], grad [2, 0]` behind the lines that name tensors, as of where the debugger stands. */
export class InlineValues implements vscode.InlineValuesProvider, vscode.Disposable {
  readonly #registered = vscode.languages.registerInlineValuesProvider(modelSelector, this);

  async provideInlineValues(document: vscode.TextDocument, inSight: vscode.Range): Promise<vscode.InlineValue[]> {
    const session = vscode.debug.activeDebugSession;
    if (session?.type !== debugType) return [];
    const { values } = (await session.customRequest("gradlens/inlineValues", { file: document.uri.fsPath })) as {
      values: readonly NamedValue[];
    };
    return values.flatMap(({ line, column, name, text }) => {
      const start = new vscode.Position(line - 1, column - 1);
      if (!inSight.contains(start)) return [];
      return [
        new vscode.InlineValueText(new vscode.Range(start, start.translate(0, name.length)), `${name} = ${text}`),
      ];
    });
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
