import * as vscode from "vscode";
import { readSettings } from "../settings.ts";
import type { RunService } from "./runService.ts";

/** What the user's program prints, in an output channel of its own. */
export class ConsoleOutput implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel("Gradlens Console");
  readonly #listening: vscode.Disposable;
  #hasPrinted = false;

  constructor(runs: RunService) {
    const started = runs.onDidStart(() => {
      this.#channel.clear();
      this.#hasPrinted = false;
    });
    const printed = runs.onConsole(({ text }) => {
      this.#channel.append(text);
      if (!this.#hasPrinted && readSettings().showConsole) this.show();
      this.#hasPrinted = true;
    });
    this.#listening = vscode.Disposable.from(started, printed);
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#channel.dispose();
  }
}
