import { EventLevels } from "../../../engine/recording/debugging/eventLevels.ts";
import type { Recording } from "../../../engine/recording/recording.ts";
import { EventKind, type SiteRow } from "../../../engine/recording/schema.ts";
import { Crossings } from "./crossings.ts";
import { LineRuns } from "./lineRuns.ts";

/** The kinds of events at which one can stand. */
export const stepKinds = maskOf(
  EventKind.op,
  EventKind.node,
  EventKind.accumulate,
  EventKind.hook,
  EventKind.backwardStart,
  EventKind.optimizerStart,
  EventKind.optimizerEnd,
  EventKind.zeroGrad,
  EventKind.scopeStart,
  EventKind.refused,
  EventKind.failed,
  EventKind.clip,
);

/** A bit for each kind. */
export function maskOf(...kinds: readonly number[]): number {
  return kinds.reduce((mask, kind) => mask | (1 << kind), 0);
}

/** The first row of `events` is never used, and so it can stand for the time before anything happened. */
export const start = 0;

/** The events of a recording, in order, with what is worked out about each once. It grows with the recording. */
export class Timeline {
  readonly recording: Recording;
  readonly runs: LineRuns;
  readonly crossings = new Crossings(this);
  readonly #levels = new EventLevels();
  #level = new Uint16Array(1024);
  /** Forward event of each graph node. */
  readonly #made = new Map<number, number>();
  readonly #scopeOf = new Map<number, number>();
  readonly #beganScope = new Map<number, number>();
  readonly #births = new Map<number, Birth>();
  #known = 1;
  #knownBirths = 0;

  constructor(recording: Recording) {
    this.recording = recording;
    this.runs = new LineRuns(recording);
    this.update();
  }

  /** The newest event; `start` when there is none. */
  get last(): number {
    return Math.max(start, this.recording.tables.events.rows - 1);
  }

  /** Takes in what was recorded since the last time. */
  update(): void {
    const { rows, column } = this.recording.tables.events;
    if (this.#level.length < rows) {
      const longer = new Uint16Array(2 * rows);
      longer.set(this.#level);
      this.#level = longer;
    }
    for (let event = this.#known; event < rows; event++) {
      const kind = column.kind[event] ?? 0;
      const level = this.#levels.next(kind);
      this.#level[event] = level;
      const node = column.node[event] ?? 0;
      if (kind === EventKind.op && node !== 0) this.#made.set(node, event);
      if (kind === EventKind.scopeStart) this.#enterScope(event);
      this.runs.add(event, level, kind === EventKind.node ? (this.#made.get(node) ?? 0) : 0);
    }
    this.#known = Math.max(1, rows);
    this.#readBirths();
  }

  kind(event: number): number {
    return event === start ? 0 : (this.recording.tables.events.column.kind[event] ?? 0);
  }

  level(event: number): number {
    return this.#level[event] ?? 0;
  }

  isStep(event: number): boolean {
    return (stepKinds & (1 << this.kind(event))) !== 0;
  }

  name(event: number): string {
    return this.#text(this.recording.tables.events.column.name[event]);
  }

  detail(event: number): string {
    return this.#text(this.recording.tables.events.column.detail[event]);
  }

  /** A number of the event: see `value` in the schema. */
  value(event: number): number {
    return this.recording.tables.events.column.value[event] ?? Number.NaN;
  }

  health(event: number): number {
    return this.recording.tables.events.column.health[event] ?? 0;
  }

  siteId(event: number): number {
    return this.recording.tables.events.column.site[event] ?? 0;
  }

  site(event: number): SiteRow | null {
    return this.recording.sites.get(this.siteId(event)) ?? null;
  }

  inputs(event: number): readonly Operand[] {
    const { column } = this.recording.tables.events;
    return this.#operands(column.refs[event] ?? 0, column.inputs[event] ?? 0);
  }

  outputs(event: number): readonly Operand[] {
    const { column } = this.recording.tables.events;
    const inputs = column.inputs[event] ?? 0;
    return this.#operands((column.refs[event] ?? 0) + inputs, column.outputs[event] ?? 0);
  }

  /** Puts another tensor in the place of a gradient that a node hands on, because the user changed it. */
  replaceOutput(event: number, output: number, tensor: number): void {
    const { tables } = this.recording;
    const { refs, inputs } = tables.events.column;
    tables.refs.column.tensor[(refs[event] ?? 0) + (inputs[event] ?? 0) + output] = tensor;
  }

  /** The class of the module that an event calls; empty for anything else. */
  moduleType(event: number): string {
    const { scopes } = this.recording.tables;
    return this.#text(scopes.column.type[this.#scopeOf.get(event) ?? 0]);
  }

  /** The module calls around an event, innermost first, by the events that began them. */
  scopesAround(event: number): number[] {
    const { events, scopes } = this.recording.tables;
    const found: number[] = [];
    for (let scope = events.column.scope[event] ?? 0; scope !== 0; scope = scopes.column.parent[scope] ?? 0) {
      const began = this.#beganScope.get(scope) ?? 0;
      // A call stands in its own scope.
      if (began !== 0 && began !== event) found.push(began);
    }
    return found;
  }

  /** Where NaN or Inf was born in an event; null when none was. */
  birthAt(event: number): Birth | null {
    return this.#births.get(event) ?? null;
  }

  /** The op that made a backward node; 0 when it was not recorded. */
  forwardOf(event: number): number {
    return this.#made.get(this.recording.tables.events.column.node[event] ?? 0) ?? 0;
  }

  /** The event that began the backward in which an event lies; 0 when it lies in none. */
  backwardAround(event: number): number {
    let open = 0;
    for (let i = event; i > start; i--) {
      const kind = this.kind(i);
      if (kind === EventKind.backwardEnd && i !== event) open++;
      else if (kind === EventKind.backwardStart) {
        if (open === 0) return i;
        open--;
      }
    }
    return 0;
  }

  /** The nearest event at which one can stand, from this one on; null when there is none. */
  nearestStep(event: number, direction: 1 | -1): number | null {
    for (let i = event; i > start && i <= this.last; i += direction) if (this.isStep(i)) return i;
    return null;
  }

  /** The event that calls a module is told of when the scope of the module is open. */
  #enterScope(event: number): void {
    const scope = this.recording.tables.events.column.scope[event] ?? 0;
    this.#scopeOf.set(event, scope);
    this.#beganScope.set(scope, event);
  }

  #readBirths(): void {
    const { births, values } = this.recording.tables;
    for (; this.#knownBirths < births.rows; this.#knownBirths++) {
      const row = this.#knownBirths;
      const event = births.column.event[row] ?? 0;
      const first = births.column.values[row] ?? 0;
      this.#births.set(event, {
        tensor: births.column.tensor[row] ?? 0,
        element: births.column.element[row] ?? 0,
        value: births.column.value[row] ?? Number.NaN,
        cause: this.#text(births.column.cause[row]),
        from: Array.from(values.column.value.subarray(first, first + (births.column.valueCount[row] ?? 0))),
      });
    }
  }

  #operands(first: number, count: number): Operand[] {
    const { tensor, value } = this.recording.tables.refs.column;
    const found: Operand[] = [];
    for (let i = first; i < first + count; i++) {
      const row = tensor[i] ?? 0;
      const number = value[i] ?? Number.NaN;
      found.push(row !== 0 ? { kind: "tensor", row } : Number.isNaN(number) ? null : { kind: "number", value: number });
    }
    return found;
  }

  #text(index: number | undefined): string {
    return this.recording.strings[index ?? 0] ?? "";
  }
}

/** Where NaN or Inf came from. */
export interface Birth {
  readonly tensor: number;
  /** Row-major number of the first bad element, and what it is. */
  readonly element: number;
  readonly value: number;
  /** A word for what happened; empty when none is known. */
  readonly cause: string;
  /** What the op worked on at that element. */
  readonly from: readonly number[];
}

/** What an event takes or gives: a tensor by its row, a plain number, or nothing. */
export type Operand =
  | { readonly kind: "tensor"; readonly row: number }
  | { readonly kind: "number"; readonly value: number }
  | null;
