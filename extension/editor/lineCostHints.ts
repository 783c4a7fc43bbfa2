import * as vscode from "vscode";
import type { LineCost, LineCosts } from "../../engine/recording/queries/profile/lines.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { Profiles } from "../profiles/profiles.ts";
import { pathKey, realPathKey } from "../results/pathKey.ts";
import type { Results } from "../results/results.ts";
import { changeSetting, onSettingChanged, readSettings } from "../settings.ts";
import { costBar, costText } from "./costText.ts";
import { currentLines } from "./currentLines.ts";
import { EditorMarks, type MarksIn } from "./editorMarks.ts";

/** A line that took this share of the run is marked in the overview ruler. */
const markedShare = 0.1;

const costMarks = ["bar", "text", "ruler"] as const;
type CostMark = (typeof costMarks)[number];

const looks: Readonly<Record<CostMark, vscode.DecorationRenderOptions>> = {
  bar: { after: { color: new vscode.ThemeColor("charts.yellow"), margin: "0 0 0 2ch" } },
  text: { after: { color: new vscode.ThemeColor("editorInlayHint.foreground"), margin: "0 0 0 1ch" } },
  ruler: {
    overviewRulerColor: new vscode.ThemeColor("charts.yellow"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  },
};

/** What each line cost, behind it: forward and the backward it caused, what it keeps for backward, calls, and a bar. Off until asked for. */
export class LineCostHints implements vscode.Disposable {
  readonly #results: Results;
  readonly #profiles: Profiles;
  readonly #log: vscode.LogOutputChannel;
  readonly #marks: EditorMarks<CostMark>;
  readonly #chosen: vscode.Disposable;
  readonly #known = new WeakMap<Recording, LineCosts>();
  readonly #asked = new WeakSet<Recording>();
  /** On with a profile, until it is switched off; the setting says how it is otherwise. */
  #isOnForNow = false;

  constructor(results: Results, profiles: Profiles, log: vscode.LogOutputChannel) {
    this.#results = results;
    this.#profiles = profiles;
    this.#log = log;
    this.#marks = new EditorMarks({
      results,
      setting: "costs",
      kinds: costMarks,
      lookOf: (mark) => looks[mark],
      marksIn: (document) => this.#marksIn(document),
    });
    // Who sets the setting means it, also after a profile.
    this.#chosen = onSettingChanged(["costs"], () => {
      this.#isOnForNow = false;
      this.#marks.draw();
    });
  }

  get isOn(): boolean {
    return this.#isOnForNow || readSettings().costs;
  }

  /** A profile was asked for. */
  switchOn(): void {
    this.#isOnForNow = true;
    this.#marks.draw();
  }

  async toggle(): Promise<void> {
    const isOn = !this.isOn;
    await changeSetting("costs", isOn);
    this.#isOnForNow = isOn;
    this.#marks.draw();
  }

  dispose(): void {
    this.#chosen.dispose();
    this.#marks.dispose();
  }

  #marksIn(document: vscode.TextDocument): MarksIn<CostMark> {
    const lines = this.isOn ? this.#linesIn(document) : [];
    const most = lines.reduce((found, { cost }) => Math.max(found, timeOf(cost)), 0);
    const behind = (at: number, contentText: string, hover?: vscode.MarkdownString): vscode.DecorationOptions => {
      const { end } = document.lineAt(at).range;
      const renderOptions = { after: { contentText } };
      return { range: new vscode.Range(end, end), renderOptions, ...(hover ? { hoverMessage: hover } : {}) };
    };
    const bars = lines.flatMap(({ at, cost }) => {
      const bar = costBar(cost, most);
      return bar === "" ? [] : [behind(at, bar)];
    });
    const texts = lines.map(({ at, cost, total }) => behind(at, costText(cost), explained(cost, total)));
    const costly = lines.filter(({ cost, total }) => timeOf(cost) > markedShare * total);
    return new Map<CostMark, (vscode.Range | vscode.DecorationOptions)[]>([
      ["bar", bars],
      ["text", texts],
      ["ruler", costly.map(({ at }) => new vscode.Range(at, 0, at, 0))],
    ]);
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
          this.#marks.draw();
        },
        (error) => {
          this.#asked.delete(recording);
          this.#log.warn("What lines cost could not be worked out.", error);
        },
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
