import path from "node:path";
import * as vscode from "vscode";
import {
  type ComparisonReply,
  type OtherRun,
  type ProfileFormat,
  type ProfileReply,
  type ProfilerEvents,
  profilerPanel,
} from "../../webview/protocol/profiler.ts";
import type { SourcePlace } from "../../webview/protocol/timeline.ts";
import { Bag } from "../disposables.ts";
import type { EditorFollower, RunLine } from "../editor/editorFollower.ts";
import type { Event } from "../emitter.ts";
import type { ProfileQuestions, QuestionName } from "../profiles/profileQuestions.ts";
import type { Profiles } from "../profiles/profiles.ts";
import type { EarlierRun } from "../profiles/runHistory.ts";
import type { RunResult } from "../results/runResult.ts";
import { durationText } from "../runs/durationText.ts";
import { exportProfile } from "./exportProfile.ts";
import type { SessionPanel } from "./graphSession.ts";
import { LoadedPage } from "./loadedPage.ts";
import { panelHtml, panelRoot } from "./panelHtml.ts";
import { recordedName } from "./recordedPlace.ts";
import { type RpcHost, serveContract } from "./rpcHost.ts";
import { runSummary } from "./runSummary.ts";

/** A trace of another program that is open in the panel. */
export interface OpenedTrace {
  readonly file: string;
  /** Its number with the profiles; null when it could not be read. */
  readonly subject: number | null;
  /** From its first moment to its last. */
  readonly durationMs: number;
  /** What is wrong with it, in sentences; empty when nothing is. */
  readonly problems: string;
}

/** Where a profiler panel has what it shows. */
export interface ProfileSource {
  /** The trace that was opened, which takes the place of the run; null when none is. */
  trace(): OpenedTrace | null;
  result(): RunResult | null;
  /** What can be compared with. */
  others(): readonly EarlierRun[];
  /** Lets the user choose a saved recording to compare with. */
  chooseOther(): Promise<EarlierRun | null>;
  /** There is something else now. */
  readonly onDidChange: Event<void>;
  /** Why there is nothing, in one sentence, and what the button says that changes it. */
  whyEmpty(): { readonly reason: string; readonly action: string | null };
  profile(): Promise<void>;
  openTrace(): Promise<void>;
  closeTrace(): void;
  showInGraph(line: RunLine): void;
}

/** What a session is made of. */
export interface ProfilerSessionParts {
  readonly extensionUri: vscode.Uri;
  readonly follower: EditorFollower;
  readonly profiles: Profiles;
  readonly source: ProfileSource;
}

type RestOf<F> = F extends (subject: number, ...rest: infer R) => unknown ? R : never;

/** One profiler panel, as long as its webview lives. */
export class ProfilerSession implements vscode.Disposable {
  readonly #parts: ProfilerSessionParts;
  readonly #bag: Bag;
  readonly #host: RpcHost<ProfilerEvents>;
  readonly #page: LoadedPage;

  /** `bag` ends with the session. */
  constructor(panel: SessionPanel, parts: ProfilerSessionParts, bag = new Bag()) {
    this.#bag = bag;
    this.#page = bag.own(new LoadedPage(panel));
    this.#parts = parts;
    const { webview } = panel;
    const { source, follower, extensionUri } = parts;
    webview.options = { enableScripts: true, localResourceRoots: [panelRoot(extensionUri)] };
    this.#host = this.#bag.own(
      serveContract(profilerPanel, webview, {
        loadProfile: () => this.#load(),
        loadTimeline: async () => {
          const timeline = await this.#ask("timeline");
          this.#page.onAnswer(() => follower.line && this.#tellLine("cursorMoved", follower.line));
          return timeline;
        },
        loadMerged: () => this.#ask("merged"),
        loadSandwich: (name) => this.#ask("sandwich", name),
        loadOps: (grouping) => this.#ask("ops", grouping),
        loadModules: () => this.#ask("modules"),
        loadLines: () => this.#ask("lines"),
        loadMemory: () => this.#ask("memory"),
        loadComparison: (other) => this.#compare(other),
        chooseOther: async () => {
          const chosen = await source.chooseOther();
          return chosen && otherRun(chosen);
        },
        exportProfile: (format) => this.#export(format),
        revealSource: (place) => this.#reveal(place),
        showInGraph: (place) => this.#showInGraph(place),
        profileModel: () => source.profile(),
        openTrace: () => source.openTrace(),
        closeTrace: () => source.closeTrace(),
      }),
    );
    this.#bag.own(source.onDidChange(() => this.#host.send.profileChanged()));
    this.#bag.own(follower.onDidMove((line) => this.#tellLine("cursorMoved", line)));
    const title = vscode.l10n.t("Gradlens Profile");
    webview.html = panelHtml(webview, extensionUri, { name: "profiler", title });
  }

  /** Shows what a line cost, at once or as soon as the panel has loaded. */
  showLine(line: RunLine): void {
    this.#page.tell(() => this.#tellLine("showLine", line));
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #load(): ProfileReply {
    const { source } = this.#parts;
    const trace = source.trace();
    if (trace !== null) return traceReply(trace);
    const result = source.result();
    if (result === null || result.isEmpty) return { kind: "empty", isTrace: false, ...source.whyEmpty() };
    return {
      kind: "profile",
      source: "run",
      run: runSummary(result, (file) => vscode.workspace.asRelativePath(file)),
      warning: result.recording.meta.truncated,
      others: source.others().map(otherRun),
    };
  }

  #ask<K extends QuestionName>(question: K, ...rest: RestOf<ProfileQuestions[K]>) {
    const { source, profiles } = this.#parts;
    const trace = source.trace();
    if (trace?.subject) return profiles.ofTrace(trace.subject, question, ...rest);
    return profiles.of(this.#result().recording, question, ...rest);
  }

  async #compare(id: number): Promise<ComparisonReply> {
    const { source, profiles } = this.#parts;
    const other = source.others().find((run) => run.id === id);
    if (other === undefined) throw new Error(vscode.l10n.t("That run is not kept any more."));
    return profiles.compare(this.#result().recording, other.result.recording, otherRun(other).label);
  }

  async #export(format: ProfileFormat): Promise<string | null> {
    const trace = this.#parts.source.trace();
    const from = trace?.file ?? this.#result().recording.meta.file;
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(from))?.uri.fsPath ?? path.dirname(from);
    const alerts = trace === null ? this.#result().alerts : [];
    return exportProfile(format, from, (file) =>
      this.#ask("file", format, file, { name: path.basename(from), folder, alerts }),
    );
  }

  #result(): RunResult {
    const result = this.#parts.source.result();
    if (result === null) throw new Error(vscode.l10n.t("This run is not there any more."));
    return result;
  }

  /** Only files that the recording speaks of: a webview is not to open others. */
  async #reveal({ file, line, column }: SourcePlace): Promise<void> {
    const result = this.#parts.source.result();
    if (result === null || recordedName(result, file) === null) return;
    await this.#parts.follower.reveal({ file, line: Math.max(1, line), column: Math.max(1, column) }, result, {
      keepFocus: true,
    });
  }

  #showInGraph({ file, line }: SourcePlace): void {
    const result = this.#parts.source.result();
    if (result !== null && recordedName(result, file) !== null) this.#parts.source.showInGraph({ file, line });
  }

  #tellLine(event: "cursorMoved" | "showLine", { file, line }: RunLine): void {
    const { source } = this.#parts;
    const result = source.trace() === null ? source.result() : null;
    const name = result && recordedName(result, file);
    if (name) this.#host.send[event](name, line);
  }
}

function traceReply({ file, subject, durationMs, problems }: OpenedTrace): ProfileReply {
  if (subject === null) return { kind: "empty", reason: problems, action: null, isTrace: true };
  const run = { file: path.basename(file), startedAt: null, durationMs, outcome: "ok" } as const;
  return { kind: "profile", source: "trace", run, warning: problems === "" ? null : problems, others: [] };
}

/** `14:03:22, 1.2 s` for a run of this window, `before.gradlens, 1.2 s` for a saved one. */
function otherRun({ id, file, result }: EarlierRun): OtherRun {
  const { startedAt, durationMs } = result.recording.meta;
  const name =
    file === null ? new Date(startedAt).toLocaleTimeString(undefined, { hour12: false }) : path.basename(file);
  return { id, label: `${name}, ${durationText(durationMs)}` };
}
