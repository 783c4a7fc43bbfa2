import path from "node:path";
import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import { isModel } from "../editor/modelFiles.ts";
import type { Results } from "../results/results.ts";
import type { RunService } from "../runs/runService.ts";
import { GraphSession, type GraphSource } from "./graphSession.ts";
import { KeptRecording } from "./keptRecording.ts";

const viewType = "gradlens.graph";

/** What the graph panel is made of. */
export interface GraphPanelsParts {
  readonly context: vscode.ExtensionContext;
  readonly results: Results;
  readonly runs: RunService;
  readonly follower: EditorFollower;
  readonly log: vscode.LogOutputChannel;
}

/** The one graph panel of a window: it shows the run on screen, and comes back when the window is reloaded. */
export class GraphPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #parts: GraphPanelsParts;
  readonly #bag = new Bag();
  readonly #kept: KeptRecording;
  #frame: number | null = null;
  #open: { readonly panel: vscode.WebviewPanel; readonly session: GraphSession } | null = null;

  constructor(parts: GraphPanelsParts) {
    this.#parts = parts;
    this.#kept = new KeptRecording(parts.context.storageUri);
    this.#bag.own(vscode.window.registerWebviewPanelSerializer(viewType, this));
    this.#bag.own(parts.runs.onDidEnd(() => this.#keep()));
  }

  /** Opens the panel beside the editor, or brings it in front. */
  show(): void {
    if (this.#open) this.#open.panel.reveal(undefined, true);
    else this.#attach(createPanel());
    this.#keep();
  }

  showLine(line: RunLine | null): void {
    this.show();
    if (line !== null) this.#open?.session.showLine(line);
  }

  /** Where a debugger stands in the recording on screen; null when it has ended. */
  showFrame(event: number | null): void {
    this.#frame = event;
    this.#open?.session.showFrame(event);
  }

  /** Called by VS Code for a panel that was open when the window was reloaded. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    const { results } = this.#parts;
    if (results.current === null) {
      const restored = await this.#kept.restore();
      if (restored !== null && results.current === null) results.add(restored);
    }
    if (this.#open) panel.dispose();
    else this.#attach(panel);
  }

  dispose(): void {
    this.#open?.session.dispose();
    this.#bag.dispose();
  }

  #attach(panel: vscode.WebviewPanel): void {
    const { context, follower } = this.#parts;
    const { extensionUri } = context;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "resources", "icon.svg");
    const session = new GraphSession(panel, { extensionUri, follower, source: this.#source() });
    panel.onDidDispose(() => {
      session.dispose();
      this.#open = null;
    });
    this.#open = { panel, session };
    session.showFrame(this.#frame);
  }

  #source(): GraphSource {
    const { results } = this.#parts;
    return {
      result: () => results.current,
      onDidChange: results.onDidChange,
      whyEmpty: () => this.#whyEmpty(),
      run: async () => {
        await vscode.commands.executeCommand("gradlens.runModel", this.#modelInSight());
      },
    };
  }

  #whyEmpty(): { reason: string; action: string | null } {
    const model = this.#modelInSight();
    const action = model && vscode.l10n.t("Run {0}", path.basename(model.fsPath));
    if (!vscode.workspace.isTrusted) {
      return { reason: vscode.l10n.t("Nothing runs in Restricted Mode, so there is no graph."), action: null };
    }
    if (this.#parts.results.current === null) {
      return { reason: vscode.l10n.t("No model has run yet, so there is no graph."), action: action ?? null };
    }
    return { reason: vscode.l10n.t("The run made no tensors, so there is no graph."), action: action ?? null };
  }

  /** The panel has the focus, so the model is in one of the visible editors, or the one that ran last. */
  #modelInSight(): vscode.Uri | undefined {
    const visible = vscode.window.visibleTextEditors.find(({ document }) => isModel(document));
    const last = this.#parts.results.lastRuns.at(-1);
    return visible?.document.uri ?? (last && vscode.Uri.file(last.recording.meta.file));
  }

  #keep(): void {
    const { results, log } = this.#parts;
    const { current } = results;
    // A recording that was opened from a file is not this window's last run.
    if (this.#open === null || current === null || current.outcome === null) return;
    this.#kept.keep(current).catch((error) => log.warn("The recording could not be kept.", error));
  }
}

function createPanel(): vscode.WebviewPanel {
  const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  return vscode.window.createWebviewPanel(viewType, vscode.l10n.t("Gradlens Graph"), column);
}
