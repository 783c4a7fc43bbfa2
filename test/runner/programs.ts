import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { RunOutcome } from "../../extension/runner/outcome.ts";
import type { ConsoleText, FileSiteRow, FileTable, RunNote, RunProgress } from "../../extension/runner/protocol.ts";
import { type Run, Runner, type RunnerOptions, type RunRequest } from "../../extension/runner/runner.ts";
import type { StubChunk } from "./stubEngine/recorder.ts";

const runnerFolder = path.resolve(import.meta.dirname, "../../extension/runner");
const stubFolder = path.join(import.meta.dirname, "stubEngine");

/** A runner that runs from source, with the stub engine. */
export function makeRunner(options: Partial<RunnerOptions> = {}): Runner {
  return new Runner({
    brokerPath: path.join(runnerFolder, "broker.ts"),
    workerPath: path.join(runnerFolder, "worker.ts"),
    enginePath: path.join(stubFolder, "engine.ts"),
    recorderPath: path.join(stubFolder, "recorder.ts"),
    ...options,
  });
}

/** A folder with the user's files in it. */
export class Project {
  readonly folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "gradlens-runner-")));

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Everything a run said, gathered. */
export class Observed {
  readonly run: Run;
  readonly console: ConsoleText[] = [];
  readonly notes: RunNote[] = [];
  readonly tables: FileTable[] = [];
  readonly progress: RunProgress[] = [];
  readonly chunks: StubChunk[] = [];

  constructor(run: Run) {
    this.run = run;
    run.onConsole((output) => this.console.push(output));
    run.onNote((note) => this.notes.push(note));
    run.onFile((table) => this.tables.push(table));
    run.onProgress((progress) => this.progress.push(progress));
    run.onChunk((chunk) => this.chunks.push(chunk as StubChunk));
  }

  get stdout(): string {
    return this.#text("stdout");
  }

  get stderr(): string {
    return this.#text("stderr");
  }

  /** Each op with the place of the call that made it: `exp main.ts:3:9`. */
  get ops(): string[] {
    return this.chunks.flatMap(({ ops }) => ops.map(({ name, site }) => `${name} ${this.#placeOf(site)}`));
  }

  /** The names that tensors got, in order. */
  get names(): string[] {
    const rows = new Map(this.tables.flatMap(({ names }) => names.map((row) => [row.id, row.name])));
    const found = this.chunks.flatMap(({ names }) => names.filter(({ isTensor }) => isTensor));
    return found.map(({ id }) => rows.get(id) ?? "?");
  }

  sitesOf(file: string): readonly FileSiteRow[] {
    return this.tables.find((table) => table.file.endsWith(file))?.sites ?? [];
  }

  /** Resolves once the program has printed this. */
  async printed(text: string): Promise<void> {
    while (!this.stdout.includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  #text(stream: ConsoleText["stream"]): string {
    return this.console
      .filter((output) => output.stream === stream)
      .map(({ text }) => text)
      .join("");
  }

  #placeOf(site: number): string {
    for (const { file, sites } of this.tables) {
      const row = sites.find(({ id }) => id === site);
      if (row) return `${path.basename(file)}:${row.line}:${row.column}`;
    }
    return `site ${site}`;
  }
}

export type Finished = Observed & { readonly outcome: RunOutcome };

/** Starts a program made of these files; the first one is run. */
export function startProgram(
  runner: Runner,
  files: Readonly<Record<string, string>>,
  request: Partial<RunRequest> = {},
): Observed & { readonly project: Project } {
  const project = new Project(files);
  const [entry = "main.ts"] = Object.keys(files);
  const observed = new Observed(runner.start({ file: project.path(entry), ...request }));
  void observed.run.done.then(() => project.dispose());
  return Object.assign(observed, { project });
}

/** Runs a program to its end. */
export async function runProgram(
  runner: Runner,
  files: Readonly<Record<string, string>>,
  request: Partial<RunRequest> = {},
): Promise<Finished> {
  const observed = startProgram(runner, files, request);
  const outcome = await observed.run.done;
  return Object.assign(observed, { outcome });
}

/** Whether a process runs; one that has ended and was not fetched by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${pid}/stat`;
  return !existsSync(file) || !/\) Z /.test(readFileSync(file, "utf8"));
}

/** Resolves when a condition holds, and fails when that takes too long. */
export async function until(condition: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition());
}
