import path from "node:path";
import type { RecordingMeta } from "../../engine/recording/recording.ts";
import type { StackFrame } from "../../engine/recording/schema.ts";

/** Timers hold no more: 24 days. */
export const longestTimeoutMs = 2 ** 31 - 1;

/** What the user's program threw. `file` and `line` are the first frame in code that was compiled for the run. */
export interface UserError {
  readonly name: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly stack: readonly StackFrame[];
  readonly cause: UserError | null;
}

/** A place in a file that does not compile. `length` is in characters of that line. */
export interface CompileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly text: string;
}

/** How a run ended. */
export type RunEnding =
  | { readonly kind: "ok" }
  | { readonly kind: "error"; readonly error: UserError; readonly origin: "main" | "uncaught" | "rejection" }
  | { readonly kind: "stopped"; readonly reason: "asked" | "replaced" | "disposed" }
  | { readonly kind: "timeout"; readonly timeoutMs: number }
  | { readonly kind: "out-of-memory"; readonly limitMb: number | null; readonly usedMb: number | null }
  /** With a code other than 0, which says that something is wrong. The place is that of the call, if there was one. */
  | { readonly kind: "exited"; readonly code: number; readonly file: string | null; readonly line: number | null }
  | {
      readonly kind: "crashed";
      readonly signal: string | null;
      readonly code: number | null;
      readonly message: string;
      /** The last lines of the child's standard error. */
      readonly stderr: readonly string[];
    }
  | ({ readonly kind: "compile-error"; readonly others: readonly CompileProblem[] } & CompileProblem);

/** How a run ended, how long it took and how much it printed. */
export type RunOutcome = RunEnding & {
  readonly durationMs: number;
  readonly console: { readonly bytes: number; readonly droppedBytes: number };
};

/** The same of a run that is only known from its recording. */
export function describeKeptEnding({ outcome, exitCode }: Pick<RecordingMeta, "outcome" | "exitCode">): string {
  if (outcome === "ok") return "The run that was kept went to its end.";
  const how = exitCode === null ? `with: ${outcome}` : `itself with exit code ${exitCode}`;
  return `The run that was kept ended ${how}.`;
}

/** What a program threw, and where. */
export function describeError(error: Pick<UserError, "name" | "message" | "file" | "line">): string {
  return `${error.name}: ${error.message}${describePlace(error)}`;
}

/** One plain sentence for people: what ended the run, and where. */
export function describeEnding(ending: RunEnding): string {
  switch (ending.kind) {
    case "ok":
      return "The program ran to its end.";
    case "error":
      return describeError(ending.error);
    case "stopped":
      return stopSentences[ending.reason];
    case "timeout":
      return `The run was stopped because it took longer than its limit of ${ending.timeoutMs / 1000} s.`;
    case "out-of-memory":
      return describeMemory(ending.limitMb, ending.usedMb);
    case "exited":
      return `The program ended itself with exit code ${ending.code}${describePlace(ending)}.`;
    case "crashed":
      return ending.message;
    case "compile-error":
      return `${ending.text}${describePlace(ending)}`;
  }
}

const stopSentences = {
  asked: "The run was stopped.",
  replaced: "The run was stopped because a new one took its place.",
  disposed: "The run was stopped because the runner was closed.",
} as const;

function describePlace({ file, line }: { file: string | null; line: number | null }): string {
  return file === null || line === null ? "" : ` (${path.basename(file)}:${line})`;
}

function describeMemory(limitMb: number | null, usedMb: number | null): string {
  const used = usedMb === null ? "" : ` It held ${usedMb} MB.`;
  const limit = limitMb === null ? "there was no memory left" : `it needed more than its limit of ${limitMb} MB`;
  return `The run was stopped because ${limit}.${used} Keep fewer tensors alive, or raise the limit.`;
}
