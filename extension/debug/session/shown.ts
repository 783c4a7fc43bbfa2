import type { Operand } from "./timeline.ts";

/** A row of the Variables view. */
export interface Shown {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** What unfolds below it. */
  readonly children?: Children;
  /** An expression that gives the same. */
  readonly evaluateName?: string;
  /** The elements behind it, for a view of memory, and for those who want them all. */
  readonly tensor?: TensorAt;
  /** What a new value goes to. */
  readonly target?: EditTarget;
  /** Shown only when it is asked for. */
  readonly isLazy?: boolean;
  readonly isReadOnly?: boolean;
}

/** A tensor as it was at an event. */
export interface TensorAt {
  readonly row: number;
  readonly event: number;
}

/** Where a new value goes. */
export interface EditTarget {
  readonly tensor: number;
  /** Null for all elements of a tensor. */
  readonly element: number | null;
  /** Which gradient that the node hands on; null for a tensor wherever it is used. */
  readonly handedOn: number | null;
}

/** What unfolds: rows with names, and numbered ones, of which only some are asked for at a time. */
export interface Children {
  readonly named: () => readonly Shown[] | Promise<readonly Shown[]>;
  readonly namedCount?: number;
  readonly indexedCount: number;
  readonly indexed: (start: number, count: number) => readonly Shown[];
}

/** Rows with names alone. */
export function rows(named: Children["named"]): Children {
  return { named, indexedCount: 0, indexed: () => [] };
}

/** A row without anything below it. */
export function plain(name: string, value: string): Shown {
  return { name, value, isReadOnly: true };
}

/** An operand that may be no tensor. */
export function operandText(operand: Operand): string {
  return operand === null ? "null" : operand.kind === "number" ? String(operand.value) : "tensor";
}
