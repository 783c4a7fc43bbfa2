import type * as vscode from "vscode";
import type { SessionPanel } from "./graphSession.ts";

/** The page of a panel as somebody that may not hear yet: before it has loaded, or while the panel is hidden and the page gone. */
export class LoadedPage implements vscode.Disposable {
  readonly #panel: Pick<SessionPanel, "visible">;
  readonly #listening: vscode.Disposable;
  #hasLoaded = false;
  #waiting: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(panel: Pick<SessionPanel, "visible" | "onDidChangeViewState">) {
    this.#panel = panel;
    // A panel that comes back has a new page, which loads again.
    this.#listening = panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#hasLoaded = false;
    });
  }

  /** Tells it something, at once or as soon as it has loaded; of several things that wait, the last. */
  tell(say: () => void): void {
    if (this.#hasLoaded && this.#panel.visible) say();
    else this.#waiting = say;
  }

  /** To be called when an answer is ready with which the page has loaded: what is to be told comes behind that, `first` and `last` in any case. */
  onAnswer(first?: () => void, last?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#hasLoaded = true;
      first?.();
      this.#waiting?.();
      this.#waiting = null;
      last?.();
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listening.dispose();
  }
}
