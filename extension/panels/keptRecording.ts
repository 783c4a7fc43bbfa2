import * as vscode from "vscode";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import { Bag } from "../disposables.ts";
import type { Results } from "../results/results.ts";
import { RunResult } from "../results/runResult.ts";
import type { RunService } from "../runs/runService.ts";

/** Larger recordings are not worth their time: writing happens after every run. */
const mostEvents = 200_000;

/** The recording of the last run on disk, as long as a panel shows it, so that a window that is reloaded shows it again. */
export class KeptRecording implements vscode.Disposable {
  readonly #file: vscode.Uri | null;
  readonly #results: Results;
  readonly #log: vscode.LogOutputChannel;
  readonly #bag = new Bag();
  /** The open panels that show the run on screen. */
  #panels = 0;
  #kept: RunResult | null = null;

  constructor(storage: vscode.Uri | undefined, results: Results, runs: RunService, log: vscode.LogOutputChannel) {
    this.#file = storage ? vscode.Uri.joinPath(storage, "last.gradlens") : null;
    this.#results = results;
    this.#log = log;
    this.#bag.own(runs.onDidEnd(() => this.#keep()));
  }

  /** Keeps what is on screen until the panel that asks is closed. */
  hold(): vscode.Disposable {
    this.#panels++;
    this.#keep();
    return { dispose: () => this.#panels-- };
  }

  /** Shows the recording that was kept, when nothing has run in this window. */
  async restore(): Promise<void> {
    if (this.#results.current !== null) return;
    const restored = await this.#read();
    if (restored !== null && this.#results.current === null) this.#results.add(restored);
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #keep(): void {
    const { current } = this.#results;
    // A recording that was opened from a file is not this window's last run.
    if (this.#panels === 0 || current === null || current.outcome === null || current === this.#kept) return;
    this.#kept = current;
    this.#write(current).catch((error) => this.#log.warn("The recording could not be kept.", error));
  }

  async #write({ recording }: RunResult): Promise<void> {
    if (this.#file === null || recording.tables.events.rows > mostEvents) return;
    await vscode.workspace.fs.writeFile(this.#file, encodeRecording(recording));
  }

  /** Null when none was kept, or it cannot be read any more. */
  async #read(): Promise<RunResult | null> {
    if (this.#file === null) return null;
    try {
      return new RunResult(decodeRecording(await vscode.workspace.fs.readFile(this.#file)), null);
    } catch {
      return null;
    }
  }
}
