import { access, constants, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { decodeRecording, encodeRecording, mostFileBytes, RecordingFileError } from "../../engine/recording/file.ts";
import type { RecordOptions } from "../../engine/recording/recorderContract.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { describeNote } from "../runner/describeNote.ts";
import {
  type CompileProblem,
  describeEnding,
  describeKeptEnding,
  longestTimeoutMs,
  type RunOutcome,
} from "../runner/outcome.ts";
import type { RunLimits } from "../runner/protocol.ts";
import { recordRun } from "../runner/recordRun.ts";
import { Runner, type RunnerOptions } from "../runner/runner.ts";
import { type CommonOptions, UsageError } from "./arguments.ts";
import { RunPulse } from "./runPulse.ts";
import { harmless, type Terminal } from "./terminal.ts";

/** What is left of a run, just finished or kept in a file. */
export interface Executed {
  readonly recording: Recording;
  /** Why it did not run to its end, as a word and as a sentence; null when it did. */
  readonly failure: { readonly kind: string; readonly text: string } | null;
  /** Everything that did not compile. */
  readonly problems: readonly CompileProblem[];
  /** What else a person should know, such as that the recording is not whole. */
  readonly notes: readonly string[];
}

/** What happens to the program's own output while it runs. */
export type Output = "pass on" | "keep";

const progressMs = 200;

/** Lends a runner to some work; `home` is the folder of the program's first file. */
export async function withRunner<Result>(home: string, work: (runner: Runner) => Promise<Result>): Promise<Result> {
  const runner = new Runner(runnerOptions(home));
  try {
    return await work(runner);
  } finally {
    runner.dispose();
  }
}

/** Runs a model file to its end with one line of progress and keeps the recording where asked to; a recording is only read. */
export async function execute(
  file: string,
  options: CommonOptions,
  terminal: Terminal,
  runner: Runner,
  output: Output,
  recorder?: RecordOptions,
): Promise<Executed> {
  await expectFile(file);
  if (options.save !== null) await expectWritable(options.save);
  const executed = file.endsWith(".gradlens")
    ? await open(file)
    : await run(file, options, terminal, runner, output, recorder);
  if (options.save !== null) await save(executed.recording, options.save);
  return executed;
}

async function run(
  file: string,
  options: CommonOptions,
  terminal: Terminal,
  runner: Runner,
  output: Output,
  recorder: RecordOptions | undefined,
): Promise<Executed> {
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    terminal.complain(harmless(text));
  };
  if (options.timeoutMs > longestTimeoutMs)
    note(`--timeout ${options.timeoutMs / 1000} is longer than a timer can be: the run is stopped after 24 days.`);
  const { run, recording, done } = recordRun(runner, { file, cwd: process.cwd(), limits: limitsOf(options), recorder });
  const pulse = new RunPulse(path.basename(file), recording);
  const ticking = setInterval(() => terminal.progress(pulse.text()), progressMs);
  const interrupt = (): void => void run.stop();
  process.once("SIGINT", interrupt);
  if (output === "pass on") run.onConsole(({ stream, text }) => terminal.passOn(stream, text));
  run.onNote((told) => {
    // A circle of imports is an alert as well.
    if (told.kind !== "import-cycle") note(describeNote(told));
  });
  try {
    return { ...finished(recording, await done), notes };
  } finally {
    clearInterval(ticking);
    process.off("SIGINT", interrupt);
    terminal.clearProgress();
  }
}

/** When a run is ended from outside. */
export function limitsOf({ timeoutMs, memoryMb }: CommonOptions): Partial<RunLimits> {
  return { timeoutMs: Math.min(timeoutMs, longestTimeoutMs), ...(memoryMb === null ? {} : { memoryMb }) };
}

function finished(recording: Recording, outcome: RunOutcome): Omit<Executed, "notes"> {
  return {
    recording,
    failure: outcome.kind === "ok" ? null : { kind: outcome.kind, text: describeEnding(outcome) },
    problems: outcome.kind === "compile-error" ? [outcome, ...outcome.others] : [],
  };
}

async function open(file: string): Promise<Executed> {
  try {
    if ((await stat(file)).size > mostFileBytes)
      throw new RecordingFileError("The recording is too large to be opened: it has more than 1 GB.");
    const recording = decodeRecording(await readFile(file));
    const { meta } = recording;
    const failure = meta.outcome === "ok" ? null : { kind: meta.outcome, text: describeKeptEnding(meta) };
    return { recording, failure, problems: [], notes: [] };
  } catch (error) {
    if (!(error instanceof RecordingFileError)) throw error;
    throw new UsageError(`${file}: ${error.message}`);
  }
}

async function save(recording: Recording, file: string): Promise<void> {
  await writeOutput(file, encodeRecording(recording));
}

/** Writes a file that the command line names. */
export async function writeOutput(file: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw new UsageError(`${file} can't be written: ${error instanceof Error ? error.message : error}`);
  }
}

/** Refuses a place that no file can be written to, before a run that may take long. Throws UsageError. */
async function expectWritable(file: string): Promise<void> {
  const known = await stat(file).catch(() => null);
  const isPlace = known === null ? await canWrite(path.dirname(file)) : known.isFile() && (await canWrite(file));
  if (!isPlace) throw new UsageError(`${file} can't be written: name a file in a folder that is there.`);
}

const canWrite = (place: string): Promise<boolean> =>
  access(place, constants.W_OK).then(
    () => true,
    () => false,
  );

/** Refuses what is no file. Throws UsageError. */
export async function expectFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null) throw new UsageError(`There is no file ${file}.`);
  if (found.isDirectory()) throw new UsageError(`${file} is a folder. Name the model file in it.`);
}

/** The parts of the runner lie beside this program, as bundles or, in a checkout, as sources. */
function runnerOptions(home: string): RunnerOptions {
  const bundled = path.basename(home) === "dist";
  const at = (bundle: string, source: string): string =>
    bundled ? path.join(home, bundle) : path.join(home, "..", "..", source);
  return {
    brokerPath: at("broker.js", "extension/runner/broker.ts"),
    workerPath: at("worker.js", "extension/runner/worker.ts"),
    enginePath: at("engine.js", "engine/index.ts"),
    recorderPath: at("recorder.js", "engine/recording/runRecorder.ts"),
  };
}

/** Paths as people write them: relative to the working folder where they lie in it. */
export function relativePath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  const isInside = relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  return isInside ? relative.replaceAll("\\", "/") : file;
}
