import * as vscode from "vscode";
import { gradcheckResults } from "../../engine/recording/queries/gradchecks.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { GradcheckPairRow } from "../../engine/recording/schema.ts";
import { type GradchecksReply, gradcheckPanel } from "../../webview/protocol/gradcheck.ts";
import { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import type { Results } from "../results/results.ts";
import { gradcheckReply } from "./gradcheckReply.ts";
import type { KeptRecording } from "./keptRecording.ts";
import { LoadedPage } from "./loadedPage.ts";
import { OnePanel } from "./onePanel.ts";
import { panelHtml, panelRoot } from "./panelHtml.ts";
import { recordedName } from "./recordedPlace.ts";
import { serveContract } from "./rpcHost.ts";
import { runAction, runModelInSight } from "./runSource.ts";

/** What the gradcheck panel is made of. */
export interface GradcheckPanelsParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly follower: EditorFollower;
  readonly kept: KeptRecording;
}

/** A panel as long as its webview lives. */
interface Session extends vscode.Disposable {
  showLine(line: RunLine): void;
  showCheck(index: number): void;
}

/** The one gradcheck panel of a window: it shows the checks of the run on screen. */
export class GradcheckPanels implements vscode.Disposable {
  readonly #parts: GradcheckPanelsParts;
  readonly #panel: OnePanel<Session>;

  constructor(parts: GradcheckPanelsParts) {
    this.#parts = parts;
    const { extensionUri, kept } = parts;
    this.#panel = new OnePanel({
      viewType: "gradlens.gradcheck",
      title: vscode.l10n.t("Gradlens Gradchecks"),
      extensionUri,
      restore: () => kept.restore(),
      open: (panel) => this.#open(panel),
    });
  }

  /** Opens the panel, at the check of a line when one is given. */
  show(line: RunLine | null = null): void {
    const session = this.#panel.show();
    if (line !== null) session.showLine(line);
  }

  /** Opens the panel at a check, given by its number in the run. */
  showCheck(index: number): void {
    this.#panel.show().showCheck(index);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #open(panel: vscode.WebviewPanel): Session {
    const { webview } = panel;
    const { extensionUri, results, kept } = this.#parts;
    const bag = new Bag();
    bag.own(kept.hold());
    webview.options = { enableScripts: true, localResourceRoots: [panelRoot(extensionUri)] };
    const page = bag.own(new LoadedPage(panel));
    const host = bag.own(
      serveContract(gradcheckPanel, webview, {
        loadGradchecks: () => {
          page.onAnswer();
          return this.#load();
        },
        loadJacobians: (check) => this.#jacobians(check),
        revealSource: (place) => this.#reveal(place),
        runModel: () => runModelInSight(results),
      }),
    );
    bag.own(results.onDidChange(() => host.send.gradchecksChanged()));
    webview.html = panelHtml(webview, extensionUri, {
      name: "gradcheck",
      title: vscode.l10n.t("Gradlens Gradchecks"),
    });
    return {
      showLine: (line) => {
        const { current } = results;
        const name = current && recordedName(current, line.file);
        if (name !== null) page.tell(() => host.send.showLine(name, line.line));
      },
      showCheck: (index) => page.tell(() => host.send.showCheck(index)),
      dispose: () => bag.dispose(),
    };
  }

  #load(): GradchecksReply {
    const { results } = this.#parts;
    const { current } = results;
    const reply = current && gradcheckReply(current, (file) => vscode.workspace.asRelativePath(file));
    return reply ?? { kind: "empty", reason: this.#whyEmpty(), action: runAction(results) };
  }

  #whyEmpty(): string {
    if (!vscode.workspace.isTrusted) {
      return vscode.l10n.t("Nothing runs in Restricted Mode, so there are no gradchecks.");
    }
    return this.#parts.results.current === null
      ? vscode.l10n.t("No run is open, so there are no gradchecks.")
      : vscode.l10n.t("The run made no gradchecks. Call gradcheck(f, [x]) in the model to check a gradient.");
  }

  #jacobians(check: number): readonly GradcheckPairRow[] {
    const { current } = this.#parts.results;
    return (current && gradcheckResults(current.recording)[check]?.pairs) ?? [];
  }

  /** Only files that the recording speaks of: a webview is not to open others. */
  async #reveal({ file, line, column }: Place): Promise<void> {
    const { results, follower } = this.#parts;
    const { current } = results;
    if (current === null || recordedName(current, file) === null) return;
    await follower.reveal({ file, line: Math.max(1, line), column: Math.max(1, column) }, current, { keepFocus: true });
  }
}
