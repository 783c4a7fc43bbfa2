import type { NameRow } from "../../../schema.ts";
import { once, PART, type Parts } from "../../parts.ts";
import type { History } from "../history.ts";

/** A value was given to a variable. */
export interface Binding {
  readonly tensor: number;
  /** Name id. */
  readonly name: number;
  /** The last event before. */
  readonly event: number;
}

/** The variables of a program. Two of one name in a file count as one. */
export interface Variables {
  /** All values of each, in order. */
  readonly bindings: ReadonlyMap<string, readonly Binding[]>;
  /** Per tensor: where it stands first, and last, among the values of the variable that it was first given to. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
}

export const variables = once(function* ({ recording, rows }: History): Parts<Variables> {
  const lists = new Map<string, Binding[]>();
  const listOf = new Map<number, Binding[]>();
  for (const name of recording.names.values()) {
    const list = lists.get(variableOf(name)) ?? [];
    lists.set(variableOf(name), list);
    listOf.set(name.id, list);
  }
  const { bindings, tensors } = recording.tables;
  const { tensor, name, event } = bindings.column;
  const first = new Uint32Array(tensors.rows);
  const last = new Uint32Array(tensors.rows);
  for (let i = 0; i < bindings.rows; i++) {
    if (i % PART === 0) yield;
    const list = listOf.get(name[i]);
    if (list === undefined) continue;
    const own = rows.firstBinding(tensor[i]);
    if (own === i) first[tensor[i]] = list.length;
    if (own === i || listOf.get(name[own]) === list) last[tensor[i]] = list.length;
    list.push({ tensor: tensor[i], name: name[i], event: event[i] });
  }
  return { bindings: lists, first, last };
});

const variableOf = ({ file, name }: NameRow): string => `${file}\n${name}`;

/** All values of the variable that a tensor was first given to. */
export function bindingsOf(history: History, tensor: number): readonly Binding[] {
  const name = history.rows.firstName(tensor);
  return name === undefined ? [] : (variables(history).bindings.get(variableOf(name)) ?? []);
}

/** How a tensor got its first name; undefined for one without a name. */
export const firstBindingOf = (history: History, tensor: number): Binding | undefined =>
  bindingsOf(history, tensor)[variables(history).first[tensor]];

/** What a tensor's variable was made to hold after it, by an assignment; null when it still holds the tensor. */
export function reboundTo(history: History, tensor: number): Binding | null {
  const next = bindingsOf(history, tensor)[variables(history).last[tensor] + 1];
  if (next === undefined) return null;
  return history.recording.names.get(next.name)?.assignment === "assign" ? next : null;
}
