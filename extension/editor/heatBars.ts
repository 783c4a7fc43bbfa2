import * as vscode from "vscode";
import { gradientSize, heatOf } from "../../engine/recording/paint/heat.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { readSettings } from "../settings.ts";
import { currentLines } from "./currentLines.ts";
import { EditorMarks } from "./editorMarks.ts";
import { type HeatLevel, heatLevels, hottest, levelOf } from "./heatLevels.ts";

/** A bar at each line that names a tensor with a gradient: how large that is, on the one scale of the run. */
export class HeatBars implements vscode.Disposable {
  readonly #results: Results;
  readonly #marks: EditorMarks<HeatLevel>;

  constructor(results: Results, extensionUri: vscode.Uri) {
    this.#results = results;
    this.#marks = new EditorMarks({
      results,
      setting: "heat",
      kinds: heatLevels,
      lookOf: (level) => barOf(level, extensionUri),
      marksIn: (document) => this.#rangesIn(document),
    });
  }

  dispose(): void {
    this.#marks.dispose();
  }

  #rangesIn(document: vscode.TextDocument): Map<HeatLevel, vscode.Range[]> {
    const ranges = new Map<HeatLevel, vscode.Range[]>();
    if (!readSettings().heat || document.uri.scheme !== "file") return ranges;
    const key = realPathKey(document.uri.fsPath);
    const result = this.#results.about(key);
    const lines = result && currentLines(result, document);
    const scale = result?.heat;
    if (!result || !lines || !scale) return ranges;

    const heat = ({ grad, gradStatus }: TensorInfo): number =>
      gradStatus === "nonfinite" ? Number.POSITIVE_INFINITY : heatOf(scale, gradientSize(grad));
    for (const { line, tensors } of result.linesOf(key)) {
      const level = levelOf(hottest(tensors.map(heat)));
      const at = lines.current(line - 1);
      if (level === null || at === null) continue;
      ranges.set(level, [...(ranges.get(level) ?? []), new vscode.Range(at, 0, at, 0)]);
    }
    return ranges;
  }
}

/** A bar at the left edge of the text; for what needs attention also a glyph beside the line number and a mark in the overview ruler. */
function barOf(level: HeatLevel, extensionUri: vscode.Uri): vscode.DecorationRenderOptions {
  const color = new vscode.ThemeColor(`gradlens.heat.${level}`);
  const bar = { isWholeLine: true, borderStyle: "solid", borderWidth: "0 0 0 2px", borderColor: color };
  if (level !== "vanishing" && level !== "exploding" && level !== "nonfinite") return bar;
  const glyph = (theme: string) => ({
    gutterIconPath: vscode.Uri.joinPath(extensionUri, "resources", "heat", `${level}-${theme}.svg`),
    gutterIconSize: "70%",
  });
  return {
    ...bar,
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    dark: glyph("dark"),
    light: glyph("light"),
  };
}
