import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import remapping from "@jridgewell/remapping";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Program } from "acorn";
import MagicString from "magic-string";
import type { CompileProblem } from "../outcome.ts";
import type { FileNameRow, FileSiteRow, ImportPlace } from "../protocol.ts";
import { type Instrumented, instrument } from "./instrument.ts";
import type { Place } from "./lines.ts";
import { type ParsedModule, parseModule } from "./moduleSyntax.ts";
import { OriginalPositions } from "./originalPositions.ts";
import type { PackageScope } from "./packageScope.ts";
import type { Transpiled, Transpiler } from "./transpile.ts";

/** A file made ready to run. Its site and name numbers count from 0; `numberHooks` makes them unique in a run. */
export interface CompiledFile {
  readonly file: string;
  readonly format: "module" | "commonjs";
  readonly code: string;
  readonly sites: readonly FileSiteRow[];
  readonly names: readonly FileNameRow[];
  readonly callees: readonly string[];
  readonly imports: readonly ImportPlace[];
  readonly warnings: readonly CompileProblem[];
  /** Why the file runs without sites and names, or null. */
  readonly notInstrumented: string | null;
  /** From a place in `code` to the place in the user's source; the map is made when first asked for. */
  originalPlace(place: Place): Place | null;
  /** That map, as JSON. */
  sourceMap(): string;
}

export type CompileResult =
  | { readonly ok: true; readonly compiled: CompiledFile }
  | { readonly ok: false; readonly problems: readonly CompileProblem[] };

/** What decides how a file is compiled, besides its text. */
export interface CompileContext {
  readonly scope: PackageScope;
  /** esbuild's `tsconfigRaw`. */
  readonly tsconfig: string;
  /** Whether the run starts with this file. */
  readonly entry: boolean;
}

const keptFiles = 500;

/** What a debugger for JavaScript needs. */
export interface CompilerOptions {
  /** Whether each file carries its source map. */
  readonly withMaps: boolean;
}

/** Compiles files one by one and remembers what did not change. */
export class Compiler {
  readonly #transpiler: Promise<Transpiler>;
  readonly #options: CompilerOptions;
  readonly #known = new Map<string, { readonly hash: string; readonly result: Promise<CompileResult> }>();

  constructor(transpiler: Promise<Transpiler>, options: CompilerOptions = { withMaps: false }) {
    this.#transpiler = transpiler;
    this.#options = options;
  }

  compile(file: string, context: CompileContext): Promise<CompileResult> {
    const source = readSource(file);
    if (source === null) return Promise.resolve({ ok: false, problems: [missingFile(file)] });
    const key = `${file}\0${context.entry}`;
    const hash = createHash("sha1").update(`${context.scope.type}\0${context.tsconfig}\0${source}`).digest("base64");
    const known = this.#known.get(key);
    if (known?.hash === hash) return known.result;
    const result = this.#transpiler
      .then((transpiler) => compileSource(transpiler, file, source, context))
      .then((compiled) => (this.#options.withMaps ? withMap(compiled) : compiled));
    this.#remember(key, { hash, result });
    result.catch(() => this.#known.delete(key));
    return result;
  }

  #remember(key: string, entry: { readonly hash: string; readonly result: Promise<CompileResult> }): void {
    this.#known.delete(key);
    this.#known.set(key, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > keptFiles && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** The map goes behind the last line, so that no line moves. */
function withMap(result: CompileResult): CompileResult {
  if (!result.ok) return result;
  const map = Buffer.from(result.compiled.sourceMap()).toString("base64");
  const code = `${result.compiled.code}\n//# sourceMappingURL=data:application/json;base64,${map}\n`;
  return { ok: true, compiled: { ...result.compiled, code } };
}

function readSource(file: string): string | null {
  try {
    // A byte order mark is no part of the first line's columns.
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch {
    return null;
  }
}

function missingFile(file: string): CompileProblem {
  return {
    file,
    line: 1,
    column: 1,
    length: 0,
    text: `The file ${path.basename(file)} is not there or cannot be read.`,
  };
}

async function compileSource(
  transpiler: Transpiler,
  file: string,
  source: string,
  context: CompileContext,
): Promise<CompileResult> {
  const asWritten = await transpiler.transpile(file, source, context.tsconfig, undefined);
  if (!asWritten.ok) return asWritten;
  const parsed = parseUsual(asWritten.code) ?? guessModule(source);
  if (!becomesCommonJs(file, source, asWritten.code, parsed, context)) {
    const format = isModule(file, parsed, context, hasTypesOnly(source, asWritten.code)) ? "module" : "commonjs";
    return { ok: true, compiled: finish({ file, source, context, format, transpiled: asWritten, parsed }) };
  }
  const transpiled = await transpiler.transpile(file, source, context.tsconfig, "cjs");
  if (!transpiled.ok) return transpiled;
  const script = parseUsual(transpiled.code) ?? guessModule("");
  return { ok: true, compiled: finish({ file, source, context, format: "commonjs", transpiled, parsed: script }) };
}

/** Data written as code can be large, and a syntax tree takes a hundred times the room of its text. */
const longestParsed = 2_000_000;

function parseUsual(code: string): ParsedModule | null {
  return code.length > longestParsed ? null : parseModule(code);
}

/** For code that cannot be parsed here, though V8 may well run it. */
function guessModule(source: string): UnparsedModule {
  return { program: null, usesImports: /^\s*(import|export)\b/m.test(source), usesMetaOrAwait: false };
}

type UnparsedModule = Omit<ParsedModule, "program"> & { readonly program: Program | null };

/** Imports are turned into `require` where TypeScript would do so, and kept where only a module can say the same. */
function becomesCommonJs(
  file: string,
  source: string,
  code: string,
  parsed: UnparsedModule,
  { scope }: CompileContext,
): boolean {
  if (!parsed.usesImports) return false;
  if (/\.c[tj]s$/.test(file)) return true;
  if (/\.m[tj]s$/.test(file) || parsed.usesMetaOrAwait) return false;
  if (scope.type !== null) return scope.type === "commonjs";
  return /^\s*export\s*=/m.test(source) || needsCommonJs.test(code);
}

/** Names that are only there in CommonJS, where TypeScript's `import` has been at home for long. */
const needsCommonJs = /\b__(dirname|filename)\b|\brequire\s*\(|\bmodule\.exports\b/;

/** A file that imports and exports nothing but types has no module syntax left, and is a module all the same. */
function hasTypesOnly(source: string, code: string): boolean {
  return /^\s*(import|export)\b/m.test(source) && !/\b(require|module|exports|__dirname|__filename)\b/.test(code);
}

function isModule(file: string, parsed: UnparsedModule, { scope }: CompileContext, typesOnly: boolean): boolean {
  if (/\.[mc][tj]s$/.test(file)) return /\.m[tj]s$/.test(file);
  if (typesOnly && scope.type === null) return true;
  return scope.type === "module" || parsed.usesImports || parsed.usesMetaOrAwait;
}

interface ToFinish {
  readonly file: string;
  readonly source: string;
  readonly context: CompileContext;
  readonly format: "module" | "commonjs";
  readonly transpiled: Extract<Transpiled, { ok: true }>;
  readonly parsed: UnparsedModule;
}

function finish({ file, source, context, format, transpiled, parsed }: ToFinish): CompiledFile {
  const { code, map, warnings } = transpiled;
  const { instrumented, reason } = tryInstrument(source, code, map, parsed.program);
  const prologue = format === "module" ? modulePrologue(source, code, context.entry) : "";
  if (prologue) instrumented.text.appendLeft(endOfHashbang(code), prologue);

  const sourceMap = (): string => finalMap(instrumented.text, file, map);
  let trace: TraceMap | undefined;
  const originalPlace = ({ line, column }: Place): Place | null => {
    trace ??= new TraceMap(sourceMap());
    const found = originalPositionFor(trace, { line, column: column - 1 });
    return found.line === null ? null : { line: found.line, column: found.column + 1 };
  };
  const { sites, names, callees, imports } = instrumented;
  const text = instrumented.text.toString();
  const parts = { sites, names, callees, imports, warnings, notInstrumented: reason };
  return { file, format, code: text, ...parts, originalPlace, sourceMap };
}

interface Attempt {
  readonly instrumented: Instrumented;
  readonly reason: string | null;
}

/** Instruments, or says why not: a file that is too strange still runs. */
function tryInstrument(source: string, code: string, map: string, program: Program | null): Attempt {
  const plain = { text: new MagicString(code), sites: [], names: [], callees: [], imports: [] };
  if (/\b__gl_[senl]\b/.test(source)) return { instrumented: plain, reason: "it uses names reserved for the runner" };
  if (!program) return { instrumented: plain, reason: "it is too large or too deeply nested" };
  try {
    return { instrumented: instrument(code, program, new OriginalPositions(source, code, map)), reason: null };
  } catch (error) {
    const reason = error instanceof RangeError ? "its expressions are nested too deeply" : String(error);
    return { instrumented: plain, reason };
  }
}

/** What a module needs before its first statement; it goes on the first line, so that no line moves. */
function modulePrologue(source: string, code: string, entry: boolean): string {
  let prologue = "";
  if (/^\s*(export\s+)?import\s+[\w$]+\s*=\s*require\s*\(/m.test(source)) {
    prologue +=
      'import { createRequire as __gl_require } from "node:module"; const require = __gl_require(import.meta.url); ';
  }
  // The file is imported by the runner, yet to its author it is the program.
  if (entry && code.includes("import.meta.main")) prologue += "import.meta.main = true; ";
  return prologue;
}

function endOfHashbang(code: string): number {
  return code.startsWith("#!") ? code.indexOf("\n") + 1 : 0;
}

function finalMap(text: MagicString, file: string, transpiledMap: string): string {
  const inserted = text.generateMap({ source: file, hires: "boundary" });
  return remapping([inserted.toString(), transpiledMap], () => null, { excludeContent: true }).toString();
}
