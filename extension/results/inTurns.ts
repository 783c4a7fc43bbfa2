import { setImmediate as nextTurn } from "node:timers/promises";
import type { Parts } from "../../engine/recording/queries/parts.ts";

/** Works all parts off, and lets others have their turn after so many milliseconds of work, first of all those who wait already. */
export async function inTurns<Result>(parts: Parts<Result>, turn = 10): Promise<Result> {
  for (let end = 0; ; ) {
    if (performance.now() >= end) {
      await nextTurn();
      end = performance.now() + turn;
    }
    const { done, value } = parts.next();
    if (done === true) return value;
  }
}

/** The parts of work until it is wanted no more; null then. */
export function* whileWanted<Result>(parts: Parts<Result>, isWanted: () => boolean): Parts<Result | null> {
  while (isWanted()) {
    const { done, value } = parts.next();
    if (done === true) return value;
    yield;
  }
  return null;
}
