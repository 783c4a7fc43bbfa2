import * as vscode from "vscode";
import type { LineCost, LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { Profiles } from "../profiles/profiles.ts";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { changeSetting, onSettingChanged, readSettings } from "../settings.ts";
import { costBar, costText } from "./costText.ts";
import { currentLines } from "./currentLines.ts";

/** A line that took this share of the run is marked in the overview ruler. */
const markedShare = 0.1;

/** What each line cost, behind it: forward and the backward it caused, what it keeps for backward, calls, and a bar. Off until asked for. */
export class LineCostHints implements vscode.Disposable {
  readonly #results: Results;
  readonly #profiles: Profiles;
  readonly #log: vscode.LogOutputChannel;
  readonly #listening: vscode.Disposable;
  readonly #known = new WeakMap<Recording, LineCosts>();
  readonly #asked = new WeakSet<Recording>();
  readonly #bars = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor("charts.yellow"), margin: "0 0 0 2ch" },
  });
  readonly #texts = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor("editorInlayHint.foreground"), margin: "0 0 0 1ch" },
  });
  readonly #marks = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor("charts.yellow"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  /** On with a profile, until it is switched off; the setting says how it is otherwise. */
  #isOnForNow = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(results: Results, profiles: Profiles, log: vscode.LogOutputChannel) {
    this.#results = results;
    this.#profiles = profiles;
    this.#log = log;
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#drawAll()),
      onSettingChanged(["costs"], () => this.#drawAll()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#drawAll()),
      vscode.workspace.onDidChangeTextDocument(() => this.#drawSoon()),
    );
  }

  get isOn(): boolean {
    return this.#isOnForNow || readSettings().costs;
  }

  /** A profile was asked for. */
  switchOn(): void {
    this.#isOnForNow = true;
    this.#drawAll();
  }

  async toggle(): Promise<void> {
    const isOn = !this.isOn;
    this.#isOnForNow = isOn;
    await changeSetting("costs", isOn);
    this.#drawAll();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
    for (const type of [this.#bars, this.#texts, this.#marks]) type.dispose();
  }

  #drawSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drawAll(), 200);
  }

  #drawAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.#draw(editor);
  }

  #draw(editor: vscode.TextEditor): void {
    const lines = this.isOn ? this.#linesIn(editor.document) : [];
    const most = lines.reduce((found, { cost }) => Math.max(found, timeOf(cost)), 0);
    const behind = (at: number, contentText: string, hover?: vscode.MarkdownString): vscode.DecorationOptions => {
      const { end } = editor.document.lineAt(at).range;
      const renderOptions = { after: { contentText } };
      return { range: new vscode.Range(end, end), renderOptions, ...(hover ? { hoverMessage: hover } : {}) };
    };
    editor.setDecorations(
      this.#bars,
      lines.flatMap(({ at, cost }) => {
        const bar = costBar(cost, most);
        return bar === "" ? [] : [behind(at, bar)];
      }),
    );
    editor.setDecorations(
      this.#texts,
      lines.map(({ at, cost, total }) => behind(at, costText(cost), explained(cost, total))),
    );
    editor.setDecorations(
      this.#marks,
      lines
        .filter(({ cost, total }) => timeOf(cost) > markedShare * total)
        .map(({ at }) => new vscode.Range(at, 0, at, 0)),
    );
  }

  #linesIn(document: vscode.TextDocument): { at: number; cost: LineCost; total: number }[] {
    if (document.uri.scheme !== "file") return [];
    const key = realPathKey(document.uri.fsPath);
    const result = this.#results.about(key);
    const places = result && currentLines(result, document);
    const costs = result && places ? this.#costsOf(result.recording) : null;
    if (!places || !costs) return [];
    return costs.lines.flatMap((cost) => {
      const at = pathKey(cost.file) === key ? places.current(cost.line - 1) : null;
      return at === null || at >= document.lineCount ? [] : [{ at, cost, total: costs.total }];
    });
  }

  /** What is known; null while it is worked out. */
  #costsOf(recording: Recording): LineCosts | null {
    const known = this.#known.get(recording);
    if (known !== undefined) return known;
    if (!this.#asked.has(recording)) {
      this.#asked.add(recording);
      this.#profiles.of(recording, "lines").then(
        (costs) => {
          this.#known.set(recording, costs);
          this.#drawAll();
        },
        (error) => this.#log.warn("What lines cost could not be worked out.", error),
      );
    }
    return null;
  }
}

function timeOf({ forward, backward }: LineCost): number {
  return forward + backward;
}

function explained(cost: LineCost, total: number): vscode.MarkdownString {
  const { file, line } = cost;
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: ["gradlens.showInProfile"] };
  const share = ((timeOf(cost) / Math.max(1e-12, total)) * 100).toFixed(1);
  const place = encodeURIComponent(JSON.stringify([{ file, line, column: 1 }]));
  text.appendMarkdown(
    `${vscode.l10n.t("{0} % of the run. ↓ is forward, ↑ the backward that this line's ops caused, saved is what they keep for it.", share)}\n\n`,
  );
  text.appendMarkdown(`[${vscode.l10n.t("Show in Profile")}](command:gradlens.showInProfile?${place})`);
  return text;
}
