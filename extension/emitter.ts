import type { Disposable } from "./disposables.ts";

/** Something that can be listened to; VS Code's own `Event` fits where this is asked for, and the other way round. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Tells its listeners; VS Code's emitter for code that runs without VS Code. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onFault: (error: unknown) => void;

  /** `onFault` is told when a listener throws, which keeps no other from hearing. */
  constructor(onFault: (error: unknown) => void = throwLater) {
    this.#onFault = onFault;
  }

  readonly event: Event<T> = (listener) => {
    // Wrapped, so that the same function can listen twice.
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** To nobody who could be disturbed: VS Code writes it into its log. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
