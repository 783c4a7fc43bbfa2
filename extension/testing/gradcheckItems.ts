import * as vscode from "vscode";
import { visibleText } from "../plainText.ts";
import { findGradcheckCalls, type GradcheckCall } from "../runner/gradchecks/findCalls.ts";

/** The calls of gradcheck as test items: one for each file that has some, and one below it for each call. */
export class GradcheckItems {
  readonly #controller: vscode.TestController;
  /** Where each call is, by item. */
  readonly #calls = new WeakMap<vscode.TestItem, GradcheckCall>();

  constructor(controller: vscode.TestController) {
    this.#controller = controller;
  }

  /** The line of a call as the text had it last, from 1; null for the item of a file. */
  lineOf(item: vscode.TestItem): number | null {
    return this.#calls.get(item)?.line ?? null;
  }

  /** Makes the items of a file fit its text. Items keep their identity, and with it their result, as long as the call is there. */
  update(uri: vscode.Uri, text: string): void {
    const calls = findGradcheckCalls(text);
    const id = uri.toString();
    const { items } = this.#controller;
    if (calls.length === 0) {
      items.delete(id);
      return;
    }
    const file = items.get(id) ?? this.#controller.createTestItem(id, vscode.workspace.asRelativePath(uri), uri);
    const seen = new Map<string, number>();
    const children = calls.map((call) => {
      const label = `${call.kind} ${call.subject}`;
      const nth = seen.get(label) ?? 0;
      seen.set(label, nth + 1);
      return this.#childOf(file, `${id}#${label}#${nth}`, visibleText(label), uri, call);
    });
    file.children.replace(children);
    items.add(file);
  }

  forget(uri: vscode.Uri): void {
    this.#controller.items.delete(uri.toString());
  }

  /** Leaves the files that are wanted. */
  keepOnly(isWanted: (uri: vscode.Uri) => boolean): void {
    const { items } = this.#controller;
    for (const [id, { uri }] of items) if (uri === undefined || !isWanted(uri)) items.delete(id);
  }

  #childOf(file: vscode.TestItem, id: string, label: string, uri: vscode.Uri, call: GradcheckCall): vscode.TestItem {
    const item = file.children.get(id) ?? this.#controller.createTestItem(id, label, uri);
    item.range = new vscode.Range(call.line - 1, call.column - 1, call.endLine - 1, call.endColumn - 1);
    item.sortText = String(call.line).padStart(8, "0");
    this.#calls.set(item, call);
    return item;
  }
}
