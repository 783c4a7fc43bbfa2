import path from "node:path";
import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import { Emitter } from "../emitter.ts";
import type { Profiles } from "../profiles/profiles.ts";
import type { RunHistory } from "../profiles/runHistory.ts";
import { readRecording } from "../results/readRecording.ts";
import type { Results } from "../results/results.ts";
import type { RunService } from "../runs/runService.ts";
import { chosenRecording } from "./chosenRecording.ts";
import type { GraphPanels } from "./graphPanels.ts";
import type { KeptRecording } from "./keptRecording.ts";
import { OnePanel } from "./onePanel.ts";
import { type OpenedTrace, ProfilerSession, type ProfileSource } from "./profilerSession.ts";
import { modelInSight } from "./runSource.ts";

/** What the profiler panel is made of. */
export interface ProfilerPanelsParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly runs: RunService;
  readonly follower: EditorFollower;
  readonly kept: KeptRecording;
  readonly profiles: Profiles;
  readonly history: RunHistory;
  readonly graphs: GraphPanels;
}

/** The one profiler panel of a window: it shows the run on screen, or a trace that was opened. */
export class ProfilerPanels implements vscode.Disposable {
  readonly #parts: ProfilerPanelsParts;
  readonly #bag = new Bag();
  readonly #changed = this.#bag.own(new Emitter<void>());
  readonly #panel: OnePanel<ProfilerSession>;
  #trace: OpenedTrace | null = null;

  constructor(parts: ProfilerPanelsParts) {
    this.#parts = parts;
    const { extensionUri, follower, kept, profiles, results } = parts;
    this.#panel = this.#bag.own(
      new OnePanel({
        viewType: "gradlens.profiler",
        title: vscode.l10n.t("Gradlens Profile"),
        extensionUri,
        restore: () => kept.restore(),
        open: (panel) => {
          const bag = new Bag();
          bag.own(kept.hold());
          bag.own({ dispose: () => this.#forgetTrace() });
          return new ProfilerSession(panel, { extensionUri, follower, profiles, source: this.#source() }, bag);
        },
      }),
    );
    this.#bag.own(results.onDidReplace(() => this.#forgetTrace()));
    this.#bag.own(
      results.onDidChange(() => {
        const shown = [results.current, ...results.lastRuns].flatMap((result) => result?.recording ?? []);
        profiles.keepOnly([...shown, ...(parts.runs.running ? [parts.runs.running.recording] : [])]);
        this.#changed.fire();
      }),
    );
  }

  /** Opens the panel beside the editor, or brings it in front. */
  show(): void {
    this.#panel.show();
  }

  showLine(line: RunLine | null): void {
    const session = this.#panel.show();
    if (line !== null) session.showLine(line);
  }

  /** Shows a trace of another program in place of the run. */
  async openTrace(uri: vscode.Uri): Promise<void> {
    this.#forgetTrace();
    const file = uri.fsPath;
    try {
      const { subject, durationMs, problems } = await this.#parts.profiles.openTrace(file);
      this.#trace = { file, subject, durationMs, problems: problems.join(" ") };
    } catch (error) {
      const problems = error instanceof Error ? error.message : String(error);
      this.#trace = { file, subject: null, durationMs: 0, problems };
    }
    this.#panel.show();
    this.#changed.fire();
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #forgetTrace(): void {
    if (this.#trace?.subject) this.#parts.profiles.closeTrace(this.#trace.subject);
    this.#trace = null;
  }

  #source(): ProfileSource {
    const { results, history, graphs } = this.#parts;
    return {
      trace: () => this.#trace,
      result: () => results.current,
      others: () => (results.current === null ? [] : history.comparable(results.current)),
      chooseOther: async () => {
        const uri = await chosenRecording(vscode.l10n.t("Compare with a Saved Recording"));
        return uri === null ? null : history.addSaved(await readRecording(uri), uri.fsPath);
      },
      onDidChange: this.#changed.event,
      whyEmpty: () => this.#whyEmpty(),
      profile: async () => {
        await vscode.commands.executeCommand("gradlens.profileModel", modelInSight(results));
      },
      openTrace: async () => {
        await vscode.commands.executeCommand("gradlens.openTrace");
      },
      closeTrace: () => {
        this.#forgetTrace();
        this.#changed.fire();
      },
      showInGraph: (line) => graphs.showLine(line),
    };
  }

  #whyEmpty(): { reason: string; action: string | null } {
    if (!vscode.workspace.isTrusted) {
      return { reason: vscode.l10n.t("Nothing runs in Restricted Mode, so there is no profile."), action: null };
    }
    const model = modelInSight(this.#parts.results);
    const action = model === undefined ? null : vscode.l10n.t("Profile {0}", path.basename(model.fsPath));
    const reason =
      this.#parts.results.current === null
        ? vscode.l10n.t("No run is open, so there is no profile.")
        : vscode.l10n.t("The run made no tensors, so there is no profile.");
    return { reason, action };
  }
}
