import { existsSync } from "node:fs";
import * as vscode from "vscode";
import type { Place } from "../../engine/recording/queries/rows.ts";
import {
  type OverviewEvents,
  type OverviewReply,
  overviewPanel,
  type RunningNow,
} from "../../webview/protocol/overview.ts";
import type { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import type { EditWatch } from "../editor/editWatch.ts";
import type { Results } from "../results/results.ts";
import type { RunService } from "../runs/runService.ts";
import type { SessionPanel } from "./graphSession.ts";
import { overviewReply } from "./overviewReply.ts";
import { panelHtml, panelRoot } from "./panelHtml.ts";
import { recordedName } from "./recordedPlace.ts";
import { type RpcHost, serveContract } from "./rpcHost.ts";
import { runAction, runModelInSight } from "./runSource.ts";

/** What the overview is made of. */
export interface OverviewParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly runs: RunService;
  readonly edits: EditWatch;
  readonly follower: EditorFollower;
}

/** The run overview, as long as its webview lives. */
export class OverviewSession implements vscode.Disposable {
  readonly #parts: OverviewParts;
  readonly #bag: Bag;
  readonly #host: RpcHost<OverviewEvents>;

  /** `bag` ends with the session. */
  constructor({ webview }: SessionPanel, parts: OverviewParts, bag: Bag) {
    this.#parts = parts;
    this.#bag = bag;
    const { extensionUri, results, runs, edits, follower } = parts;
    webview.options = { enableScripts: true, localResourceRoots: [panelRoot(extensionUri)] };
    this.#host = bag.own(
      serveContract(overviewPanel, webview, {
        loadOverview: () => this.#load(),
        revealSource: async (place) => {
          await this.#reveal(place);
        },
        offerFix: (place) => this.#offerFix(place),
        showInGraph: (place) => run("gradlens.showInGraph", place),
        viewTensor: (id) => run("gradlens.viewTensor", id),
        showGradcheck: (index) => this.#showGradcheck(index),
        runModel: () => this.#run(),
        stopRun: () => run("gradlens.stopRun"),
        showGraph: () => run("gradlens.showGraph"),
        showFailedRun: () => run("gradlens.showFailedRun"),
      }),
    );
    bag.own(results.onDidChange(() => this.#host.send.overviewChanged()));
    bag.own(edits.onDidChange(() => this.#host.send.overviewChanged()));
    bag.own(runs.onDidChange(() => this.#host.send.runningChanged(this.#running())));
    bag.own(follower.onDidMove((line) => this.#tellCursor(line)));
    webview.html = panelHtml(webview, extensionUri, { name: "overview", title: vscode.l10n.t("Run Overview") });
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #load(): OverviewReply {
    const { results, edits } = this.#parts;
    const { current, hiddenFailure } = results;
    const running = this.#running();
    if (current === null) return { kind: "empty", reason: whyEmpty(), action: runAction(results), running };
    return {
      ...overviewReply(current, (file) => vscode.workspace.asRelativePath(file)),
      failure: hiddenFailure?.ending ?? null,
      running,
      isEdited: edits.isEdited,
    };
  }

  #running(): RunningNow | null {
    const { running } = this.#parts.runs;
    if (running === null) return null;
    const { file, startedAt, recording } = running;
    const ops = Math.max(0, recording.tables.events.rows - 1);
    return { file: vscode.workspace.asRelativePath(file), startedAt, ops };
  }

  /** Only files that the recording speaks of: a webview is not to open others. */
  async #reveal(place: Place, keepFocus = true): Promise<boolean> {
    const { results, follower } = this.#parts;
    const known = results.current !== null && recordedName(results.current, place.file) !== null;
    const failed = results.hiddenFailure !== null && recordedName(results.hiddenFailure, place.file) !== null;
    if (!known && !failed && place.file !== results.current?.recording.meta.file) return false;
    const { file, line, column } = place;
    return follower.reveal({ file, line: Math.max(1, line), column: Math.max(1, column) }, results.current, {
      keepFocus,
    });
  }

  /** The model that the overview is about, whatever stands in the editor: that may be a file it imports. */
  async #run(): Promise<void> {
    const { results } = this.#parts;
    const file = results.current?.recording.meta.file;
    if (file === undefined || !existsSync(file)) await runModelInSight(results);
    else await run("gradlens.runModel", vscode.Uri.file(file));
  }

  async #offerFix(place: Place): Promise<void> {
    if (await this.#reveal(place, false)) await vscode.commands.executeCommand("editor.action.quickFix");
  }

  async #showGradcheck(index: number): Promise<void> {
    const commands = await vscode.commands.getCommands(true);
    const row = this.#parts.results.current?.recording.gradchecks[index];
    if (commands.includes(gradcheckCommand)) await vscode.commands.executeCommand(gradcheckCommand, index);
    else if (row !== undefined) {
      const place = this.#parts.results.current?.recording.sites.get(row.site);
      if (place !== undefined) await this.#reveal(place);
    }
  }

  #tellCursor({ file, line }: RunLine): void {
    const { current } = this.#parts.results;
    const name = current && recordedName(current, file);
    if (name) this.#host.send.cursorMoved(name, line);
  }
}

const gradcheckCommand = "gradlens.showGradcheck";

async function run(command: `gradlens.${string}`, ...given: unknown[]): Promise<void> {
  await vscode.commands.executeCommand(command, ...given);
}

function whyEmpty(): string {
  return vscode.workspace.isTrusted
    ? vscode.l10n.t("No run is open, so there is nothing to tell.")
    : vscode.l10n.t("Nothing runs in Restricted Mode, so there is nothing to tell.");
}
