import type { Lane, Timeline } from "../../engine/recording/queries/profile/timeline.ts";
import { arrayOf, type Guard, isColumnOf, isNumber, isOneOf, isRecord, isString, isWhole, shapeOf } from "./guards.ts";

/** Where something stands in the user's program. Lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A timeline as it travels: typed arrays beside the message, never JSON. */
export interface PackedTimeline extends Timeline {
  /** Index in `places` of the call that each span belongs to; -1 when it is not known. */
  readonly place: Int32Array;
  readonly places: readonly SourcePlace[];
  /** How many spans each one stands for, where equal ones were merged; empty where none were. */
  readonly calls: Uint32Array;
}

export const isPlace: Guard<SourcePlace> = shapeOf<SourcePlace>({
  file: isString,
  line: isWhole(),
  column: isWhole(),
});

const isLane = shapeOf<Lane>({
  name: isString,
  kind: isOneOf("scopes", "modules", "forward", "backward", "optimizer", "gc", "thread"),
  thread: isWhole(),
});

const hasColumns = shapeOf<PackedTimeline>({
  count: isWhole(),
  lane: isColumnOf(Uint16Array),
  depth: isColumnOf(Uint16Array),
  start: isColumnOf(Float64Array),
  end: isColumnOf(Float64Array),
  name: isColumnOf(Uint32Array),
  kind: isColumnOf(Uint8Array),
  event: isColumnOf(Uint32Array),
  link: isColumnOf(Int32Array),
  names: arrayOf(isString),
  lanes: arrayOf(isLane),
  begin: isNumber,
  finish: isNumber,
  place: isColumnOf(Int32Array),
  places: arrayOf(isPlace),
  calls: isColumnOf(Uint32Array),
});

/** Columns of one length whose indices stay inside their lists: the drawing follows them without asking. */
export const isPackedTimeline: Guard<PackedTimeline> = (value): value is PackedTimeline => {
  if (!isRecord(value) || !hasColumns(value)) return false;
  const { count, lane, depth, start, end, name, kind, event, link, place, calls } = value;
  const columns = [lane, depth, start, end, name, kind, event, link, place];
  return (
    columns.every(({ length }) => length === count) &&
    (calls.length === 0 || calls.length === count) &&
    staysBelow(lane, value.lanes.length) &&
    staysBelow(name, value.names.length) &&
    staysBelow(kind, kindCount) &&
    staysBelow(link, count) &&
    staysBelow(place, value.places.length)
  );
};

/** How many kinds of span there are. */
const kindCount = 7;

function staysBelow(column: ArrayLike<number>, limit: number): boolean {
  for (let i = 0; i < column.length; i++) if ((column[i] ?? 0) >= limit) return false;
  return true;
}
