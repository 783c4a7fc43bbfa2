import { setImmediate as nextTurn } from "node:timers/promises";
import type { Parts } from "../../engine/recording/queries/parts.ts";

/** Milliseconds of work after which others have their turn. */
const TURN = 10;

/** Works all parts off, and lets others have their turn in between. */
export async function inTurns<Result>(parts: Parts<Result>): Promise<Result> {
  let end = performance.now() + TURN;
  for (;;) {
    const { done, value } = parts.next();
    if (done === true) return value;
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + TURN;
  }
}
