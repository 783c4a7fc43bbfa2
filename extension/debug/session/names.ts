import type { Recording } from "../../../engine/recording/recording.ts";
import type { NameRow } from "../../../engine/recording/schema.ts";

/** A name and the tensor that it stood for. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: number;
  readonly place: NameRow;
}

/** The names that the user's program gave to tensors, at any event of a recording that may still grow. */
export class Names {
  readonly #recording: Recording;
  /** Per place of a name: rows of `bindings`, in order. */
  readonly #byPlace = new Map<number, number[]>();
  readonly #placesOf = new Map<string, number[]>();
  readonly #firstPlace = new Map<number, NameRow>();
  readonly #paths = new Map<number, string>();
  #knownBindings = 0;
  #knownParameters = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.update();
  }

  /** Takes in what was recorded since the last time. */
  update(): void {
    const { bindings, parameters } = this.#recording.tables;
    for (; this.#knownBindings < bindings.rows; this.#knownBindings++) {
      const row = this.#knownBindings;
      const place = bindings.column.name[row] ?? 0;
      const named = this.#recording.names.get(place);
      if (named === undefined) continue;
      const tensor = bindings.column.tensor[row] ?? 0;
      if (!this.#firstPlace.has(tensor)) this.#firstPlace.set(tensor, named);
      const list = this.#byPlace.get(place);
      if (list !== undefined) list.push(row);
      else {
        this.#byPlace.set(place, [row]);
        this.#placesOf.set(named.name, [...(this.#placesOf.get(named.name) ?? []), place]);
      }
    }
    for (; this.#knownParameters < parameters.rows; this.#knownParameters++) {
      const row = this.#knownParameters;
      const path = this.#recording.strings[parameters.column.path[row] ?? 0] ?? "";
      if (path !== "") this.#paths.set(parameters.column.tensor[row] ?? 0, path);
    }
  }

  /** What the user calls a tensor: the first name that it got, else its path in a module. */
  nameOf(tensor: number): string | null {
    return this.#firstPlace.get(tensor)?.name ?? this.#paths.get(tensor) ?? null;
  }

  /** Where the user gave a tensor its first name; null when they never did. */
  placeOf(tensor: number): { readonly file: string; readonly line: number; readonly column: number } | null {
    const place = this.#firstPlace.get(tensor);
    return place === undefined ? null : { file: place.file, line: place.line, column: place.column };
  }

  /** The tensor that a name stands for when an event happens. */
  find(name: string, event: number): number | null {
    const { column } = this.#recording.tables.bindings;
    let newest: number | null = null;
    for (const place of this.#placesOf.get(name) ?? []) {
      const binding = lastBefore(this.#byPlace.get(place) ?? [], (one) => column.event[one] ?? 0, event);
      if (binding !== null && (newest === null || binding > newest)) newest = binding;
    }
    if (newest !== null) return column.tensor[newest] ?? 0;
    for (const [tensor, path] of this.#paths) if (path === name && this.#isThere(tensor, event)) return tensor;
    return null;
  }

  /** Every name and what it stands for when an event happens. Of one name in several places the newest counts. */
  at(event: number): NamedTensor[] {
    const { column } = this.#recording.tables.bindings;
    const newest = new Map<string, { readonly binding: number; readonly named: NamedTensor }>();
    for (const [place, rows] of this.#byPlace) {
      const row = this.#recording.names.get(place);
      const binding = lastBefore(rows, (one) => column.event[one] ?? 0, event);
      if (row === undefined || binding === null) continue;
      const before = newest.get(row.name);
      if (before !== undefined && before.binding > binding) continue;
      newest.set(row.name, { binding, named: { name: row.name, tensor: column.tensor[binding] ?? 0, place: row } });
    }
    for (const [tensor, name] of this.#paths) {
      if (!newest.has(name) && this.#isThere(tensor, event)) {
        const place = { id: 0, name, file: "", line: 0, column: 0, assignment: "declare" as const, alias: false };
        newest.set(name, { binding: 0, named: { name, tensor, place } });
      }
    }
    return [...newest.values()].map(({ named }) => named).sort(byPlace);
  }

  #isThere(tensor: number, event: number): boolean {
    return (this.#recording.tables.tensors.column.event[tensor] ?? 0) <= event;
  }
}

/** A name is given after the event that made the value, so at that event it is not there yet. */
function lastBefore(rows: readonly number[], eventOf: (row: number) => number, event: number): number | null {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (eventOf(rows[middle] ?? 0) < event) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : (rows[low - 1] ?? null);
}

function byPlace(a: NamedTensor, b: NamedTensor): number {
  return a.place.file.localeCompare(b.place.file) || a.place.line - b.place.line || a.place.column - b.place.column;
}
