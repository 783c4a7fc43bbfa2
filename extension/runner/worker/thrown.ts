import { fileURLToPath } from "node:url";
import { inspect, types } from "node:util";
import type { StackFrame } from "../../../engine/recording/schema.ts";
import type { UserError } from "../outcome.ts";

const longestText = 10_000;

/** How to find frames and faults that the thrown value itself does not tell. */
export interface ThrownContext {
  readonly framesOf: (error: object) => readonly StackFrame[] | null;
  readonly placeOf: (
    error: unknown,
  ) => { readonly file: string; readonly line: number; readonly column: number } | undefined;
  readonly isCompiled: (file: string) => boolean;
  /** Turns a place in compiled code into one in the user's source. */
  readonly originalPlace: (
    file: string,
    line: number,
    column: number,
  ) => { readonly line: number; readonly column: number } | null;
}

/** Describes whatever was thrown: an Error, null, a string, a Proxy that throws when it is touched. */
export function describeThrown(value: unknown, context: ThrownContext, depth = 0): UserError {
  const isError = types.isNativeError(value) || isOtherError(value);
  const base = isError ? describeError(value, context) : { ...describeValue(value), stack: [] };
  const place = context.placeOf(value) ?? base.place ?? firstCompiled(base.stack, context);
  return {
    name: base.name,
    message: base.message,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    stack: base.stack,
    cause: isError && depth < 4 ? causeOf(value, context, depth) : null,
  };
}

interface Described {
  readonly name: string;
  readonly message: string;
  readonly stack: readonly StackFrame[];
  readonly place?: StackFrame | undefined;
}

function describeError(error: object, context: ThrownContext): Described {
  const name = textOf(error, "name") || "Error";
  // Reading the stack makes the frames known, and may correct the message.
  const stackText = textOf(error, "stack");
  const message = textOf(error, "message");
  const place = arrowPlace(stackText, context);
  const stack = context.framesOf(error) ?? framesInText(stackText);
  return { name, message, stack, place };
}

function describeValue(value: unknown): { name: string; message: string; place?: undefined } {
  let shown: string;
  try {
    // Shows what is behind a Proxy without running its traps.
    shown = inspect(value, { depth: 2, maxStringLength: 1000, maxArrayLength: 20, getters: false });
  } catch {
    shown = `a ${typeof value} that cannot be shown`;
  }
  return { name: "NonError", message: limit(`The program threw ${shown}, which is not an Error and so has no stack.`) };
}

function causeOf(error: object, context: ThrownContext, depth: number): UserError | null {
  const cause = read(error, "cause");
  if (cause !== undefined) return describeThrown(cause, context, depth + 1);
  const errors = read(error, "errors");
  return Array.isArray(errors) && errors.length > 0 ? describeThrown(errors[0], context, depth + 1) : null;
}

function isOtherError(value: unknown): value is object {
  try {
    return value instanceof Error && !types.isProxy(value);
  } catch {
    return false;
  }
}

function read(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}

function textOf(object: object, key: string): string {
  const value = read(object, key);
  return typeof value === "string" ? limit(value) : "";
}

function limit(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

function firstCompiled(stack: readonly StackFrame[], context: ThrownContext): StackFrame | undefined {
  for (let i = 0; i < stack.length; i++) {
    const frame = stack[i];
    if (frame && context.isCompiled(frame.file)) return frame;
  }
  return undefined;
}

/** Errors found before the code runs, such as a name that a module does not export, begin with the place and an arrow. */
function arrowPlace(stackText: string, context: ThrownContext): StackFrame | undefined {
  const [, script = "", lineText = "", arrow = ""] = /^(\S.*):(\d+)\n.*\n([ \t]*)\^/.exec(stackText) ?? [];
  if (script === "") return undefined;
  const file = script.startsWith("file:") ? fileURLToPath(script) : script;
  if (!context.isCompiled(file)) return undefined;
  const place = context.originalPlace(file, Number(lineText), arrow.length + 1);
  return place ? { function: null, file, line: place.line, column: place.column } : undefined;
}

/** For errors whose frames were not seen when they were made, as after the program set its own `prepareStackTrace`. */
function framesInText(stackText: string): StackFrame[] {
  const frames: StackFrame[] = [];
  const pattern = /^ {4}at (?:(.*?) \()?((?:file:\/\/)?\/?[^()\n]*?):(\d+):(\d+)\)?$/gm;
  for (let match = pattern.exec(stackText); match && frames.length < 50; match = pattern.exec(stackText)) {
    const [, name, script = "", line, column] = match;
    if (script.startsWith("node:")) continue;
    const file = script.startsWith("file:") ? fileURLToPath(script) : script;
    frames[frames.length] = { function: name ?? null, file, line: Number(line), column: Number(column) };
  }
  return frames;
}
