import * as vscode from "vscode";
import { Bag } from "../disposables.ts";
import type { EditorFollower } from "../editor/editorFollower.ts";
import { Emitter } from "../emitter.ts";
import type { Profiles } from "../profiles/profiles.ts";
import type { Results } from "../results/results.ts";
import type { RunService } from "../runs/runService.ts";
import type { KeptRecording } from "./keptRecording.ts";
import { OnePanel } from "./onePanel.ts";
import { runAction, runModelInSight } from "./runSource.ts";
import { runSummary } from "./runSummary.ts";
import { type TrainingNow, TrainingSession, type TrainingSource } from "./trainingSession.ts";

/** What the training panel is made of. */
export interface TrainingPanelsParts {
  readonly extensionUri: vscode.Uri;
  readonly results: Results;
  readonly runs: RunService;
  readonly follower: EditorFollower;
  readonly kept: KeptRecording;
  readonly profiles: Profiles;
}

/** The one training panel of a window: the run that goes on, else the one on screen. */
export class TrainingPanels implements vscode.Disposable {
  readonly #parts: TrainingPanelsParts;
  readonly #bag = new Bag();
  readonly #changed = this.#bag.own(new Emitter<void>());
  readonly #panel: OnePanel<TrainingSession>;

  constructor(parts: TrainingPanelsParts) {
    this.#parts = parts;
    const { extensionUri, results, runs, follower, kept, profiles } = parts;
    this.#bag.own(results.onDidChange(() => this.#changed.fire()));
    this.#bag.own(runs.onDidChange(() => this.#changed.fire()));
    this.#panel = this.#bag.own(
      new OnePanel({
        viewType: "gradlens.training",
        title: vscode.l10n.t("Gradlens Training"),
        extensionUri,
        restore: () => kept.restore(),
        open: (panel) => {
          const bag = new Bag();
          bag.own(kept.hold());
          return new TrainingSession(panel, { extensionUri, follower, profiles, source: this.#source() }, bag);
        },
      }),
    );
  }

  /** Opens the panel beside the editor, or brings it in front. */
  show(): void {
    this.#panel.show();
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #source(): TrainingSource {
    const { results } = this.#parts;
    return {
      current: () => this.#current(),
      onDidChange: this.#changed.event,
      whyEmpty: () => ({ reason: whyEmpty(), action: runAction(results) }),
      run: () => runModelInSight(results),
    };
  }

  #current(): TrainingNow | null {
    const { results, runs } = this.#parts;
    const relative = (file: string): string => vscode.workspace.asRelativePath(file);
    const { running } = runs;
    if (running !== null) {
      const { recording, startedAt, file } = running;
      const run = { file: relative(file), startedAt, durationMs: Date.now() - startedAt, outcome: "running" } as const;
      return { recording, result: null, run };
    }
    const result = results.current;
    return result === null ? null : { recording: result.recording, result, run: runSummary(result, relative) };
  }
}

function whyEmpty(): string {
  return vscode.workspace.isTrusted
    ? vscode.l10n.t("No run is open, so there are no curves.")
    : vscode.l10n.t("Nothing runs in Restricted Mode, so there are no curves.");
}
