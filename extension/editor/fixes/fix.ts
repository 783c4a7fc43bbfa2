import type { History } from "../../../engine/recording/queries/alerts/history.ts";
import type { Alert } from "../../../engine/recording/queries/alerts.ts";
import type { Place } from "../../../engine/recording/queries/rows.ts";
import type { Call, SourceCode, Span } from "./sourceCode.ts";

/** Text to put in place of what stands in a span. */
export interface TextChange extends Span {
  readonly text: string;
}

/** A change of the program that takes an alert away. */
export interface Fix {
  readonly title: string;
  readonly changes: readonly TextChange[];
}

/** What a fix is worked out from: the alert, what was recorded, and the text as it stands now. */
export interface FixScene {
  readonly alert: Alert;
  readonly history: History;
  readonly code: SourceCode;
  /** Where a place of the run is in the text now; null when it is in another file, or its line was changed. */
  readonly locate: (place: Place | null) => number | null;
}

/** The call at a place of the run. */
export function callAt({ code, locate }: FixScene, place: Place | null): Call | null {
  const offset = locate(place);
  return offset === null ? null : code.callAt(offset);
}

export const insert = (offset: number, text: string): TextChange => ({ start: offset, end: offset, text });
export const remove = (span: Span): TextChange => ({ start: span.start, end: span.end, text: "" });

/** Namespaces of functions that take tensors as arguments, beside what `import * as` names. */
const NAMESPACES = new Set(["F", "nn.functional", "linalg", "special"]);

/** Whether the first tensor of a call stands in its parentheses and not before the dot. */
export function isFunction(code: SourceCode, { receiver }: Call): boolean {
  if (receiver === null) return true;
  const text = code.textOf(receiver);
  return (
    NAMESPACES.has(text) || new RegExp(`import\\s*\\*\\s*as\\s+${text.replace(/\W/g, "\\$&")}\\s+from`).test(code.text)
  );
}

/** The span of a call's nth tensor, counted from 0; null when it is not there. */
export function operand(code: SourceCode, call: Call, n: number): Span | null {
  if (isFunction(code, call)) return call.args[n] ?? null;
  return (n === 0 ? call.receiver : call.args[n - 1]) ?? null;
}

/** Puts `.clamp(…)` or the like behind the nth tensor of a call; null where that is not a plain chain. */
export function append(code: SourceCode, call: Call, n: number, text: string): TextChange | null {
  const span = operand(code, call, n);
  if (span === null || !code.isChain(span)) return null;
  return insert(span.end, text);
}

/** Adds a name to `import { … } from "gradlens"`; nothing when it is there, null when there is no such import. */
export function importing(code: SourceCode, name: string): readonly TextChange[] | null {
  const found = /import\s*\{([^}]*)\}\s*from\s*["']gradlens["']/.exec(code.text);
  if (found === null) return null;
  if (new RegExp(`(^|[\\s,])${name}([\\s,]|$)`).test(found[1] ?? "")) return [];
  const offset = found.index + found[0].indexOf("{") + 1;
  return [insert(offset, ` ${name},`)];
}

/** A fix, when all its changes could be worked out. */
export function fixOf(title: string, ...changes: readonly (TextChange | null)[]): Fix[] {
  const known = changes.filter((change) => change !== null);
  return known.length === 0 || known.length < changes.length ? [] : [{ title, changes: known }];
}
