import { readFileSync, realpathSync, statSync } from "node:fs";
import type { Recording } from "../../../engine/recording/recording.ts";
import { withLargeDrive } from "../../runner/drivePath.ts";

/** The files of a run: which lines have calls, and whether a file was edited since. */
export class Sources {
  readonly #recording: Recording;
  /** What stood in each file when it was loaded; absent in a replay. */
  readonly #texts = new Map<string, string | null>();
  readonly #linesWithCalls = new Map<string, Set<number>>();
  #knownSites = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** A file was loaded just now. */
  loaded(file: string): void {
    this.#texts.set(file, textOf(file));
  }

  /** The files that the run is known to be made of. */
  get files(): readonly string[] {
    this.#update();
    return [...new Set([...this.#texts.keys(), ...this.#linesWithCalls.keys()])];
  }

  /** Why a breakpoint can't be in a line; null when it can. */
  whyNot(file: string, line: number): string | null {
    this.#update();
    const lines = this.#linesWithCalls.get(file);
    if (lines === undefined && !this.#texts.has(file)) {
      return isInPackage(file)
        ? "Calls in node_modules have no lines of their own: break where your file calls the package, or at an op by its name."
        : "This file is not part of the run, at least not yet.";
    }
    if (this.#wasEdited(file)) return "The file was edited since it was run. Restart to stop at its new lines.";
    const count = lineCount(this.#texts.get(file) ?? textOf(file));
    if (count !== null && line > count) return `There is no line ${line}: the file has ${count}.`;
    return lines?.has(line) ? null : "No op can run in this line: nothing is called in it.";
  }

  /** Whether a word stands somewhere in the files of the run, as far as they are still there. */
  mentions(word: string): boolean {
    return this.files.some((file) => wordsOf(this.#texts.get(file) ?? textOf(file)).has(word));
  }

  /** Lines of a file with calls, from one line to another. */
  linesWithCalls(file: string, from: number, to: number): number[] {
    this.#update();
    const lines = this.#linesWithCalls.get(file) ?? [];
    return [...lines].filter((line) => line >= from && line <= to).sort((a, b) => a - b);
  }

  #wasEdited(file: string): boolean {
    const text = this.#texts.get(file);
    if (text !== undefined) return text !== null && textOf(file) !== text;
    try {
      const { startedAt, durationMs } = this.#recording.meta;
      return startedAt > 0 && statSync(file).mtimeMs > startedAt + durationMs;
    } catch {
      return false;
    }
  }

  #update(): void {
    const { sites } = this.#recording;
    if (sites.size === this.#knownSites) return;
    this.#knownSites = sites.size;
    this.#linesWithCalls.clear();
    for (const { file, line } of sites.values()) {
      const lines = this.#linesWithCalls.get(file);
      if (lines === undefined) this.#linesWithCalls.set(file, new Set([line]));
      else lines.add(line);
    }
  }
}

const isInPackage = (file: string): boolean => /[\\/]node_modules[\\/]/.test(file);

/** The path by which the runner knows a file. */
export function realPath(file: string): string {
  try {
    return withLargeDrive(realpathSync(file));
  } catch {
    return withLargeDrive(file);
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** A line break at the end begins no other line. */
function lineCount(text: string | null): number | null {
  return text === null ? null : text.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/).length;
}

function wordsOf(text: string | null): ReadonlySet<string> {
  return new Set(text?.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
}
