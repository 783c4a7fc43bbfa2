import * as vscode from "vscode";
import { roleOf, type TensorRole } from "../../engine/recording/queries/tensorWords.ts";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { readSettings } from "../settings.ts";
import { currentLines } from "./currentLines.ts";
import { EditorMarks } from "./editorMarks.ts";
import { SourceCode } from "./fixes/sourceCode.ts";

type Mark = "param" | "leaf" | "nonLeaf" | "noGrad";

/** The line's shape tells the role, not its colour alone. */
const lines: Readonly<Record<Mark, { readonly style: string; readonly color: string }>> = {
  param: { style: "double", color: "charts-purple" },
  leaf: { style: "solid", color: "charts-green" },
  nonLeaf: { style: "dotted", color: "descriptionForeground" },
  noGrad: { style: "dashed", color: "charts-orange" },
};
const marks = Object.keys(lines) as Mark[];

/** Longer files are not marked: every name of them would have to be looked up. */
const longestText = 400_000;

/** Underlines the names of tensors after a run by what they are to autograd. */
export class LeafMarks implements vscode.Disposable {
  readonly #results: Results;
  readonly #marks: EditorMarks<Mark>;

  constructor(results: Results) {
    this.#results = results;
    this.#marks = new EditorMarks({
      results,
      setting: "leafColors",
      kinds: marks,
      lookOf: underlineOf,
      marksIn: (document) => this.#rangesIn(document),
    });
  }

  dispose(): void {
    this.#marks.dispose();
  }

  #rangesIn(document: vscode.TextDocument): Map<Mark, vscode.Range[]> {
    const ranges = new Map<Mark, vscode.Range[]>();
    if (!readSettings().leafColors || document.uri.scheme !== "file") return ranges;
    const key = realPathKey(document.uri.fsPath);
    const result = this.#results.about(key);
    const known = result && currentLines(result, document);
    const text = document.getText();
    if (!result || !known || text.length > longestText) return ranges;
    const roles = new Map<string, { readonly line: number; readonly mark: Mark | null }[]>();
    for (const tensor of result.tensors) {
      const { name, place } = tensor;
      const at = place !== null && pathKey(place.file) === key ? known.current(place.line - 1) : null;
      if (name === null || at === null) continue;
      roles.set(name, [...(roles.get(name) ?? []), { line: at, mark: markOf(roleOf(tensor), tensor.requiresGrad) }]);
    }
    const code = new SourceCode(text);
    for (const { start, end } of code.namesAnywhere()) {
      const named = roles.get(text.slice(start, end));
      if (named === undefined) continue;
      const from = document.positionAt(start);
      // A name means what it was last given above; in a loop it may come round from below.
      const { mark } = named.findLast(({ line }) => line <= from.line) ?? named[0] ?? { mark: null };
      if (mark === null) continue;
      ranges.set(mark, [...(ranges.get(mark) ?? []), new vscode.Range(from, document.positionAt(end))]);
    }
    return ranges;
  }
}

function markOf(role: TensorRole, requiresGrad: boolean): Mark | null {
  if (role === "param") return "param";
  if (role === "non-leaf") return "nonLeaf";
  // Plain data is in the graph of nothing.
  if (role === "leaf") return requiresGrad ? "leaf" : null;
  return "noGrad";
}

function underlineOf(mark: Mark): vscode.DecorationRenderOptions {
  const { style, color } = lines[mark];
  return { textDecoration: `underline ${style} 1px var(--vscode-${color}); text-underline-offset: 3px` };
}
