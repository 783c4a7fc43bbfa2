import type { SiteRow } from "../../../schema.ts";
import { EventKind } from "../../../schema.ts";
import { PART, type Parts } from "../../parts.ts";
import { firstAfter, type History } from "../history.ts";
import { firstBindingOf } from "./names.ts";

/** So many events are looked at in one part: each number costs a microsecond. */
const OPS = PART / 8;

/** A plain number (or a few) that went into what was differentiated. */
interface Intake {
  /** The last event before the numbers were there. */
  readonly since: number;
  readonly site: number;
  readonly values: readonly number[];
}

/** How sure it is that numbers which left the graph came back as constants. */
export type Certainty = "surely" | "maybe" | "no";

/** The plain numbers that went into tensors of interest, sorted by what is asked of them. */
export class Intakes {
  private readonly history: History;
  /** By the number: the last intake of it alone; and the last ones of several that begin with it, by all of them. */
  private readonly lastOf = new Map<number, Intake>();
  private readonly lastOfSeveral = new Map<number, Map<string, Intake>>();
  /** By the call: the last intake. */
  private readonly lastAt = new Map<number, Intake>();
  /** By the call, for each number: the first op that took it there, whatever it gave. */
  private readonly firstUses = new Map<number, Map<number, number>>();
  /** Since when the latest number was there that its call had not taken before; and the latest of more digits than people write. */
  private lastNew = 0;
  private lastOdd = 0;
  private readonly callsAround: (site: number) => readonly number[];

  private constructor(history: History) {
    this.history = history;
    this.callsAround = callsAround(history);
  }

  /** Gathers the numbers that went into the tensors that count. */
  static *inParts(history: History, counts: (tensor: number) => boolean): Parts<Intakes> {
    const intakes = new Intakes(history);
    const { events, tensors } = history.recording.tables;
    for (let event = 1; event < events.rows; event++) {
      if (event % OPS === 0) yield;
      intakes.addOp(event, counts);
    }
    for (let tensor = 1; tensor < tensors.rows; tensor++) {
      if (tensor % PART === 0) yield;
      if (tensors.column.event[tensor] === 0 && counts(tensor)) intakes.addLeaf(tensor);
    }
    return intakes;
  }

  /**
   * Whether numbers that a read took out of the graph came back: the same numbers surely did; of others it is likely
   * when they came after the read and the number was not handed to something else, such as console.log.
   */
  comesBack(read: number): Certainty {
    const { history } = this;
    const taken = history.rows.smallValues(history.rows.inputs(read)[0]) ?? [];
    if (taken.some((x) => (this.lastOf.get(x)?.since ?? 0) >= read)) return "surely";
    const isTaken = ({ since, values }: Intake): boolean =>
      since >= read && values.length <= taken.length && values.every((x) => taken.includes(x));
    if (taken.length > 1 && taken.some((x) => [...(this.lastOfSeveral.get(x)?.values() ?? [])].some(isTaken)))
      return "surely";
    if (this.lastOdd >= read) return "maybe";
    return this.lastNew >= read && !this.isHandedOver(read) ? "maybe" : "no";
  }

  /** Whether the number was an argument of a call that gives nothing to a tensor of interest. */
  private isHandedOver(read: number): boolean {
    const around = this.callsAround(this.history.recording.tables.events.column.site[read]);
    return around.length > 0 && !around.some((site) => (this.lastAt.get(site)?.since ?? 0) >= read);
  }

  private addOp(event: number, counts: (tensor: number) => boolean): void {
    const { backwardOf, recording } = this.history;
    const { events, refs } = recording.tables;
    const { kind, site, refs: start, inputs } = events.column;
    if (kind[event] !== EventKind.op) return;
    const end = start[event] + inputs[event];
    const out = refs.column.tensor[end];
    for (let ref = start[event]; ref < end; ref++) {
      const value = refs.column.value[ref];
      if (refs.column.tensor[ref] !== 0 || Number.isNaN(value)) continue;
      const first = this.firstUse(site[event], value, event);
      if (backwardOf[event] === 0 && counts(out)) this.add({ since: event, site: site[event], values: [value] }, first);
    }
  }

  private addLeaf(tensor: number): void {
    const { history } = this;
    const { column } = history.recording.tables.tensors;
    const values = history.rows.smallValues(tensor);
    const used = history.consumers(tensor)[0] ?? refusedAt(history, tensor);
    const bound = firstBindingOf(history, tensor)?.event;
    if (values === null || values.length === 0 || (used === undefined && bound === undefined)) return;
    const since = bound ?? used ?? 0;
    this.add({ since, site: column.site[tensor], values }, since);
  }

  private firstUse(site: number, value: number, event: number): number {
    let uses = this.firstUses.get(site);
    if (uses === undefined) {
      uses = new Map();
      this.firstUses.set(site, uses);
    }
    const first = uses.get(value) ?? event;
    if (first === event) uses.set(value, event);
    return first;
  }

  private add(intake: Intake, firstUse: number): void {
    const { site, values } = intake;
    if (values.length === 1) keepLast(this.lastOf, values[0], intake);
    else {
      const alike = this.lastOfSeveral.get(values[0]) ?? new Map<string, Intake>();
      this.lastOfSeveral.set(values[0], alike);
      keepLast(alike, values.join(), intake);
    }
    keepLast(this.lastAt, site, intake);
    this.lastNew = Math.max(this.lastNew, firstUse);
    if (isOdd(intake)) this.lastOdd = Math.max(this.lastOdd, firstUse);
  }
}

function keepLast<Key>(lasts: Map<Key, Intake>, key: Key, intake: Intake): void {
  if (intake.since >= (lasts.get(key)?.since ?? 0)) lasts.set(key, intake);
}

/** A number with more digits than people write. */
const isOdd = ({ values }: Intake): boolean => values.some((x) => Number(x.toPrecision(6)) !== x);

/** The backward that did not begin at a tensor. */
const refusedAt = (history: History, tensor: number): number | undefined =>
  history.refusals.find((event) => history.rows.inputs(event).includes(tensor));

/** Tells the calls that one stands in as an argument, all of them as sites. */
function callsAround({ recording }: History): (site: number) => readonly number[] {
  const found = new Map<number, readonly number[]>();
  return (site) => {
    const known = found.get(site);
    if (known !== undefined) return known;
    const inner = recording.sites.get(site);
    const all = inner === undefined ? [] : [...recording.sites.values()].filter((outer) => encloses(outer, inner));
    const around = all.map(({ id }) => id);
    found.set(site, around);
    return around;
  };
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
