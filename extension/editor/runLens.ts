import * as vscode from "vscode";
import { realPathKey } from "../results/pathKey.ts";
import type { RunService } from "../runs/runService.ts";
import { onSettingChanged, readSettings } from "../settings.ts";
import { isModel } from "./modelFiles.ts";
import { modelSelector } from "./modelSelector.ts";

/** A run that is over sooner would only make the lens flicker. */
const patienceMs = 400;

/** ▶ Run, Debug and Profile above a model, and ■ Stop while it runs. */
export class RunLens implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #runs: RunService;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #listening: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  /** What runs long enough to be stopped. */
  #runningFile: string | null = null;

  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(runs: RunService) {
    this.#runs = runs;
    this.#listening = vscode.Disposable.from(
      vscode.languages.registerCodeLensProvider(modelSelector, this),
      onSettingChanged(["lens"], () => this.#changed.fire()),
      runs.onDidChange(() => this.#onRun()),
    );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!readSettings().lens || !isModel(document)) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const isRunning = this.#runningFile === realPathKey(document.uri.fsPath);
    if (isRunning)
      return [new vscode.CodeLens(top, { title: vscode.l10n.t("$(debug-stop) Stop"), command: "gradlens.stopRun" })];
    const run: vscode.Command = {
      title: vscode.l10n.t("$(play) Run"),
      tooltip: vscode.l10n.t("Run this model and see its tensors and gradients at their lines"),
      command: "gradlens.runModel",
      arguments: [document.uri],
    };
    const debug: vscode.Command = {
      title: vscode.l10n.t("$(debug-alt) Debug"),
      tooltip: vscode.l10n.t("Step through the forward and the backward pass of this model"),
      command: "gradlens.debugModel",
      arguments: [document.uri],
    };
    const profile: vscode.Command = {
      title: vscode.l10n.t("$(flame) Profile"),
      tooltip: vscode.l10n.t("Run this model and see where its time and memory go, forward and backward"),
      command: "gradlens.profileModel",
      arguments: [document.uri],
    };
    return [run, debug, profile].map((command) => new vscode.CodeLens(top, command));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
    this.#changed.dispose();
  }

  #onRun(): void {
    if (this.#runs.running === null) this.#update();
    // Progress alone changes nothing in a lens.
    else this.#timer ??= setTimeout(() => this.#update(), patienceMs);
  }

  #update(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { running } = this.#runs;
    const file = running === null ? null : realPathKey(running.file);
    if (file === this.#runningFile) return;
    this.#runningFile = file;
    this.#changed.fire();
  }
}
