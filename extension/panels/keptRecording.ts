import * as vscode from "vscode";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import { Bag } from "../disposables.ts";
import type { Results } from "../results/results.ts";
import { RunResult } from "../results/runResult.ts";

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
  /** What is done with the file, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(storage: vscode.Uri | undefined, results: Results, log: vscode.LogOutputChannel) {
    this.#file = storage ? vscode.Uri.joinPath(storage, "last.gradlens") : null;
    this.#results = results;
    this.#log = log;
    // Not only runs change what is on screen: files are moved, and results are cleared.
    this.#bag.own(results.onDidChange(() => this.#keep()));
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
    if (restored === null) return;
    await this.#results.prepare(restored);
    if (this.#results.current !== null) return;
    this.#kept = restored;
    this.#results.add(restored);
  }

  dispose(): void {
    this.#bag.dispose();
  }

  #keep(): void {
    const { current } = this.#results;
    if (current === null && this.#kept !== null) {
      this.#kept = null;
      this.#soon(remove);
    }
    // A recording that was opened from a file is not this window's last run.
    if (this.#panels === 0 || current === null || current.outcome === null || current === this.#kept) return;
    this.#kept = current;
    const { recording } = current;
    // What is too large to be kept is no reason to show an older one.
    if (recording.tables.events.rows > mostEvents) this.#soon(remove);
    else this.#soon((file) => vscode.workspace.fs.writeFile(file, encodeRecording(recording)));
  }

  #soon(work: (file: vscode.Uri) => Thenable<void>): void {
    const file = this.#file;
    if (file === null) return;
    this.#work = this.#work
      .then(() => work(file))
      .catch((error: unknown) => this.#log.warn("The recording could not be kept.", String(error)));
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

/** What is not there need not be removed. */
const remove = (file: vscode.Uri): Thenable<void> =>
  vscode.workspace.fs.delete(file).then(undefined, (error: unknown) => {
    if (!(error instanceof vscode.FileSystemError && error.code === "FileNotFound")) throw error;
  });
