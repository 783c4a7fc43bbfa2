import type { ColumnArray } from "../../columns.ts";
import type { Recording } from "../../recording.ts";
import { EventKind, TensorFlag } from "../../schema.ts";
import { storagesOf } from "./sharedStorage.ts";

/** Whose memory it is; numbers are positions in this list. */
export const ownerClasses = ["parameters", "gradients", "saved", "optimizer", "data", "temporaries"] as const;

export type OwnerClass = (typeof ownerClasses)[number];

const PARAMETERS = 0;
const GRADIENTS = 1;
const SAVED = 2;
const DATA = 4;
const TEMPORARIES = 5;

/**
 * From when to when each tensor's memory is needed, as far as the recording tells: from the event that made it to the
 * last that used it, or the backward node it was kept for. Views belong to the tensor whose storage they show.
 */
export class Lifetimes {
  readonly recording: Recording;
  /** Per tensor: the tensor whose storage it shows, itself if it owns it. */
  readonly storage: Uint32Array;
  /** Per tensor that owns its storage: the first and last event that need it; 0 when none does. */
  readonly born: Uint32Array;
  readonly last: Uint32Array;
  /** Per tensor that owns its storage: its place in `ownerClasses`. */
  readonly owner: Uint8Array;
  /** Per tensor that owns its storage: the first event that keeps it for backward; 0 for none. */
  readonly keptBy: Uint32Array;

  constructor(recording: Recording) {
    this.recording = recording;
    const { rows } = recording.tables.tensors;
    this.storage = storagesOf(recording);
    this.born = new Uint32Array(rows);
    this.last = new Uint32Array(rows);
    this.owner = new Uint8Array(rows).fill(TEMPORARIES);
    this.keptBy = new Uint32Array(rows);
    this.followUses();
    this.followKept();
    this.classify();
  }

  /** Tensors that own their storage and are needed by some event. */
  *owners(): Generator<number> {
    for (let tensor = 1; tensor < this.born.length; tensor++) if (this.born[tensor] !== 0) yield tensor;
  }

  /** Whether the tensor is kept for backward and would not be there otherwise. */
  isSaved(tensor: number): boolean {
    return this.owner[tensor] === SAVED;
  }

  bytes(tensor: number): number {
    return this.recording.tables.tensors.column.bytes[tensor];
  }

  private followUses(): void {
    const { events, refs } = this.recording.tables;
    const { tensor } = refs.column;
    for (let event = 1; event < events.rows; event++) {
      const end = events.column.refs[event] + events.column.inputs[event] + events.column.outputs[event];
      for (let ref = events.column.refs[event]; ref < end; ref++) {
        const owner = this.storage[tensor[ref]];
        if (owner === 0) continue;
        if (this.born[owner] === 0) this.born[owner] = event;
        this.last[owner] = event;
      }
    }
  }

  /** A node needs what its op kept, and lets go of it. */
  private followKept(): void {
    const { events, kept } = this.recording.tables;
    const firstOf = new Map<number, number>();
    for (let row = 0; row < kept.rows; row++) {
      const event = kept.column.event[row];
      const node = events.column.node[event];
      const owner = this.storage[kept.column.tensor[row]];
      if (this.keptBy[owner] === 0) this.keptBy[owner] = event;
      if (!firstOf.has(node)) firstOf.set(node, row);
    }
    for (let event = 1; event < events.rows; event++) {
      if (events.column.kind[event] !== EventKind.node) continue;
      const first = firstOf.get(events.column.node[event]);
      if (first === undefined) continue;
      for (let row = first; row < kept.rows && kept.column.event[row] === kept.column.event[first]; row++) {
        const owner = this.storage[kept.column.tensor[row]];
        if (this.last[owner] < event) this.last[owner] = event;
      }
    }
  }

  private classify(): void {
    const { tensors, parameters, events, refs } = this.recording.tables;
    for (let tensor = 1; tensor < tensors.rows; tensor++) {
      if (this.keptBy[tensor] !== 0) this.owner[tensor] = SAVED;
      if (tensors.column.event[tensor] === 0) this.owner[tensor] = DATA;
    }
    for (let event = 1; event < events.rows; event++) {
      const first = events.column.refs[event];
      const inputs = events.column.inputs[event];
      // Of an accumulation: the leaf, then what arrived and what its gradient now is.
      if (events.column.kind[event] === EventKind.accumulate) this.own(refs.column.tensor, first + 2, 1, GRADIENTS);
      else if (events.column.kind[event] === EventKind.optimizerStart)
        this.own(refs.column.tensor, first, inputs, PARAMETERS);
    }
    for (let tensor = 1; tensor < tensors.rows; tensor++)
      if ((tensors.column.flags[tensor] & TensorFlag.parameter) !== 0) this.owner[this.storage[tensor]] = PARAMETERS;
    this.own(parameters.column.tensor, 0, parameters.rows, PARAMETERS);
    // The program holds on to its parameters.
    for (const tensor of this.owners())
      if (this.owner[tensor] === PARAMETERS) this.last[tensor] = Math.max(0, events.rows - 1);
  }

  private own(tensors: ColumnArray, first: number, count: number, owner: number): void {
    for (let i = first; i < first + count; i++) this.owner[this.storage[tensors[i]]] = owner;
  }
}
