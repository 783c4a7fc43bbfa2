import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

/** The folder that holds package.json. */
export const root = path.dirname(import.meta.dirname);

/** Where things are kept that can be made again: declarations, the real VS Code, pictures in the making. */
export const cacheFolder = path.resolve(process.env["GRADLENS_CACHE"] ?? path.join(root, ".cache"));

/** A path inside the project. */
export function inProject(...parts: string[]): string {
  return path.join(root, ...parts);
}

/** A folder inside the cache, made if it is not there. */
export function inCache(...parts: string[]): string {
  const folder = path.join(cacheFolder, ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each chunk of what the program prints, instead of letting it print. */
  readonly onOutput?: (text: string) => void;
  /** After so many milliseconds the program is asked to end, and five seconds later it is made to. */
  readonly timeout?: number;
  /** True to let a shell find the program, which is the only way to a .cmd file on Windows. */
  readonly shell?: boolean;
}

/** Runs a program and gives its exit code. */
export function run(program: string, programArguments: readonly string[], options: RunOptions = {}): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, programArguments, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    shell: options.shell ?? false,
    stdio: options.onOutput ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => options.onOutput?.(text));
  }
  const timers = [["SIGTERM", 0] as const, ["SIGKILL", 5000] as const].map(
    ([signal, later]) => options.timeout && setTimeout(() => child.kill(signal), options.timeout + later),
  );
  child.on("error", reject);
  child.on("close", (code) => {
    for (const timer of timers) clearTimeout(timer);
    resolve(code ?? 1);
  });
  return promise;
}

/** Runs a program under the Node that runs this script. */
export function runNode(nodeArguments: readonly string[], options: RunOptions = {}): Promise<number> {
  return run(process.execPath, ["--disable-warning=ExperimentalWarning", ...nodeArguments], options);
}

/** Runs a program and fails, with all that it printed, unless it ends with exit code 0. */
export async function runQuietly(program: string, programArguments: readonly string[], options: RunOptions = {}) {
  let output = "";
  const collect = (text: string) => {
    output += text;
  };
  const code = await run(program, programArguments, { ...options, onOutput: collect });
  if (code !== 0)
    throw new Error(`${path.basename(program)} ${programArguments.join(" ")} ended with ${code}:\n${output}`);
  return output;
}

/** The file that a package runs, found without the links in node_modules/.bin, which differ on Windows. */
export function packageProgram(packageName: string, file: string): string {
  return inProject("node_modules", packageName, file);
}

/** Runs the formatter and linter; colours only for a person, who sits at a terminal. */
export function biome(...biomeArguments: string[]): Promise<number> {
  const colours = process.stdout.isTTY ? "force" : "off";
  return runNode([packageProgram("@biomejs/biome", "bin/biome"), ...biomeArguments, `--colors=${colours}`, root]);
}
