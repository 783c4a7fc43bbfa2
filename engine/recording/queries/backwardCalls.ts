import type { Recording } from "../recording.ts";
import { EventKind } from "../schema.ts";
import type { Place } from "./rows.ts";

/** One call of backward. */
export interface BackwardCall {
  /** From 0, in order of the calls: what `buildGraph` takes. */
  readonly index: number;
  readonly place: Place | null;
  /** What was differentiated, when it was one number; else NaN. */
  readonly loss: number;
}

/** Every call of backward of a run. */
export function backwardCalls(recording: Recording): BackwardCall[] {
  const { kind, site, value } = recording.tables.events.column;
  const calls: BackwardCall[] = [];
  for (let i = 1; i < recording.tables.events.rows; i++) {
    if (kind[i] !== EventKind.backwardStart) continue;
    calls.push({ index: calls.length, place: recording.sites.get(site[i]) ?? null, loss: value[i] });
  }
  return calls;
}
