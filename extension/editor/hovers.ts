import * as vscode from "vscode";
import type { Results } from "../results/results.ts";
import { modelSelector } from "./modelSelector.ts";
import { tensorMarkdown } from "./tensorMarkdown.ts";
import { tensorUnder } from "./tensorUnder.ts";

/** What a tensor held, at the name the pointer is on. */
export class Hovers implements vscode.HoverProvider, vscode.Disposable {
  readonly #results: Results;
  readonly #registered: vscode.Disposable;

  constructor(results: Results) {
    this.#results = results;
    this.#registered = vscode.languages.registerHoverProvider(modelSelector, this);
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | null {
    const named = tensorUnder(this.#results, document, position);
    return named && new vscode.Hover(tensorMarkdown(named.tensors, named.result, named));
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
