import type { ErrorRow } from "../../../schema.ts";
import type { Place } from "../../rows.ts";
import type { Finding } from "../alert.ts";
import type { History } from "../history.ts";

/** An error that ended the run, when its message holds one of the phrases. */
export function errorWith(history: History, phrases: readonly string[]): ErrorRow | null {
  const { error } = history.recording;
  return error !== null && phrases.some((phrase) => error.message.includes(phrase)) ? error : null;
}

export function placeOf({ file, line, column }: ErrorRow): Place | null {
  return file === null || line === null ? null : { file, line, column: column ?? 1 };
}

/** The error as it is, where nothing more is known. */
export const plainly = (error: ErrorRow): Finding => ({ place: placeOf(error), message: error.message });
