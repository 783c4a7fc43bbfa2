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

/** The events of one call of backward. */
export interface BackwardSpan {
  readonly start: number;
  /** Its backwardEnd; the number of events when the run ended before. */
  readonly end: number;
  /** How many backwards it runs inside of: hooks and custom Functions may call backward, too. */
  readonly depth: number;
}

/** Every call of backward of a run. */
export function backwardCalls(recording: Recording): BackwardCall[] {
  const { site, value } = recording.tables.events.column;
  return backwardSpans(recording).map(({ start }, index) => ({
    index,
    place: recording.sites.get(site[start]) ?? null,
    loss: value[start],
  }));
}

/** Where every call of backward begins and ends, in order of the beginnings. */
export function backwardSpans(recording: Recording): BackwardSpan[] {
  const { kind } = recording.tables.events.column;
  const spans: { readonly start: number; end: number; readonly depth: number }[] = [];
  const open: { end: number }[] = [];
  for (let i = 1; i < recording.tables.events.rows; i++) {
    if (kind[i] === EventKind.backwardStart) {
      const span = { start: i, end: recording.tables.events.rows, depth: open.length };
      spans.push(span);
      open.push(span);
    } else if (kind[i] === EventKind.backwardEnd) {
      const ended = open.pop();
      if (ended !== undefined) ended.end = i;
    }
  }
  return spans;
}

/** The last call of backward that runs inside of no other; null without one. */
export function lastBackward(recording: Recording): BackwardSpan | null {
  return backwardSpans(recording).findLast(({ depth }) => depth === 0) ?? null;
}
