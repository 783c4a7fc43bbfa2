import type { CompiledFile, CompileResult, Compiler } from "../compile/compile.ts";
import { PackageScopes } from "../compile/packageScope.ts";
import { ProjectConfigs } from "../compile/tsconfig.ts";
import type {
  FileNameRow,
  FilePlace,
  FileSiteRow,
  FileTable,
  LoadedFile,
  LoaderAnswer,
  LoaderQuestion,
  RunNote,
} from "../protocol.ts";
import { numberHooks } from "../siteHooks.ts";

/** A compiled file with the numbers it got in this run. */
interface NumberedFile {
  readonly compiled: CompiledFile;
  readonly firstSite: number;
  readonly firstName: number;
}

/** What happens while files are loaded. */
export interface FileEvents {
  readonly onTable: (table: FileTable) => void;
  readonly onNote: (note: RunNote) => void;
}

/** The files of one run: answers the worker's questions about them, and gives each its range of numbers. */
export class RunFiles {
  readonly #compiler: Compiler;
  readonly #events: FileEvents;
  readonly #configs = new ProjectConfigs();
  readonly #scopes = new PackageScopes();
  readonly #numbered = new Map<CompiledFile, NumberedFile>();
  /** The version of each path that was loaded last. */
  readonly #byFile = new Map<string, NumberedFile>();
  // 0 stands for "unknown" in a recording.
  #nextSite = 1;
  #nextName = 1;

  constructor(compiler: Compiler, events: FileEvents) {
    this.#compiler = compiler;
    this.#events = events;
  }

  get count(): number {
    return this.#byFile.size;
  }

  /** Starts compiling before the worker asks. */
  prefetch(file: string): void {
    void this.#compile(file, true).catch(() => undefined);
  }

  async answer(question: LoaderQuestion): Promise<LoaderAnswer> {
    switch (question.kind) {
      case "compile":
        return this.#load(question.file, question.entry);
      case "paths":
        return {
          kind: "paths",
          candidates: this.#configs.forFile(question.importer).mapPath?.(question.specifier) ?? [],
        };
      case "places":
        return { kind: "places", places: question.places.map((place) => this.#originalPlace(place)) };
      case "callee":
        return { kind: "callee", text: this.#calleeAt(question.place) };
    }
  }

  /** Where a site is, for errors that have no stack. */
  placeOfSite(site: number): FilePlace | null {
    for (const { compiled, firstSite } of this.#numbered.values()) {
      const row = compiled.sites[site - firstSite];
      if (row) return { file: compiled.file, line: row.line, column: row.column };
    }
    return null;
  }

  #compile(file: string, entry: boolean): Promise<CompileResult> {
    const tsconfig = this.#configs.forFile(file).transpilerOptions;
    return this.#compiler.compile(file, { scope: this.#scopes.forFile(file), tsconfig, entry });
  }

  async #load(file: string, entry: boolean): Promise<LoaderAnswer> {
    const result = await this.#compile(file, entry);
    if (!result.ok) return { kind: "refused", problems: result.problems };
    const config = this.#configs.forFile(file);
    const known = this.#numbered.get(result.compiled);
    const numbered = known ?? this.#giveNumbers(result.compiled);
    this.#byFile.set(file, numbered);
    if (!known) {
      if (config.problem) this.#events.onNote({ kind: "bad-tsconfig", ...config.problem });
      this.#announce(numbered);
    }
    return { kind: "compiled", loaded: toLoaded(numbered, config.mapPath !== null) };
  }

  #giveNumbers(compiled: CompiledFile): NumberedFile {
    const numbered = { compiled, firstSite: this.#nextSite, firstName: this.#nextName };
    this.#nextSite += compiled.sites.length;
    this.#nextName += compiled.names.length;
    this.#numbered.set(compiled, numbered);
    return numbered;
  }

  #announce(numbered: NumberedFile): void {
    const { compiled, firstSite } = numbered;
    const { file, warnings, notInstrumented } = compiled;
    const sites = renumber<FileSiteRow>(compiled.sites, firstSite);
    this.#events.onTable({ file, sites, names: namesOf(numbered) });
    for (const problem of warnings) this.#events.onNote({ kind: "compile-warning", problem });
    if (notInstrumented !== null) this.#events.onNote({ kind: "not-instrumented", file, text: notInstrumented });
  }

  #originalPlace({ file, line, column }: FilePlace): FilePlace | null {
    const place = this.#byFile.get(file)?.compiled.originalPlace({ line, column });
    return place ? { file, ...place } : null;
  }

  #calleeAt({ file, line, column }: FilePlace): string | null {
    const compiled = this.#byFile.get(file)?.compiled;
    // What is iterated is found from the words before it.
    const after = compiled?.sites.filter((row) => row.line === line && row.column >= column) ?? [];
    const [nearest] = after.sort((a, b) => a.column - b.column);
    return (nearest && compiled?.callees[nearest.id]) ?? null;
  }
}

function toLoaded(numbered: NumberedFile, mapsPaths: boolean): LoadedFile {
  const { compiled, firstSite, firstName } = numbered;
  const { file, format, imports } = compiled;
  const code = numberHooks(compiled.code, firstSite, firstName);
  return { file, format, code, imports, names: namesOf(numbered), mapsPaths };
}

function namesOf({ compiled, firstName }: NumberedFile): FileNameRow[] {
  return renumber<FileNameRow>(compiled.names, firstName);
}

function renumber<Row extends { readonly id: number }>(rows: readonly Row[], first: number): Row[] {
  return rows.map((row) => ({ ...row, id: row.id + first }));
}
