import { historyOf } from "./alerts/history.ts";
import type { Place, Rows } from "./rows.ts";

/** A line that uses a tensor, and how. */
export interface TensorUse {
  readonly place: Place;
  /** The op's public name, `backward` or an optimizer's. */
  readonly by: string;
  readonly count: number;
}

/** Where a tensor, and all others that were given the same name at the same place, went: ops, reads, backwards and steps, each line once. */
export function tensorUses(rows: Rows, tensor: number): TensorUse[] {
  const history = historyOf(rows.recording);
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
  const own = namesakes(rows, tensor);
  for (const one of own) for (const event of history.consumers(one)) if (history.backwardOf[event] === 0) add(event);
  for (const event of history.reads) if (own.has(rows.inputs(event)[0] ?? 0)) add(event);
  for (const { start } of history.backwards) if (rows.inputs(start).some((root) => own.has(root))) add(start);
  for (const { start, parameters } of history.steps) if (parameters.some((parameter) => own.has(parameter))) add(start);
  return [...uses.values()].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
}

/** The tensors that got the same name at the same place, as in a loop. */
function namesakes(rows: Rows, tensor: number): ReadonlySet<number> {
  const { bindings } = rows.recording.tables;
  const name = rows.firstName(tensor)?.id;
  const found = new Set([tensor]);
  if (name === undefined) return found;
  for (let i = 0; i < bindings.rows; i++) if (bindings.column.name[i] === name) found.add(bindings.column.tensor[i]);
  return found;
}
