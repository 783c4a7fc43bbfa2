import path from "node:path";
import type { BuildFailure, Message, TransformOptions } from "esbuild";
import type { CompileProblem } from "../outcome.ts";
import { loaderOf } from "./codeFiles.ts";

/** What a file becomes, or what is wrong with it. */
export type Transpiled =
  | { readonly ok: true; readonly code: string; readonly map: string; readonly warnings: readonly CompileProblem[] }
  | { readonly ok: false; readonly problems: readonly CompileProblem[] };

/** Turns one file of TypeScript or JavaScript into JavaScript that Node 22 runs. */
export interface Transpiler {
  transpile(file: string, source: string, tsconfig: string, format: "cjs" | undefined): Promise<Transpiled>;
}

/** Starts esbuild's own process; it serves all later calls. `program` null lets the package find its binary. */
export async function startEsbuild(program: string | null): Promise<Transpiler> {
  // The package looks here while it is loaded. What the user's environment says about it must not choose a program.
  delete process.env["ESBUILD_BINARY_PATH"];
  if (program !== null) process.env["ESBUILD_BINARY_PATH"] = program;
  const { default: esbuild } = await import("esbuild");
  delete process.env["ESBUILD_BINARY_PATH"];
  void esbuild.transform("", { loader: "ts" }).catch(() => undefined);

  const transpile: Transpiler["transpile"] = async (file, source, tsconfig, format) => {
    try {
      const result = await esbuild.transform(source, optionsFor(file, tsconfig, format));
      return { ok: true, code: result.code, map: result.map, warnings: problemsOf(file, result.warnings) };
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      return { ok: false, problems: problemsOf(file, error.errors) };
    }
  };
  return {
    async transpile(...job) {
      try {
        return await transpile(...job);
      } catch {
        // Its process was killed. The next call starts a new one.
        await esbuild.stop();
        return transpile(...job);
      }
    },
  };
}

function optionsFor(
  file: string,
  tsconfig: string,
  format: "cjs" | undefined,
): TransformOptions & { sourcemap: "external" } {
  return {
    loader: loaderOf(path.extname(file)) ?? "ts",
    sourcefile: file,
    sourcemap: "external",
    sourcesContent: false,
    target: "node22",
    platform: "node",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: tsconfig,
    ...(format ? { format } : {}),
  };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function problemsOf(file: string, messages: readonly Message[]): CompileProblem[] {
  return messages.map(({ text, location, notes }) => {
    const advice = notes.map((note) => note.text).filter(Boolean);
    const sentence = [text, ...advice].join(" ");
    if (!location) return { file, line: 1, column: 1, length: 0, text: sentence };
    return {
      file,
      line: location.line,
      column: charactersIn(location.lineText, 0, location.column) + 1,
      length: charactersIn(location.lineText, location.column, location.length),
      text: sentence,
    };
  });
}

/** esbuild counts bytes, editors count UTF-16 units. */
function charactersIn(lineText: string, from: number, bytes: number): number {
  return Buffer.from(lineText)
    .subarray(from, from + bytes)
    .toString().length;
}
