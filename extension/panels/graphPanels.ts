import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import { Emitter } from "../emitter.ts";
import type { Results } from "../results/results.ts";
import type { RunResult } from "../results/runResult.ts";
import { GraphSession, type GraphSource } from "./graphSession.ts";
import type { KeptRecording } from "./keptRecording.ts";
import { OnePanel } from "./onePanel.ts";
import { runAction, runModelInSight } from "./runSource.ts";

const viewType = "gradlens.graph";

/** What the graph panel is made of. */
export interface GraphPanelsParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly follower: EditorFollower;
  readonly kept: KeptRecording;
}

/** The one graph panel of a window: it shows the run on screen. */
export class GraphPanels implements vscode.Disposable {
  readonly #parts: GraphPanelsParts;
  readonly #panel: OnePanel<GraphSession>;
  readonly #changed = new Emitter<void>();
  readonly #opened = new Emitter<void>();
  #frame: number | null = null;
  /** The run that a debugger is in the middle of: it is shown instead of the last one that ended. */
  #debugged: RunResult | null = null;

  readonly onDidOpen = this.#opened.event;

  constructor(parts: GraphPanelsParts) {
    this.#parts = parts;
    const { extensionUri, follower, kept } = parts;
    this.#panel = new OnePanel({
      viewType,
      title: vscode.l10n.t("Gradlens Graph"),
      extensionUri,
      restore: () => kept.restore(),
      open: (panel) => {
        const bag = new Bag();
        bag.own(kept.hold());
        const session = new GraphSession(panel, { extensionUri, follower, source: this.#source() }, bag);
        session.showFrame(this.#frame);
        this.#opened.fire();
        return session;
      },
    });
  }

  get isOpen(): boolean {
    return this.#panel.session !== null;
  }

  /** Opens the panel beside the editor, or brings it in front. */
  show(): void {
    this.#panel.show();
  }

  showLine(line: RunLine | null): void {
    const session = this.#panel.show();
    if (line !== null) session.showLine(line);
  }

  /** Where a debugger stands in the recording on screen; null when it has ended. */
  showFrame(event: number | null): void {
    this.#frame = event;
    this.#panel.session?.showFrame(event);
  }

  /** Shows what a debugged program has done so far; null shows the last run again. */
  showDebugged(result: RunResult | null): void {
    if (result === this.#debugged) return;
    this.#debugged = result;
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
    this.#opened.dispose();
    this.#panel.dispose();
  }

  #source(): GraphSource {
    const { results } = this.#parts;
    return {
      result: () => this.#debugged ?? results.current,
      onDidChange: (listener) => vscode.Disposable.from(results.onDidChange(listener), this.#changed.event(listener)),
      whyEmpty: () => ({ reason: this.#whyEmpty(), action: runAction(results) }),
      run: () => runModelInSight(results),
    };
  }

  #whyEmpty(): string {
    if (!vscode.workspace.isTrusted) return vscode.l10n.t("Nothing runs in Restricted Mode, so there is no graph.");
    return this.#parts.results.current === null
      ? vscode.l10n.t("No run is open, so there is no graph.")
      : vscode.l10n.t("The run made no tensors, so there is no graph.");
  }
}
