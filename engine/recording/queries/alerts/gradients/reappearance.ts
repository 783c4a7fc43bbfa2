import type { SiteRow } from "../../../schema.ts";
import { EventKind } from "../../../schema.ts";
import { firstAfter, type History } from "../history.ts";
import { bindingsOf } from "./names.ts";

/** A plain number (or a few) that went into what was differentiated. */
interface Intake {
  /** The op that took a number; 0 for a leaf that was made of numbers. */
  readonly event: number;
  /** The last event before the numbers were there. */
  readonly since: number;
  readonly site: number;
  readonly values: readonly number[];
  /** The leaf, or what the op gave. */
  readonly tensor: number;
}

/** How sure it is that numbers which left the graph came back as constants. */
export type Certainty = "surely" | "maybe" | "no";

const known = new WeakMap<History, readonly Intake[]>();

/**
 * Whether numbers that a read took out of the graph came back into a tensor that `counts`: the same numbers surely did;
 * of others it is likely when they came after the read and the number was not handed to something else, such as console.log.
 */
export function comesBack(history: History, read: number, counts: (tensor: number) => boolean): Certainty {
  const taken = history.rows.smallValues(history.rows.inputs(read)[0]) ?? [];
  const later = intakesOf(history).filter(({ since, tensor }) => since >= read && counts(tensor));
  if (later.some(({ values }) => values.length <= taken.length && values.every((x) => taken.includes(x))))
    return "surely";
  const around = callsAround(history, read);
  const isHandedOver = around.length > 0 && !later.some(({ site }) => around.includes(site));
  const isLikely = later.some((intake) => !isLiteral(history, intake, read) && (!isHandedOver || isOdd(intake)));
  return isLikely ? "maybe" : "no";
}

/** A number with more digits than people write. */
const isOdd = ({ values }: Intake): boolean => values.some((x) => Number(x.toPrecision(6)) !== x);

function intakesOf(history: History): readonly Intake[] {
  const found = known.get(history);
  if (found !== undefined) return found;
  const intakes = [...numbersOfOps(history), ...leavesOfNumbers(history)];
  known.set(history, intakes);
  return intakes;
}

function numbersOfOps({ recording, rows, backwardOf }: History): Intake[] {
  const { events, refs } = recording.tables;
  const { kind, site, refs: first, inputs } = events.column;
  const found: Intake[] = [];
  for (let event = 1; event < events.rows; event++) {
    if (kind[event] !== EventKind.op || backwardOf[event] !== 0) continue;
    for (let ref = first[event]; ref < first[event] + inputs[event]; ref++) {
      const value = refs.column.value[ref];
      if (refs.column.tensor[ref] !== 0 || Number.isNaN(value)) continue;
      found.push({ event, since: event, site: site[event], values: [value], tensor: rows.outputs(event)[0] ?? 0 });
    }
  }
  return found;
}

function leavesOfNumbers(history: History): Intake[] {
  const { column, rows: count } = history.recording.tables.tensors;
  const found: Intake[] = [];
  for (let tensor = 1; tensor < count; tensor++) {
    if (column.event[tensor] !== 0) continue;
    const values = history.rows.smallValues(tensor);
    const used = history.consumers(tensor)[0] ?? refusedAt(history, tensor);
    const bound = bindingsOf(history, tensor).find((binding) => binding.tensor === tensor)?.event;
    if (values === null || values.length === 0 || (used === undefined && bound === undefined)) continue;
    found.push({ event: 0, since: bound ?? used ?? 0, site: column.site[tensor], values, tensor });
  }
  return found;
}

/** The backward that did not begin at a tensor. */
const refusedAt = (history: History, tensor: number): number | undefined =>
  history.refusals.find((event) => history.rows.inputs(event).includes(tensor));

/** A number that stood at the same call before the read. */
function isLiteral({ recording }: History, { event, site, values }: Intake, read: number): boolean {
  if (event === 0) return false;
  const { column } = recording.tables.events;
  const { refs } = recording.tables;
  for (let earlier = 1; earlier < read; earlier++) {
    if (column.kind[earlier] !== EventKind.op || column.site[earlier] !== site) continue;
    const first = column.refs[earlier];
    for (let ref = first; ref < first + column.inputs[earlier]; ref++)
      if (refs.column.tensor[ref] === 0 && refs.column.value[ref] === values[0]) return true;
  }
  return false;
}

/** The calls that a read stands in as an argument, as sites. */
function callsAround({ recording }: History, read: number): number[] {
  const inner = recording.sites.get(recording.tables.events.column.site[read]);
  if (inner === undefined) return [];
  return [...recording.sites.values()].filter((outer) => encloses(outer, inner)).map(({ id }) => id);
}

function encloses(outer: SiteRow, inner: SiteRow): boolean {
  if (outer.id === inner.id || outer.file !== inner.file || outer.endLine === null || inner.endLine === null)
    return false;
  const starts = outer.line < inner.line || (outer.line === inner.line && outer.column < inner.column);
  const ends =
    outer.endLine > inner.endLine ||
    (outer.endLine === inner.endLine && (outer.endColumn ?? 0) > (inner.endColumn ?? 0));
  return starts && ends;
}

/** Reads in a sorted list that come before an event. */
export const readsBefore = (reads: readonly number[], event: number): readonly number[] =>
  reads.slice(0, firstAfter(reads, event));
