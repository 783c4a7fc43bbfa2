import type { Recording } from "../recording.ts";
import { type History, historyInParts } from "./alerts/history.ts";
import { PART, type Parts } from "./parts.ts";
import type { Place } from "./rows.ts";

/** So many tensors, or steps, are looked at in one part: a few milliseconds. */
const OWN = 4096;

/** A line that uses a tensor, and how. */
export interface TensorUse {
  readonly place: Place;
  /** The op's public name, `backward` or an optimizer's. */
  readonly by: string;
  readonly count: number;
}

/** Where tensors, and all others that were given the same names at the same places, went: ops, reads, backwards and steps, each line once. */
export function* tensorUses(recording: Recording, tensors: readonly number[]): Parts<TensorUse[]> {
  const history = yield* historyInParts(recording);
  const { rows, backwardOf, backwards, steps } = history;
  const own = yield* namesakes(history, tensors);
  const uses = new Map<string, { place: Place; by: string; count: number }>();
  const add = (event: number): void => {
    const place = history.place(event);
    if (place === null) return;
    const by = history.name(event);
    const key = `${place.file}:${place.line}:${place.column}:${by}`;
    const known = uses.get(key);
    if (known === undefined) uses.set(key, { place, by, count: 1 });
    else known.count++;
  };
  let looked = 0;
  for (const one of own) {
    if (looked++ % OWN === 0) yield;
    for (const event of history.consumers(one)) if (backwardOf[event] === 0) add(event);
  }
  for (const event of history.reads) {
    if (looked++ % PART === 0) yield;
    if (own.has(rows.inputs(event)[0] ?? 0)) add(event);
  }
  for (const { start } of backwards) {
    if (looked++ % PART === 0) yield;
    if (rows.inputs(start).some((root) => own.has(root))) add(start);
  }
  for (const { start, parameters } of steps) {
    if (looked++ % OWN === 0) yield;
    if (parameters.some((parameter) => own.has(parameter))) add(start);
  }
  return [...uses.values()].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}

/** The tensors that got the same names at the same places, as in a loop. */
function* namesakes({ recording, rows }: History, tensors: readonly number[]): Parts<ReadonlySet<number>> {
  const { bindings } = recording.tables;
  const { name, tensor } = bindings.column;
  const names = new Set(tensors.map((one) => rows.firstName(one)?.id));
  const found = new Set(tensors);
  for (let i = 0; i < bindings.rows; i++) {
    if (i % PART === 0) yield;
    if (names.has(name[i])) found.add(tensor[i]);
  }
  return found;
}
