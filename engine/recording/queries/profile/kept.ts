import type { Recording } from "../../recording.ts";
import { EventKind } from "../../schema.ts";
import type { Place } from "../rows.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { ScopeNames } from "./scopeNames.ts";

/** What is kept for backward at the moment when it is most. Parameters and the user's data would be there anyway and count nothing. */
export interface KeptForBackward {
  readonly time: number;
  readonly event: number;
  readonly bytes: number;
  readonly count: number;
  /** The largest tensors, the largest first. */
  readonly tensors: readonly KeptTensor[];
  /** By the line whose op keeps it, the most first. */
  readonly lines: readonly KeptLine[];
  /** What `checkpoint` around a module or a named scope would save, the most first. */
  readonly checkpoints: readonly CheckpointSaving[];
}

/** A tensor that is kept for backward. */
export interface KeptTensor {
  /** Row in the recording. */
  readonly tensor: number;
  readonly bytes: number;
  readonly shape: readonly number[];
  /** The op that keeps it first. */
  readonly op: string;
  readonly event: number;
  readonly place: Place | null;
}

/** What a line's ops keep. */
export interface KeptLine {
  readonly place: Place;
  readonly bytes: number;
  readonly count: number;
}

/** What it would be worth to compute a module again in backward instead of keeping what it made. */
export interface CheckpointSaving {
  readonly name: string;
  readonly type: string;
  /** Bytes that would not be kept. */
  readonly saves: number;
  /** Milliseconds of forward that would be done twice. */
  readonly costs: number;
  /** How many calls of it keep something at that moment. */
  readonly calls: number;
}

const LISTED = 200;

/** What is kept for backward at an event. */
export function keptForBackward(recording: Recording, lifetimes: Lifetimes, event: number): KeptForBackward {
  const kept: KeptTensor[] = [];
  for (const tensor of lifetimes.owners())
    if (lifetimes.isSaved(tensor) && lifetimes.born[tensor] <= event && lifetimes.last[tensor] >= event)
      kept.push(describe(recording, lifetimes, tensor));
  kept.sort((a, b) => b.bytes - a.bytes);
  return {
    time: event === 0 ? 0 : recording.tables.events.column.end[event],
    event,
    bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
    count: kept.length,
    tensors: kept.slice(0, LISTED),
    lines: byLine(kept),
    checkpoints: checkpoints(recording, lifetimes, kept),
  };
}

function describe(recording: Recording, lifetimes: Lifetimes, tensor: number): KeptTensor {
  const { events, tensors } = recording.tables;
  const event = lifetimes.keptBy[tensor];
  return {
    tensor,
    bytes: lifetimes.bytes(tensor),
    shape: recording.shapes[tensors.column.shape[tensor]],
    op: recording.strings[events.column.name[event]],
    event,
    place: recording.sites.get(events.column.site[event]) ?? null,
  };
}

function byLine(kept: readonly KeptTensor[]): KeptLine[] {
  const lines = new Map<string, { place: Place; bytes: number; count: number }>();
  for (const { place, bytes } of kept) {
    if (place === null) continue;
    const key = `${place.line} ${place.file}`;
    const line = lines.get(key) ?? { place, bytes: 0, count: 0 };
    line.bytes += bytes;
    line.count++;
    lines.set(key, line);
  }
  return [...lines.values()].sort((a, b) => b.bytes - a.bytes);
}

/**
 * A checkpoint lets go of what was made inside and is kept only by ops inside: for each tensor, that is the innermost
 * scope around its maker and all who keep it, and every scope around that.
 */
function checkpoints(recording: Recording, lifetimes: Lifetimes, kept: readonly KeptTensor[]): CheckpointSaving[] {
  const { parent, owner, name } = recording.tables.scopes.column;
  const around = commonScopes(recording, lifetimes);
  const bytesOf = new Map<number, number>();
  for (const { tensor, bytes } of kept)
    for (let scope = around[tensor]; scope !== 0; scope = parent[scope])
      bytesOf.set(scope, (bytesOf.get(scope) ?? 0) + bytes);
  const names = new ScopeNames(recording);
  const durations = scopeDurations(recording);
  const savings = new Map<string, { scope: number; saves: number; costs: number; calls: number }>();
  for (const [scope, saves] of bytesOf) {
    const key = owner[scope] === 0 ? `scope ${name[scope]}` : `module ${owner[scope]}`;
    const saving = savings.get(key) ?? { scope, saves: 0, costs: 0, calls: 0 };
    saving.saves += saves;
    saving.costs += durations[scope];
    saving.calls++;
    savings.set(key, saving);
  }
  return [...savings.values()]
    .map(({ scope, saves, costs, calls }) => ({
      name: names.path(scope),
      type: names.type(scope),
      saves,
      costs,
      calls,
    }))
    .sort((a, b) => b.saves - a.saves || a.costs - b.costs);
}

/** Per tensor: the innermost scope around the op that made it and all ops that keep it; 0 when there is none. */
function commonScopes(recording: Recording, lifetimes: Lifetimes): Uint32Array {
  const { events, kept, tensors, scopes } = recording.tables;
  const { parent } = scopes.column;
  const common = new Uint32Array(tensors.rows);
  for (let tensor = 1; tensor < tensors.rows; tensor++)
    common[tensor] = events.column.scope[tensors.column.event[tensor]] ?? 0;
  for (let row = 0; row < kept.rows; row++) {
    const tensor = lifetimes.storage[kept.column.tensor[row]];
    let a = common[tensor];
    let b = events.column.scope[kept.column.event[row]] ?? 0;
    while (a !== b) {
      if (a > b) a = parent[a];
      else b = parent[b];
    }
    common[tensor] = a;
  }
  return common;
}

/** Milliseconds that each scope was open. */
function scopeDurations({ tables }: Recording): Float64Array {
  const { rows, column } = tables.events;
  const durations = new Float64Array(tables.scopes.rows);
  for (let event = 1; event < rows; event++) {
    if (column.kind[event] === EventKind.scopeStart) durations[column.scope[event]] -= column.start[event];
    else if (column.kind[event] === EventKind.scopeEnd) durations[column.scope[event]] += column.end[event];
  }
  // One that was never closed has no duration to speak of.
  for (let scope = 0; scope < durations.length; scope++) durations[scope] = Math.max(0, durations[scope]);
  return durations;
}
