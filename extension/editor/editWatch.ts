import * as vscode from "vscode";
import { Emitter } from "../emitter.ts";
import type { Results } from "../results/results.ts";
import { linesNow, onSourceChanged } from "./sourceNow.ts";

/** Knows whether the files of the last run were edited since, so that views can say that they are behind. */
export class EditWatch implements vscode.Disposable {
  readonly #results: Results;
  readonly #changed = new Emitter<void>();
  readonly #listening: vscode.Disposable;
  #isEdited = false;

  readonly onDidChange = this.#changed.event;

  constructor(results: Results) {
    this.#results = results;
    this.#listening = vscode.Disposable.from(
      results.onDidChange(() => this.#look()),
      onSourceChanged(() => this.#look()),
    );
  }

  get isEdited(): boolean {
    return this.#isEdited;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  #look(): void {
    const last = this.#results.hiddenFailure ?? this.#results.current;
    const isEdited = last !== null && [...last.texts.keys()].some((file) => linesNow(last, file)?.isEdited ?? false);
    if (isEdited === this.#isEdited) return;
    this.#isEdited = isEdited;
    this.#changed.fire();
  }
}
