import type { Disposable } from "./disposables.ts";

/** Something that can be listened to; VS Code's own `Event` fits where this is asked for, and the other way round. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Tells its listeners; VS Code's emitter for code that runs without VS Code. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    // Wrapped, so that the same function can listen twice.
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
