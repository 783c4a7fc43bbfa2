import type { DebugLine } from "./debugging/debugContract.ts";
import type { NameRow } from "./schema.ts";

/** The cell that holds the number of the call about to run; the engine reads it when it records. */
export interface SiteCell {
  current: number;
}

/** What whoever runs the user's program offers to whoever records it. */
export interface RecorderHost<Chunk = unknown> {
  /**
   * Sends a part of the recording to the parent. The buffers in `transfer` belong to the receiver afterwards. Works
   * from a busy thread; waits when the parent is far behind.
   */
  send(chunk: Chunk, transfer: readonly ArrayBuffer[]): void;
  /** To be called now and then from long work inside the engine (each few hundred ops): flushes and stops when asked to. */
  tick(): void;
  /** Whether looking at a value would run traps of the user's. */
  readonly isProxy?: (value: object) => boolean;
  /** Where a debugger listens; absent when the run is not debugged. */
  readonly debugLine?: DebugLine | undefined;
}

/** One run being recorded. */
export interface RunRecorder {
  readonly site: SiteCell;
  /** A value that may be a tensor got a name in the user's source; anything else is to be ignored. */
  nameValue(nameId: number, value: object): void;
  /** The rows that `nameValue` will speak of, told when a file is loaded. */
  addNames(file: string, rows: readonly Omit<NameRow, "file">[]): void;
  /** The garbage collector held the program up: a GcKind, and when, in milliseconds of `performance.now()`. */
  collected(kind: number, start: number, end: number): void;
  /** A debugger may have something to say; stands still if it wants that. */
  listen(): void;
  /** Sends what has been recorded so far; called every 50 ms and before a stop, also when there is nothing new. */
  flush(): void;
  /** The last call: sends the rest. */
  finish(): void;
}

/** What may be asked of a recording. */
export interface RecordOptions {
  /** Values of tensors up to this many elements are kept with every event. */
  readonly smallValues?: number;
  readonly maxEvents?: number;
  /** Look at no values: for a profile, which shall tell of the program and not of the recorder. */
  readonly costsOnly?: boolean;
  /** End the program with an error where the first NaN is born. */
  readonly stopAtNan?: boolean;
}
