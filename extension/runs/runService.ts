import type { FileMove } from "../../engine/recording/moveFiles.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { Emitter } from "../emitter.ts";
import type { Results } from "../results/results.ts";
import { RunResult } from "../results/runResult.ts";
import type { ConsoleText, RunLimits, RunNote, RunProgress } from "../runner/protocol.ts";
import { type RecordedRun, recordRun } from "../runner/recordRun.ts";
import { Runner, type RunnerOptions } from "../runner/runner.ts";
import { SourceTexts } from "./sourceTexts.ts";

/** The run that is going on. */
export interface RunningRun {
  readonly file: string;
  readonly startedAt: number;
  /** What the runner told last; null in the beginning. */
  readonly progress: RunProgress | null;
  /** What has arrived of the recording. */
  readonly recording: Recording;
}

/** What the service needs to know before each run. */
export interface RunChoices {
  readonly runner: RunnerOptions;
  readonly limits: Partial<RunLimits>;
  /** Whether the run ends where its first NaN is born. */
  readonly stopAtNan?: boolean;
  readonly cwd: string | undefined;
}

/** Where faults of those who listen to runs are written. */
export interface FaultLog {
  error(fault: Error | string): void;
}

/** Runs models, one at a time, and hands on what they left. Knows nothing of VS Code. */
export class RunService {
  readonly #results: Results;
  readonly #choices: (file: string) => RunChoices;
  readonly #log: FaultLog;
  readonly #onFault = (error: unknown): void => this.#log.error(error instanceof Error ? error : String(error));
  readonly #changed = new Emitter<void>(this.#onFault);
  readonly #console = new Emitter<ConsoleText>(this.#onFault);
  readonly #notes = new Emitter<RunNote>(this.#onFault);
  readonly #started = new Emitter<string>(this.#onFault);
  readonly #ended = new Emitter<RunResult>(this.#onFault);
  #isDisposed = false;
  #runner: Runner | null = null;
  #runnerIs = "";
  #running: (RunningRun & { readonly recorded: RecordedRun }) | null = null;

  /** A run began, got further or ended. */
  readonly onDidChange = this.#changed.event;
  readonly onDidStart = this.#started.event;
  /** Comes after the result was added to the results. */
  readonly onDidEnd = this.#ended.event;
  readonly onConsole = this.#console.event;
  readonly onNote = this.#notes.event;

  constructor(results: Results, choices: (file: string) => RunChoices, log: FaultLog = console) {
    this.#log = log;
    this.#results = results;
    this.#choices = choices;
  }

  get running(): RunningRun | null {
    return this.#running;
  }

  /** Runs a model that is saved on disk, in place of one that is still running. Gives null when another run took its place. */
  async run(file: string): Promise<RunResult | null> {
    if (this.#isDisposed) return null;
    const { runner, limits, cwd, stopAtNan = false } = this.#choices(file);
    const recorded = recordRun(this.#runnerFor(runner), {
      file,
      limits,
      ...(stopAtNan ? { recorder: { stopAtNan } } : {}),
      whenBusy: "replace",
      ...(cwd === undefined ? {} : { cwd }),
    });
    const result = await this.#resultOf(recorded);
    if (result !== null) this.#ended.fire(result);
    return result;
  }

  /** Follows a run to its end and adds what it left. Whatever goes wrong on the way, the run counts as ended then. */
  async #resultOf(recorded: RecordedRun): Promise<RunResult | null> {
    try {
      const notes: RunNote[] = [];
      recorded.run.onNote((note) => notes.push(note));
      const texts = this.#follow(recorded);
      const outcome = await recorded.done;
      const result = new RunResult(recorded.recording, outcome, await texts.finish(), notes);
      if (outcome.kind === "stopped" && outcome.reason !== "asked") return null;
      await this.#results.prepare(result);
      if (this.#running?.recorded !== recorded) return null;
      return this.#results.add(result);
    } finally {
      this.#leave(recorded);
    }
  }

  /** Files were moved: the model that runs may be one of them. */
  move(move: FileMove): void {
    if (this.#running === null) return;
    this.#running = { ...this.#running, file: move(this.#running.file) };
    this.#changed.fire();
  }

  /** Ends the run that is going on, within a second. */
  async stop(): Promise<void> {
    await this.#running?.recorded.run.stop();
  }

  /** Gets a process ready, so that the first run need not wait for it. */
  warm(): void {
    // Asking for other settings' runner would end the one that is at work.
    if (this.#isDisposed || this.#running !== null) return;
    this.#runnerFor(this.#choices("").runner).warm().catch(this.#onFault);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#runner?.dispose();
    for (const emitter of [this.#changed, this.#console, this.#notes, this.#started, this.#ended]) emitter.dispose();
  }

  /** Passes on what happens in a run as long as it is the one that goes on. */
  #follow(recorded: RecordedRun): SourceTexts {
    const { run, recording } = recorded;
    const { file } = run.spec;
    const texts = new SourceTexts();
    texts.add(file);
    const isCurrent = (): boolean => this.#running?.recorded === recorded;
    run.onFile((table) => texts.add(table.file));
    run.onConsole((text) => isCurrent() && this.#console.fire(text));
    run.onNote((note) => isCurrent() && this.#notes.fire(note));
    run.onProgress((progress) => {
      if (!this.#running || !isCurrent()) return;
      this.#running = { ...this.#running, progress };
      this.#changed.fire();
    });
    this.#running = { file, startedAt: Date.now(), progress: null, recording, recorded };
    this.#started.fire(file);
    this.#changed.fire();
    return texts;
  }

  #leave(recorded: RecordedRun): void {
    if (this.#running?.recorded !== recorded) return;
    this.#running = null;
    this.#changed.fire();
  }

  /** The runner is kept as long as nothing about it changes: its warm process makes runs quick. */
  #runnerFor(options: RunnerOptions): Runner {
    const is = JSON.stringify(options);
    if (this.#runner === null || this.#runnerIs !== is) {
      this.#runner?.dispose();
      this.#runner = new Runner(options);
      this.#runnerIs = is;
    }
    return this.#runner;
  }
}
