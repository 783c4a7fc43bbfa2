import { readFileSync } from "node:fs";
import { isBuiltin, type LoadHookContext, type ResolveHookContext, registerHooks } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loaderOf } from "../compile/codeFiles.ts";
import type { PackageScopes } from "../compile/packageScope.ts";
import type { ImportPlace, LoadedFile, RunNote } from "../protocol.ts";
import type { Ask } from "./askBroker.ts";
import type { ImportGraph } from "./importGraph.ts";
import { jsonModule } from "./jsonModule.ts";
import type { LoadedFiles } from "./loadedFiles.ts";
import { type ErrorPlace, importError, placeError } from "./locatedErrors.ts";
import { describeMissing } from "./missingModule.ts";
import { findImportedFile } from "./resolveImport.ts";

type NextResolve = Parameters<Exclude<Parameters<typeof registerHooks>[0]["resolve"], undefined>>[2];
type NextLoad = Parameters<Exclude<Parameters<typeof registerHooks>[0]["load"], undefined>>[2];
type Resolved = ReturnType<NextResolve>;
type Loaded = ReturnType<NextLoad>;

/** What the loader works with. */
export interface LoaderParts {
  readonly files: LoadedFiles;
  readonly graph: ImportGraph;
  readonly scopes: PackageScopes;
  readonly ask: Ask;
  readonly tell: (note: RunNote) => void;
  /** What `gradlens` is. */
  readonly engineUrl: string;
  /** Files below these folders are ours and load as they are. */
  readonly ownFolders: readonly string[];
}

/**
 * Teaches Node to load the user's files: `gradlens` is the one engine, TypeScript is compiled by the broker, and
 * imports are found as TypeScript finds them. Works for `import`, `import()` and `require` alike.
 */
export function installLoader(parts: LoaderParts): void {
  const loader = new Loader(parts);
  registerHooks({
    resolve: (specifier, context, next) => loader.resolve(specifier, context, next),
    load: (url, context, next) => loader.load(url, context, next),
  });
}

class Loader {
  readonly #parts: LoaderParts;
  /** Who asked for a module first, to say where a bad one was imported. */
  readonly #importedAt = new Map<string, ErrorPlace>();

  constructor(parts: LoaderParts) {
    this.#parts = parts;
  }

  resolve(specifier: string, context: ResolveHookContext, next: NextResolve): Resolved {
    if (specifier === "gradlens" || specifier.startsWith("gradlens/")) {
      return { url: this.#parts.engineUrl, format: "module", shortCircuit: true };
    }
    const parent = fileOfUrl(context.parentURL);
    if (parent === null || !this.#parts.files.has(parent) || isBuiltin(specifier)) return next(specifier, context);
    const resolved = this.#resolveForUser(specifier, parent, context, next);
    this.#note(resolved.url, specifier, parent);
    return resolved;
  }

  load(url: string, context: LoadHookContext, next: NextLoad): Loaded {
    const file = fileOfUrl(url);
    if (file === null || this.#isOwn(file)) return next(url, context);
    if (path.extname(file) === ".json" && isPlainJsonImport(context))
      return jsonModule(file, this.#importedAt.get(url));
    if (!this.#isUsers(file)) return this.#loadElsewhere(url, context, next);
    const loaded = this.#parts.files.load(file);
    if (loaded.format === "commonjs") this.#noteRequires(loaded);
    return { format: loaded.format, source: loaded.code, shortCircuit: true };
  }

  #resolveForUser(specifier: string, parent: string, context: ResolveHookContext, next: NextResolve): Resolved {
    const target = pathMeant(specifier, parent);
    if (target) {
      const file = findImportedFile(target.file);
      if (file !== null) return found(file, target.suffix);
    } else if (this.#parts.files.mapsPaths(parent)) {
      const file = this.#findMapped(specifier, parent);
      if (file !== null) return found(file, "");
    }
    try {
      return next(specifier, context);
    } catch (error) {
      return this.#resolveOtherwise(error, specifier, parent);
    }
  }

  #findMapped(specifier: string, parent: string): string | null {
    const answer = this.#parts.ask({ kind: "paths", specifier, importer: parent });
    if (answer.kind !== "paths") return null;
    for (const candidate of answer.candidates) {
      const file = findImportedFile(candidate);
      if (file !== null) return file;
    }
    return null;
  }

  /** Node refuses imports of folders and of names without an ending also inside packages; bundlers do not. */
  #resolveOtherwise(error: unknown, specifier: string, parent: string): Resolved {
    const { code, url } = describeNodeError(error);
    const meant = fileOfUrl(url);
    const file = meant === null ? null : findImportedFile(meant);
    if (file !== null) return found(file, "");
    if (!code.endsWith("MODULE_NOT_FOUND")) {
      placeError(error, this.#placeOf(specifier, parent));
      throw error;
    }
    throw importError(describeMissing(specifier, parent), code, this.#placeOf(specifier, parent));
  }

  #note(url: string, specifier: string, parent: string): void {
    if (!this.#importedAt.has(url)) this.#importedAt.set(url, this.#placeOf(specifier, parent));
    const place = this.#parts.files.importIn(parent, specifier);
    if (place) this.#noteImport(parent, fileOfUrl(url), place);
  }

  /** Node does not ask us about a `require` whose answer it knows, and that is the one that closes a circle. */
  #noteRequires({ file, imports }: LoadedFile): void {
    for (let i = 0; i < imports.length; i++) {
      const place = imports[i];
      const target = place && pathMeant(place.specifier, file);
      if (place && target) this.#noteImport(file, findImportedFile(target.file), place);
    }
  }

  #noteImport(from: string, to: string | null, { dynamic, line }: ImportPlace): void {
    if (dynamic || to === null || !this.#isUsers(to)) return;
    const files = this.#parts.graph.add(from, to);
    if (files) this.#parts.tell({ kind: "import-cycle", files, line });
  }

  #placeOf(specifier: string, parent: string): ErrorPlace {
    const place = this.#parts.files.importIn(parent, specifier);
    return { file: parent, line: place?.line ?? 1, column: place?.column ?? 1 };
  }

  #loadElsewhere(url: string, context: LoadHookContext, next: NextLoad): Loaded {
    try {
      return next(url, context);
    } catch (error) {
      const place = this.#importedAt.get(url);
      if (place) placeError(error, place);
      throw error;
    }
  }

  #isOwn(file: string): boolean {
    for (const folder of this.#parts.ownFolders) if (file.startsWith(folder)) return true;
    return false;
  }

  /** Whether it is code whose calls are the user's to see: all but packages that know nothing of the engine. */
  #isUsers(file: string): boolean {
    if (this.#isOwn(file) || !loaderOf(path.extname(file))) return false;
    if (!file.includes(`${path.sep}node_modules${path.sep}`)) return true;
    return /\.[cm]?tsx?$/.test(file) || this.#parts.scopes.forFile(file).usesEngine || namesEngine(file);
  }
}

/** A package may use the engine without saying so in its manifest. */
function namesEngine(file: string): boolean {
  try {
    return /["']gradlens["'/]/.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}

function isPlainJsonImport(context: LoadHookContext): boolean {
  for (const condition of context.conditions) if (condition === "require") return false;
  return context.importAttributes["type"] === undefined;
}

/** The file a relative or absolute specifier means, with what follows a `?` or `#`; null for a bare one. */
function pathMeant(specifier: string, parent: string): { file: string; suffix: string } | null {
  if (specifier.startsWith("file:")) {
    const url = new URL(specifier);
    return { file: fileURLToPath(url), suffix: url.search + url.hash };
  }
  const isPath = /^\.{0,2}\//.test(specifier) || specifier === "." || specifier === ".." || path.isAbsolute(specifier);
  if (!isPath) return null;
  const [, written = specifier, suffix = ""] = /^([^?#]*)(.*)$/s.exec(specifier) ?? [];
  // A specifier is a URL, yet many write it as a path; the file system decides which was meant.
  const asPath = path.resolve(path.dirname(parent), specifier);
  if (suffix !== "" && findImportedFile(asPath) !== null) return { file: asPath, suffix: "" };
  return { file: path.resolve(path.dirname(parent), decodeSafely(written)), suffix };
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function found(file: string, suffix: string): Resolved {
  return { url: pathToFileURL(file).href + suffix, shortCircuit: true };
}

function fileOfUrl(url: string | undefined): string | null {
  if (url === undefined || !url.startsWith("file:")) return null;
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}

function describeNodeError(error: unknown): { code: string; url: string | undefined } {
  if (typeof error !== "object" || error === null) return { code: "", url: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const url = "url" in error && typeof error.url === "string" ? error.url : undefined;
  return { code, url };
}
