import type * as vscode from "vscode";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { currentLines } from "./currentLines.ts";
import { nameAt, parametersOf, tensorNamed } from "./tensorAt.ts";

/** What a name in a document stands for in a run. */
export interface Named {
  readonly result: RunResult;
  /** The tensor of that name, or the parameters of the module of that name; never empty. */
  readonly tensors: readonly TensorInfo[];
  readonly isEdited: boolean;
}

/** The tensors that a name at a position means; null when it is no name, or none of a tensor. */
export function tensorUnder(results: Results, document: vscode.TextDocument, position: vscode.Position): Named | null {
  const key = realPathKey(document.uri.fsPath);
  const result = results.about(key);
  const lines = result && currentLines(result, document);
  const name = nameAt(document.lineAt(position).text, position.character);
  if (!result || !lines || name === null) return null;

  const inFile = result.tensors.filter(({ place }) => place !== null && pathKey(place.file) === key);
  const line = (lines.asRun(position.line) ?? position.line) + 1;
  const tensor = tensorNamed(inFile, name, line);
  const tensors = tensor === null ? parametersOf(result.tensors, name) : [tensor];
  return tensors.length === 0 ? null : { result, tensors, isEdited: lines.isEdited };
}
