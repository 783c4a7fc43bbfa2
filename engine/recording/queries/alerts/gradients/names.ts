import type { NameRow } from "../../../schema.ts";
import type { History } from "../history.ts";

/** A value was given to a variable. */
export interface Binding {
  readonly tensor: number;
  /** Name id. */
  readonly name: number;
  /** The last event before. */
  readonly event: number;
}

const known = new WeakMap<History, ReadonlyMap<string, readonly Binding[]>>();

/** All values of each variable, in order. Two variables of one name in a file count as one. */
export function variables(history: History): ReadonlyMap<string, readonly Binding[]> {
  const found = known.get(history);
  if (found !== undefined) return found;
  const made = new Map<string, Binding[]>();
  const { bindings } = history.recording.tables;
  for (let i = 0; i < bindings.rows; i++) {
    const name = history.recording.names.get(bindings.column.name[i]);
    if (name === undefined) continue;
    const binding = { tensor: bindings.column.tensor[i], name: name.id, event: bindings.column.event[i] };
    const key = variableOf(name);
    const list = made.get(key);
    if (list === undefined) made.set(key, [binding]);
    else list.push(binding);
  }
  known.set(history, made);
  return made;
}

const variableOf = ({ file, name }: NameRow): string => `${file}\n${name}`;

/** All values of the variable that a tensor was first given to. */
export function bindingsOf(history: History, tensor: number): readonly Binding[] {
  const name = history.rows.firstName.get(tensor);
  return name === undefined ? [] : (variables(history).get(variableOf(name)) ?? []);
}

/** What a tensor's variable was made to hold after it, by an assignment; null when it still holds the tensor. */
export function reboundTo(history: History, tensor: number): Binding | null {
  const bindings = bindingsOf(history, tensor);
  const at = placesOf(bindings).last.get(tensor);
  const next = at === undefined ? undefined : bindings[at + 1];
  if (next === undefined) return null;
  return history.recording.names.get(next.name)?.assignment === "assign" ? next : null;
}

/** Where among the values of its variable each tensor stands. */
interface Places {
  readonly first: ReadonlyMap<number, number>;
  readonly last: ReadonlyMap<number, number>;
}

const places = new WeakMap<readonly Binding[], Places>();

/** A variable may be given a value a million times: each tensor's place is looked up, not searched. */
export function placesOf(bindings: readonly Binding[]): Places {
  const found = places.get(bindings);
  if (found !== undefined) return found;
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  bindings.forEach(({ tensor }, at) => {
    if (!first.has(tensor)) first.set(tensor, at);
    last.set(tensor, at);
  });
  const made = { first, last };
  places.set(bindings, made);
  return made;
}
