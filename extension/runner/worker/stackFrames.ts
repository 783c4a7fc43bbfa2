import path from "node:path";
import { fileURLToPath } from "node:url";
import type { StackFrame } from "../../../engine/recording/schema.ts";
import type { FilePlace } from "../protocol.ts";
import type { Ask } from "./askBroker.ts";

const errorText = Error.prototype.toString;

/** Deep enough that the user's frames are seen below the engine's own. */
const frameLimit = 50;

/** What stack traces need to know about the run. */
export interface StackParts {
  readonly ask: Ask;
  /** Whether a file was compiled, so that its positions must be translated. */
  readonly isCompiled: (file: string) => boolean;
  /** Whether a file belongs to the runner or the engine. */
  readonly isOwn: (file: string) => boolean;
  /** Whether a file is the runner's, whose frames say nothing to the user. */
  readonly isRunner: (file: string) => boolean;
}

/** Makes every stack trace in the worker speak of the user's own lines. */
export class StackFrames {
  readonly #parts: StackParts;
  readonly #known = new WeakMap<object, readonly StackFrame[]>();

  constructor(parts: StackParts) {
    this.#parts = parts;
  }

  install(): void {
    Error.stackTraceLimit = frameLimit;
    Error.prepareStackTrace = (error, callSites) => this.#prepare(error, callSites);
  }

  /** The frames below Node and the engine, of an error that was made since `install`. */
  framesOf(error: object): readonly StackFrame[] | null {
    return this.#known.get(error) ?? null;
  }

  #prepare(error: Error, callSites: NodeJS.CallSite[]): string {
    const raw = readCallSites(callSites);
    const places = this.#originalPlaces(raw);
    const frames: StackFrame[] = [];
    let text = headline(error, () => this.#calleeText(places[0] ?? null));
    for (let i = 0; i < raw.length; i++) {
      const frame = raw[i];
      if (!frame || this.#isNoise(frame.file)) continue;
      const place = places[i] ?? frame;
      text += `\n    at ${frame.text.replace(frame.where, `${place.file}:${place.line}:${place.column}`)}`;
      if (path.isAbsolute(place.file) && !this.#parts.isOwn(place.file)) {
        const { line, column, file } = place;
        frames[frames.length] = { function: frame.function, file, line, column };
      }
    }
    this.#known.set(error, frames);
    return text;
  }

  /** One question for the whole stack. */
  #originalPlaces(raw: readonly RawFrame[]): (FilePlace | null)[] {
    const asked: FilePlace[] = [];
    const indices: number[] = [];
    for (let i = 0; i < raw.length; i++) {
      const frame = raw[i];
      if (!frame || !this.#parts.isCompiled(frame.file)) continue;
      indices[asked.length] = i;
      asked[asked.length] = { file: frame.file, line: frame.line, column: frame.column };
    }
    const places: (FilePlace | null)[] = [];
    if (asked.length === 0) return places;
    const answer = this.#parts.ask({ kind: "places", places: asked });
    if (answer.kind !== "places") return places;
    for (let i = 0; i < indices.length; i++) places[indices[i] ?? 0] = answer.places[i] ?? null;
    return places;
  }

  #isNoise(file: string): boolean {
    return file.startsWith("node:internal/modules") || this.#parts.isRunner(file);
  }

  #calleeText(place: FilePlace | null): string | null {
    const answer = place && this.#parts.ask({ kind: "callee", place });
    return answer?.kind === "callee" ? answer.text : null;
  }
}

interface RawFrame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly function: string | null;
  readonly text: string;
  readonly where: string;
}

function readCallSites(callSites: NodeJS.CallSite[]): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let i = 0; i < callSites.length; i++) {
    const site = callSites[i];
    if (!site) continue;
    const script = site.getFileName() ?? "<anonymous>";
    const line = site.getLineNumber() ?? 0;
    const column = site.getColumnNumber() ?? 0;
    frames[frames.length] = {
      file: fileOf(script),
      line,
      column,
      function: functionName(site),
      text: String(site),
      where: `${script}:${line}:${column}`,
    };
  }
  return frames;
}

function fileOf(script: string): string {
  if (!script.startsWith("file:")) return script;
  try {
    return fileURLToPath(script);
  } catch {
    return script;
  }
}

function functionName(site: NodeJS.CallSite): string | null {
  const name = site.getFunctionName();
  if (!name) return null;
  const type = site.isToplevel() || site.isConstructor() ? null : site.getTypeName();
  const hasType = type === null || type === "Object" || name.startsWith(type) || name.includes(".");
  return hasType ? name : `${type}.${name}`;
}

function headline(error: Error, calleeText: () => string | null): string {
  try {
    cleanMessage(error, calleeText);
    return errorText.call(error);
  } catch {
    return "Error";
  }
}

/** V8 quotes the expression that was called; where a hook is part of it, the user's own words take its place. */
function cleanMessage(error: Error, calleeText: () => string | null): void {
  const { message } = error;
  if (typeof message !== "string" || !message.includes("__gl_")) return;
  const complaint = /is not (iterable|a function|a constructor)\b(?!.* is not )/.exec(message)?.[0];
  if (complaint) error.message = `${calleeText() ?? "The value"} ${complaint}`;
}
