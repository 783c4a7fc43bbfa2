import type { Children, Shown, TensorAt } from "./session/shown.ts";

/** Something that a client can ask the children of: a scope, or a row of the Variables view. */
export interface Handle {
  readonly children: Children;
  /** The rows handed out, by name, for requests that name one of them. */
  readonly rows: Map<string, Shown>;
}

/** What clients refer to by numbers. All of it dies at the next stop. */
export class Handles {
  #all: Handle[] = [];
  /** Numbers are not used again, so that one of an earlier stop is known for what it is. */
  #first = 1;

  clear(): void {
    this.#first += this.#all.length;
    this.#all = [];
  }

  /** A number for what unfolds; 0 for nothing. */
  add(children: Children | undefined): number {
    if (children === undefined) return 0;
    this.#all.push({ children, rows: new Map() });
    return this.#first + this.#all.length - 1;
  }

  get(reference: number): Handle | null {
    return this.#all[reference - this.#first] ?? null;
  }
}

/** A reference to the bytes of a tensor. It outlives stops, because it says by itself what it is. */
export function memoryName({ row, event }: TensorAt): string {
  return `tensor-${row}@${event}`;
}

/** The tensor that a memory reference speaks of. */
export function memoryTensor(reference: string): TensorAt | null {
  const [, row, event] = /^tensor-(\d+)@(\d+)$/.exec(reference) ?? [];
  return row === undefined || event === undefined ? null : { row: Number(row), event: Number(event) };
}
