import * as vscode from "vscode";
import { Rows } from "../../engine/recording/queries/rows.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { RunSummary } from "../../webview/protocol/run.ts";
import {
  type TrainingEvents,
  type TrainingMissing,
  type TrainingShown,
  trainingPanel,
} from "../../webview/protocol/training.ts";
import { Bag } from "../disposables.ts";
import type { EditorFollower } from "../editor/editorFollower.ts";
import type { Event } from "../emitter.ts";
import type { Profiles } from "../profiles/profiles.ts";
import type { RunResult } from "../results/runResult.ts";
import type { SessionPanel } from "./graphSession.ts";
import { panelHtml, panelRoot } from "./panelHtml.ts";
import { type RpcHost, serveContract } from "./rpcHost.ts";

/** What a training panel shows; a run that goes on has no result yet. */
export interface TrainingNow {
  readonly recording: Recording;
  readonly result: RunResult | null;
  readonly run: RunSummary;
}

/** Where a training panel has what it shows. */
export interface TrainingSource {
  /** The run that goes on, else the one on screen; null when there is none. */
  current(): TrainingNow | null;
  /** There is another one, or more of it. */
  readonly onDidChange: Event<void>;
  whyEmpty(): { readonly reason: string; readonly action: string | null };
  run(): Promise<void>;
}

/** What a session is made of. */
export interface TrainingSessionParts {
  readonly extensionUri: vscode.Uri;
  readonly follower: EditorFollower;
  readonly profiles: Profiles;
  readonly source: TrainingSource;
}

/** A run that goes on is looked at again so often, in milliseconds. */
const liveMs = 400;

/** One training panel, as long as its webview lives. */
export class TrainingSession implements vscode.Disposable {
  readonly #parts: TrainingSessionParts;
  readonly #bag: Bag;
  readonly #host: RpcHost<TrainingEvents>;
  #timer: NodeJS.Timeout | undefined;

  /** `bag` ends with the session. */
  constructor({ webview }: SessionPanel, parts: TrainingSessionParts, bag = new Bag()) {
    this.#bag = bag;
    this.#parts = parts;
    const { source, extensionUri } = parts;
    webview.options = { enableScripts: true, localResourceRoots: [panelRoot(extensionUri)] };
    this.#host = this.#bag.own(
      serveContract(trainingPanel, webview, {
        loadTraining: () => this.#load(),
        revealParameter: (tensor) => this.#reveal(tensor),
        runModel: () => source.run(),
      }),
    );
    this.#bag.own(source.onDidChange(() => this.#tellSoon()));
    webview.html = panelHtml(webview, extensionUri, { name: "training", title: vscode.l10n.t("Gradlens Training") });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#bag.dispose();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#host.send.trainingChanged();
    }, liveMs);
  }

  async #load(): Promise<TrainingShown | TrainingMissing> {
    const { source, profiles } = this.#parts;
    const current = source.current();
    if (current === null) return { kind: "empty", ...source.whyEmpty() };
    const training = await profiles.of(current.recording, "training");
    if (training.count > 0) return { kind: "training", run: current.run, training };
    const reason =
      current.run.outcome === "running"
        ? vscode.l10n.t("The model is running. Its curves begin with the first step of an optimizer.")
        : vscode.l10n.t("This run made no step of an optimizer, so there are no curves.");
    return { kind: "empty", reason, action: null };
  }

  async #reveal(tensor: number): Promise<void> {
    const current = this.#parts.source.current();
    if (current === null || tensor >= current.recording.tables.tensors.rows) return;
    const place = new Rows(current.recording).place(tensor);
    if (place !== null) await this.#parts.follower.reveal(place, current.result, { keepFocus: true });
  }
}
