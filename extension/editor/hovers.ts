import * as vscode from "vscode";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { currentLines } from "./currentLines.ts";
import { modelSelector } from "./modelSelector.ts";
import { nameAt, parametersOf, tensorNamed } from "./tensorAt.ts";
import { tensorMarkdown } from "./tensorMarkdown.ts";

/** What a tensor held, at the name the pointer is on. */
export class Hovers implements vscode.HoverProvider, vscode.Disposable {
  readonly #results: Results;
  readonly #registered: vscode.Disposable;

  constructor(results: Results) {
    this.#results = results;
    this.#registered = vscode.languages.registerHoverProvider(modelSelector, this);
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | null {
    const key = realPathKey(document.uri.fsPath);
    const result = this.#results.about(key);
    const lines = result && currentLines(result, document);
    const name = nameAt(document.lineAt(position).text, position.character);
    if (!result || !lines || name === null) return null;

    const inFile = result.tensors.filter(({ place }) => place !== null && pathKey(place.file) === key);
    const line = (lines.asRun(position.line) ?? position.line) + 1;
    const tensor = tensorNamed(inFile, name, line);
    const told = tensor === null ? parametersOf(result.tensors, name) : [tensor];
    return told.length === 0 ? null : new vscode.Hover(tensorMarkdown(told, result, { isEdited: lines.isEdited }));
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
