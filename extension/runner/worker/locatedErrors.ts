import type { CompileProblem } from "../outcome.ts";

/** Where in the user's source the fault behind an error is, for errors that are not thrown by the user's code. */
export interface ErrorPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const places = new WeakMap<object, ErrorPlace>();
const compileProblems = new WeakMap<object, readonly CompileProblem[]>();

/** An import that leads nowhere. Its code is Node's, because programs ask for it. */
export function importError(message: string, code: string, place: ErrorPlace | null): Error {
  const error = Object.assign(new Error(message), { code });
  if (place) places.set(error, place);
  return error;
}

/** A file that does not compile, thrown where it is imported. */
export function compileError(problems: readonly CompileProblem[]): Error {
  const [first] = problems;
  const error = new SyntaxError(first ? `${first.text} (${first.file}:${first.line}:${first.column})` : "");
  compileProblems.set(error, problems);
  return error;
}

/** Says where an error belongs that somebody else made. */
export function placeError(error: unknown, place: ErrorPlace): void {
  if (typeof error === "object" && error !== null && !places.has(error)) places.set(error, place);
}

/** The place of an error that has one. */
export function placeOf(error: unknown): ErrorPlace | undefined {
  return typeof error === "object" && error !== null ? places.get(error) : undefined;
}

/** What does not compile, if that is what the error says. */
export function compileProblemsOf(error: unknown): readonly CompileProblem[] | undefined {
  return typeof error === "object" && error !== null ? compileProblems.get(error) : undefined;
}
