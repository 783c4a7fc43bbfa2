import { realpathSync } from "node:fs";
import type { ImportPlace, LoadedFile } from "../protocol.ts";
import type { Ask } from "./askBroker.ts";
import { compileError } from "./locatedErrors.ts";

/** The user's files that were compiled for this run. */
export class LoadedFiles {
  readonly entry: string;
  readonly #ask: Ask;
  readonly #onLoad: (loaded: LoadedFile) => void;
  readonly #files = new Map<string, LoadedFile>();
  #prepared: LoadedFile | null = null;

  constructor(entry: string, ask: Ask, onLoad: (loaded: LoadedFile) => void) {
    this.entry = realPath(entry);
    this.#ask = ask;
    this.#onLoad = onLoad;
  }

  /** Compiles the first file early, because how it is started depends on its format. */
  prepareEntry(): LoadedFile {
    this.#prepared = this.#compile(this.entry);
    return this.#prepared;
  }

  /** Throws what `compileProblemsOf` understands. */
  load(file: string): LoadedFile {
    const prepared = this.#prepared;
    this.#prepared = null;
    return prepared?.file === file ? prepared : this.#compile(file);
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  mapsPaths(file: string): boolean {
    return this.#files.get(file)?.mapsPaths ?? false;
  }

  /** Where a file imports `specifier`; null for an import that is computed. */
  importIn(file: string, specifier: string): ImportPlace | null {
    const imports = this.#files.get(file)?.imports ?? [];
    let found: ImportPlace | null = null;
    for (const place of imports) {
      if (place.specifier === specifier && (found === null || (found.dynamic && !place.dynamic))) found = place;
    }
    return found;
  }

  #compile(file: string): LoadedFile {
    const answer = this.#ask({ kind: "compile", file, entry: file === this.entry });
    if (answer.kind === "refused") throw compileError(answer.problems);
    if (answer.kind !== "compiled") throw new Error(answer.kind === "failed" ? answer.message : "unexpected answer");
    this.#files.set(file, answer.loaded);
    this.#onLoad(answer.loaded);
    return answer.loaded;
  }
}

/** A file that is not there is told by whoever reads it. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
