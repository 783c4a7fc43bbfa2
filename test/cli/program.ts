import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** The program as it ships; `npm run build` makes it. */
export const cli = path.resolve(import.meta.dirname, "../../dist/cli.js");

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another Node than ours. */
  readonly node?: string;
  readonly nodeArguments?: readonly string[];
  readonly program?: string;
  /** What is typed into it. */
  readonly input?: string;
}

/** Starts `gradlens` with these arguments. */
export function start(
  args: readonly string[],
  { cwd, env, node, nodeArguments = [], program = cli, input }: Options = {},
): ChildProcess {
  const child = spawn(node ?? process.execPath, [...nodeArguments, program, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, NO_COLOR: "", FORCE_COLOR: undefined, NODE_OPTIONS: undefined, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  return child;
}

/** Runs `gradlens` with these arguments to its end. */
export function gradlens(args: readonly string[], options: Options = {}): Promise<Ended> {
  return ended(start(args, options));
}

/** Gathers what a process prints until it ends. */
export function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      texts[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
  });
}

/** A folder with these files in it, gone at the end of the suite that asks for it. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-cli-")));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
