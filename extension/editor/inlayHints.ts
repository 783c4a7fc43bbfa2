import * as vscode from "vscode";
import type { TensorInfo } from "../../engine/recording/queries/tensors.ts";
import { realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { onSettingChanged, readSettings } from "../settings.ts";
import { currentLines } from "./currentLines.ts";
import { hintPieces } from "./hintText.ts";
import { modelSelector } from "./modelSelector.ts";
import { tensorMarkdown } from "./tensorMarkdown.ts";

/** When hints that nobody asked for are announced again, in ms after the last time. */
const announceAgainAfterMs = [250, 500, 1000, 2000, 4000, 8000, 16_000];

/** ` leaf [3] ‖∇‖ 7.000` behind each line that names a tensor. */
export class InlayHints implements vscode.InlayHintsProvider, vscode.Disposable {
  readonly #results: Results;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #listening: vscode.Disposable;
  /** Models in sight, by their URIs, that have not asked since hints changed. */
  readonly #unaware = new Set<string>();
  #again: NodeJS.Timeout | undefined;

  readonly onDidChangeInlayHints = this.#changed.event;

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      vscode.languages.registerInlayHintsProvider(modelSelector, this),
      onSettingChanged(["hints"], () => this.#announce()),
      results.onDidChange(() => this.#announce()),
    );
  }

  provideInlayHints(document: vscode.TextDocument, range: vscode.Range): vscode.InlayHint[] {
    this.#unaware.delete(document.uri.toString());
    if (!readSettings().hints) return [];
    const key = realPathKey(document.uri.fsPath);
    const result = this.#results.about(key);
    const lines = result && currentLines(result, document);
    if (!result || !lines) return [];
    return result.linesOf(key).flatMap(({ line, tensors }) => {
      const at = lines.current(line - 1);
      if (at === null || at < range.start.line || at > range.end.line) return [];
      return [lineHint(document.lineAt(at).range.end, tensors, result, lines.isEdited)];
    });
  }

  dispose(): void {
    clearTimeout(this.#again);
    this.#listening.dispose();
    this.#changed.dispose();
  }

  #announce(): void {
    for (const { document } of vscode.window.visibleTextEditors) {
      if (vscode.languages.match(modelSelector, document) > 0) this.#unaware.add(document.uri.toString());
    }
    this.#tell(0);
  }

  /**
   * An editor hears of changed hints only from when all providers have answered it once, and TypeScript's takes seconds
   * at first. What was said before is lost, so it is said until everybody has asked.
   */
  #tell(times: number): void {
    clearTimeout(this.#again);
    this.#changed.fire();
    const wait = announceAgainAfterMs[times];
    if (wait === undefined) this.#unaware.clear();
    else this.#again = setTimeout(() => this.#unaware.size > 0 && this.#tell(times + 1), wait);
  }
}

function lineHint(
  end: vscode.Position,
  tensors: readonly TensorInfo[],
  result: RunResult,
  isEdited: boolean,
): vscode.InlayHint {
  const parts = hintPieces(tensors).map(({ text, tensor }, i) => {
    // A space of its own, so that the hint does not stick to a comment that ends the line.
    const part = new vscode.InlayHintLabelPart(i === 0 ? ` ${text}` : text);
    const told = tensor === null ? tensors : [tensor];
    part.tooltip = tensorMarkdown(told, result, { isEdited });
    return part;
  });
  const hint = new vscode.InlayHint(end, parts);
  hint.paddingLeft = true;
  return hint;
}
