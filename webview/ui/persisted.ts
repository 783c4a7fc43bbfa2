import type { Guard } from "../protocol/guards.ts";
import type { HostApi } from "./host.ts";

/** A panel's view state, which VS Code keeps while the panel is hidden and after a reload of the window. */
export interface Persisted<T> {
  readonly value: T | null;
  /** Keeps a state; several in a row are written as one. */
  save(state: T): void;
}

/** Reads what an earlier page of this panel kept; anything of another shape counts as nothing. */
export function persistedState<T>(host: HostApi, guard: Guard<T>): Persisted<T> {
  const stored = host.getState();
  let waiting: T | null = null;
  return {
    value: guard(stored) ? stored : null,
    save(state) {
      if (waiting === null) {
        setTimeout(() => {
          host.setState(waiting);
          waiting = null;
        }, 250);
      }
      waiting = state;
    },
  };
}
