import path from "node:path";
import { createPathsMatcher, getTsconfig, type TsConfigResult } from "get-tsconfig";

/** What a folder's tsconfig.json means for running its files. */
export interface ProjectConfig {
  /** The compiler options that esbuild honours, as JSON. */
  readonly transpilerOptions: string;
  /** Turns a bare import into files to look for; null without `paths` and `baseUrl`. */
  readonly mapPath: ((specifier: string) => readonly string[]) | null;
  /** Set when the file is there and cannot be read. */
  readonly problem: { readonly file: string; readonly text: string } | null;
}

const honoured = [
  "alwaysStrict",
  "experimentalDecorators",
  "importsNotUsedAsValues",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "preserveValueImports",
  "strict",
  "target",
  "useDefineForClassFields",
  "verbatimModuleSyntax",
] as const;

/** Finds and reads the nearest tsconfig.json, once per folder and run. */
export class ProjectConfigs {
  readonly #byFolder = new Map<string, ProjectConfig>();
  readonly #files = new Map<string, TsConfigResult>();

  forFile(file: string): ProjectConfig {
    const folder = path.dirname(file);
    const known = this.#byFolder.get(folder);
    if (known) return known;
    const config = this.#read(folder);
    this.#byFolder.set(folder, config);
    return config;
  }

  #read(folder: string): ProjectConfig {
    try {
      const found = getTsconfig(folder, "tsconfig.json", this.#files);
      return found ? toProjectConfig(found) : plain;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return { ...plain, problem: { file: path.join(folder, "tsconfig.json"), text } };
    }
  }
}

const plain: ProjectConfig = { transpilerOptions: "{}", mapPath: null, problem: null };

function toProjectConfig(found: TsConfigResult): ProjectConfig {
  const options: Record<string, unknown> = found.config.compilerOptions ?? {};
  const compilerOptions = Object.fromEntries(
    honoured.filter((key) => key in options).map((key) => [key, options[key]]),
  );
  return {
    transpilerOptions: JSON.stringify({ compilerOptions }),
    mapPath: createPathsMatcher(found),
    problem: null,
  };
}
