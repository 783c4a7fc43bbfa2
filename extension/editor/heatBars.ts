import * as vscode from "vscode";
import { gradientSize, heatOf } from "../../engine/recording/paint/heat.ts";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { onSettingChanged, readSettings } from "../settings.ts";
import { currentLines } from "./currentLines.ts";
import { type HeatLevel, heatLevels, hottest, levelOf } from "./heatLevels.ts";

type BarTypes = Readonly<Record<HeatLevel, vscode.TextEditorDecorationType>>;

/** A bar at each line that names a tensor with a gradient: how large that is, on the one scale of the run. */
export class HeatBars implements vscode.Disposable {
  readonly #results: Results;
  readonly #listening: vscode.Disposable;
  readonly #types: BarTypes;
  #timer: NodeJS.Timeout | undefined;

  constructor(results: Results, extensionUri: vscode.Uri) {
    this.#results = results;
    this.#types = Object.fromEntries(heatLevels.map((level) => [level, barOf(level, extensionUri)])) as BarTypes;
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#drawAll()),
      onSettingChanged(["heat"], () => this.#drawAll()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#drawAll()),
      vscode.workspace.onDidChangeTextDocument(() => this.#drawSoon()),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
    for (const level of heatLevels) this.#types[level].dispose();
  }

  #drawSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drawAll(), 200);
  }

  #drawAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.#draw(editor);
  }

  #draw(editor: vscode.TextEditor): void {
    const ranges = this.#rangesIn(editor.document);
    for (const level of heatLevels) editor.setDecorations(this.#types[level], ranges.get(level) ?? []);
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
function barOf(level: HeatLevel, extensionUri: vscode.Uri): vscode.TextEditorDecorationType {
  const color = new vscode.ThemeColor(`gradlens.heat.${level}`);
  const bar = { isWholeLine: true, borderStyle: "solid", borderWidth: "0 0 0 2px", borderColor: color };
  if (level !== "vanishing" && level !== "exploding" && level !== "nonfinite") {
    return vscode.window.createTextEditorDecorationType(bar);
  }
  const glyph = (theme: string) => ({
    gutterIconPath: vscode.Uri.joinPath(extensionUri, "resources", "heat", `${level}-${theme}.svg`),
    gutterIconSize: "70%",
  });
  return vscode.window.createTextEditorDecorationType({
    ...bar,
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    dark: glyph("dark"),
    light: glyph("light"),
  });
}
