import { existsSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { withoutLinks } from "../plainText.ts";
import type { RunResult } from "../results/runResult.ts";
import { describeNote } from "../runner/describeNote.ts";
import { describeEnding, type RunOutcome } from "../runner/outcome.ts";
import type { Services } from "../services.ts";
import { settingKeys } from "../settingKeys.ts";
import { durationText } from "./durationText.ts";
import type { RunningRun } from "./runService.ts";

/** A run that takes longer than this shows its progress, with a way to stop it. */
const patienceMs = 1000;

/** Tells about runs: progress of long ones, and endings that no line of the program can tell. */
export class RunReports implements vscode.Disposable {
  readonly #services: Services;
  readonly #listening: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: Services) {
    this.#services = services;
    const { runs, log } = services;
    this.#listening = vscode.Disposable.from(
      runs.onDidStart((file) => this.#onStart(file)),
      runs.onDidEnd((result) => this.#onEnd(result)),
      runs.onNote((note) => log.info(describeNote(note))),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
  }

  #onStart(file: string): void {
    this.#services.log.info(`Running ${file}.`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showProgress(file), patienceMs);
  }

  #showProgress(file: string): void {
    const { runs } = this.#services;
    const { startedAt } = runs.running ?? {};
    if (startedAt === undefined) return;
    const location = vscode.ProgressLocation.Notification;
    const title = vscode.l10n.t("Running {0}", withoutLinks(path.basename(file)));
    void vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const update = (): void => {
        const { running } = runs;
        if (running?.startedAt === startedAt) progress.report({ message: progressText(running) });
        else resolve();
      };
      const clock = setInterval(update, 500);
      const listening = vscode.Disposable.from(
        runs.onDidChange(update),
        token.onCancellationRequested(() => runs.stop()),
        { dispose: () => clearInterval(clock) },
      );
      await promise;
      listening.dispose();
    });
  }

  #onEnd(result: RunResult): void {
    clearTimeout(this.#timer);
    const { outcome } = result;
    if (outcome === null) return;
    const { log } = this.#services;
    const { tables } = result.recording;
    log.info(`${describeEnding(outcome)} ${durationText(outcome.durationMs)}, ${tables.events.rows - 1} events.`);
    if (outcome.kind === "crashed") for (const line of outcome.stderr) log.info(`stderr: ${line}`);
    const { file } = result.recording.meta;
    if (result.texts.has(result.key) && !existsSync(file)) tellGone(file);
    if (!hasPlace(outcome)) void tell(outcome);
  }
}

/** `12.1 s, 48,210 events recorded` */
function progressText({ startedAt, recording }: RunningRun): string {
  const time = durationText(Date.now() - startedAt);
  // Row 0 of the table stands for "none".
  const events = Math.max(0, recording.tables.events.rows - 1);
  return events === 0 ? time : vscode.l10n.t("{0}, {1} events recorded", time, events.toLocaleString());
}

/** Whether a line of the program tells it, or there is nothing to tell. */
function hasPlace(outcome: RunOutcome): boolean {
  if (outcome.kind === "error") return outcome.error.line !== null;
  if (outcome.kind === "exited") return outcome.code === 0;
  return outcome.kind === "ok" || outcome.kind === "stopped" || outcome.kind === "compile-error";
}

/** A model that was moved or deleted while it ran: its lines are gone, what it left is not. */
function tellGone(file: string): void {
  const name = withoutLinks(path.basename(file));
  const message = vscode.l10n.t("{0} was moved or deleted while it ran. The views show what the run left.", name);
  void vscode.window.showWarningMessage(message);
}

async function tell(outcome: RunOutcome): Promise<void> {
  const message = withoutLinks(describeEnding(outcome));
  const change = vscode.l10n.t("Change Limit");
  const output = vscode.l10n.t("Show Output");
  const limits = { timeout: settingKeys.timeoutSeconds, "out-of-memory": settingKeys.memoryMb };
  const limit = outcome.kind === "timeout" || outcome.kind === "out-of-memory" ? limits[outcome.kind] : null;
  const show = outcome.kind === "exited" ? vscode.window.showWarningMessage : vscode.window.showErrorMessage;
  const answer = await show(message, limit === null ? output : change);
  if (answer === change) await vscode.commands.executeCommand("workbench.action.openSettings", `gradlens.${limit}`);
  if (answer === output) await vscode.commands.executeCommand("gradlens.showOutput");
}
