import type { Alert, ChainLink } from "../../engine/recording/queries/alerts.ts";
import type { Place } from "../../engine/recording/queries/rows.ts";
import type { RunResult } from "../results/runResult.ts";
import { describeNote } from "../runner/describeNote.ts";
import type { RunNote } from "../runner/protocol.ts";

/** Something to be told at a line of the user's program. */
export interface Problem {
  readonly kind: string;
  readonly severity: Alert["severity"];
  readonly message: string;
  readonly place: Place;
  /** In characters; null for as much as makes sense. */
  readonly length: number | null;
  /** From where it was born to where it surfaced. */
  readonly related: readonly { readonly place: Place; readonly message: string }[];
}

/** Everything that a run has to say at a line: its faults, and the error that ended it unless a fault is that error. */
export function problemsOf(result: RunResult): Problem[] {
  const faults = result.alerts.flatMap((alert) => fromAlert(alert));
  const error = errorOf(result);
  const isTold = error.every(({ place }) =>
    faults.some((fault) => isSamePlace(fault, place) && fault.severity === "error"),
  );
  return [...faults, ...(isTold ? [] : error), ...otherCompileProblems(result), ...result.notes.flatMap(fromNote)];
}

/** With what to do about it on a second line. A fault that has no place cannot be told at one. */
function fromAlert({ kind, severity, message, fix, place, chain, related }: Alert): Problem[] {
  if (place === null) return [];
  const advice = fix === null || message.includes(fix) ? "" : `\n${fix[0]?.toUpperCase()}${fix.slice(1)}.`;
  const others = [...related, ...chain.flatMap(fromLink)];
  return [{ kind, severity, message: message + advice, place, length: null, related: others }];
}

function fromLink({ op, phase, place }: ChainLink): { place: Place; message: string }[] {
  return place === null ? [] : [{ place, message: phase === "forward" ? `${op}()` : `backward of ${op}()` }];
}

function errorOf({ recording, outcome }: RunResult): Problem[] {
  const { error } = recording;
  if (error === null || error.file === null || error.line === null) return [];
  const place = { file: error.file, line: error.line, column: error.column ?? 1 };
  const message = outcome?.kind === "compile-error" ? error.message : `${error.name}: ${error.message}`;
  const length = outcome?.kind === "compile-error" ? outcome.length : null;
  const kind = outcome?.kind === "compile-error" ? "does-not-compile" : "uncaught-error";
  const related = error.stack
    .filter(({ file, line }) => file !== place.file || line !== place.line)
    .filter(({ file }) => !/[\\/]node_modules[\\/]/.test(file))
    .map((frame) => ({
      place: frame,
      message: frame.function === null ? "called here" : `called in ${frame.function}`,
    }));
  return [{ kind, severity: "error", message, place, length, related }];
}

function otherCompileProblems({ outcome }: RunResult): Problem[] {
  if (outcome?.kind !== "compile-error") return [];
  return outcome.others.map(({ file, line, column, length, text }) => ({
    kind: "does-not-compile",
    severity: "error",
    message: text,
    place: { file, line, column },
    length,
    related: [],
  }));
}

/** What the runner noticed in a file; an import cycle is a fault already, and the rest is about the run as a whole. */
function fromNote(note: RunNote): Problem[] {
  const warning = { kind: note.kind, severity: "warning", related: [] } as const;
  switch (note.kind) {
    case "compile-warning": {
      const { file, line, column, length, text } = note.problem;
      return [{ ...warning, message: text, place: { file, line, column }, length }];
    }
    case "bad-tsconfig":
    case "not-instrumented":
      return [{ ...warning, message: note.text, place: { file: note.file, line: 1, column: 1 }, length: null }];
    default:
      return [];
  }
}

/** What there is to know about a run that no file can tell, one sentence each. */
export function remarksOf({ notes, recording }: RunResult): string[] {
  const { truncated } = recording.meta;
  const told = notes.filter(({ kind }) => kind === "recorder-failed" || kind === "timers-left").map(describeNote);
  return truncated === null ? told : [...told, `${truncated[0]?.toUpperCase()}${truncated.slice(1)}.`];
}

function isSamePlace(fault: Problem, place: Place): boolean {
  return fault.place.file === place.file && fault.place.line === place.line;
}
