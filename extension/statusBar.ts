import path from "node:path";
import * as vscode from "vscode";
import { withoutIcons } from "./plainText.ts";
import type { RunResult } from "./results/runResult.ts";
import { durationText } from "./runs/durationText.ts";
import type { Services } from "./services.ts";

/** How the last run went, in one short item; turning while a run goes on. */
export class RunStatus implements vscode.Disposable {
  readonly #services: Pick<Services, "results" | "runs" | "edits">;
  readonly #item = vscode.window.createStatusBarItem("gradlens.run", vscode.StatusBarAlignment.Left, 10);
  readonly #listening: vscode.Disposable;

  constructor(services: Pick<Services, "results" | "runs" | "edits">) {
    this.#services = services;
    this.#item.name = vscode.l10n.t("Gradlens Run");
    this.#listening = vscode.Disposable.from(
      services.runs.onDidChange(() => this.#update()),
      services.results.onDidChange(() => this.#update()),
      services.edits.onDidChange(() => this.#update()),
    );
  }

  dispose(): void {
    this.#listening.dispose();
    this.#item.dispose();
  }

  #update(): void {
    const { results, runs } = this.#services;
    const result = results.hiddenFailure ?? results.current;
    if (runs.running) this.#showRunning(runs.running.file, Date.now() - runs.running.startedAt);
    else if (result) this.#showResult(result);
    else this.#item.hide();
  }

  #showRunning(file: string, elapsedMs: number): void {
    const name = withoutIcons(path.basename(file));
    const time = elapsedMs < 1000 ? "" : ` ${Math.floor(elapsedMs / 1000)} s`;
    this.#item.text = `$(sync~spin) ${name}${time}`;
    this.#item.tooltip = vscode.l10n.t("Gradlens is running {0}. Click to stop it.", path.basename(file));
    this.#item.command = "gradlens.stopRun";
    this.#item.show();
  }

  #showResult(result: RunResult): void {
    const { icon, words } = summaryOf(result);
    const { isEdited } = this.#services.edits;
    const name = withoutIcons(path.basename(result.recording.meta.file));
    this.#item.text = `$(${icon}) ${name} · ${words}${isEdited ? vscode.l10n.t(" · edited since") : ""}`;
    this.#item.tooltip = tooltipOf(result);
    this.#item.command = "gradlens.showOutcome";
    this.#item.show();
  }
}

function summaryOf(result: RunResult): { icon: string; words: string } {
  const { outcome, alerts, recording } = result;
  const kind = outcome?.kind ?? recording.meta.outcome;
  if (result.failed) return { icon: "error", words: failureWords[kind] ?? vscode.l10n.t("failed") };
  const faults = alerts.filter(({ severity }) => severity !== "info");
  if (faults.length > 0) {
    const icon = faults.some(({ severity }) => severity === "error") ? "error" : "warning";
    const words = faults.length === 1 ? vscode.l10n.t("1 alert") : vscode.l10n.t("{0} alerts", faults.length);
    return { icon, words };
  }
  if (kind === "stopped" || kind === "timeout") return { icon: "debug-stop", words: vscode.l10n.t("stopped") };
  return { icon: "pass", words: durationText(recording.meta.durationMs) };
}

const failureWords: Readonly<Record<string, string>> = {
  "compile-error": vscode.l10n.t("does not compile"),
  "out-of-memory": vscode.l10n.t("out of memory"),
  stopped: vscode.l10n.t("stopped"),
  timeout: vscode.l10n.t("took too long"),
  crashed: vscode.l10n.t("crashed"),
};

function tooltipOf({ ending, recording, alerts }: RunResult): string {
  const took = vscode.l10n.t("Took {0}.", durationText(recording.meta.durationMs));
  return ["Gradlens", ending, took, ...alerts.slice(0, 5).map(({ message }) => `• ${message}`)].join("\n");
}
