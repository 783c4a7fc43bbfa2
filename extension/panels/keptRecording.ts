import * as vscode from "vscode";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import { RunResult } from "../results/runResult.ts";

/** Larger recordings are not worth their time: writing happens after every run. */
const mostEvents = 200_000;

/** The recording of the last run on disk, so that a window that is reloaded shows its graph again. */
export class KeptRecording {
  readonly #file: vscode.Uri | null;

  constructor(storage: vscode.Uri | undefined) {
    this.#file = storage ? vscode.Uri.joinPath(storage, "last.gradlens") : null;
  }

  async keep({ recording }: RunResult): Promise<void> {
    if (this.#file === null || recording.tables.events.rows > mostEvents) return;
    await vscode.workspace.fs.writeFile(this.#file, encodeRecording(recording));
  }

  /** Null when none was kept, or it cannot be read any more. */
  async restore(): Promise<RunResult | null> {
    if (this.#file === null) return null;
    try {
      return new RunResult(decodeRecording(await vscode.workspace.fs.readFile(this.#file)), null);
    } catch {
      return null;
    }
  }
}
