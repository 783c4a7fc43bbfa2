import type { Storage } from "./storage.ts";

/** Who wants to know that a storage is about to be written to; null nearly always. */
export const writes: { watcher: ((storage: Storage) => void) | null } = { watcher: null };

/** Called before every write to elements that a graph may have saved. */
export function aboutToWrite(storage: Storage): void {
  writes.watcher?.(storage);
}
