import type {
  DebugCommand,
  DebugReport,
  LiveEdit,
  LiveFrame,
  StopTable,
} from "../../../engine/recording/debugging/debugContract.ts";
import type { Recording } from "../../../engine/recording/recording.ts";
import type { RunOutcome } from "../../runner/outcome.ts";
import type { ConsoleText, FileTable, RunNote } from "../../runner/protocol.ts";
import { recordRun } from "../../runner/recordRun.ts";
import type { Run, Runner, RunRequest } from "../../runner/runner.ts";

/** What a program says while it goes on. */
export interface ProgramListener {
  onConsole(output: ConsoleText): void;
  onNote(note: RunNote): void;
  onFile(table: FileTable): void;
}

/** A report at which the program stands still. */
export type Standing = Extract<DebugReport, { kind: "loaded" | "event" | "asked" }>;

/** A program that runs until the debugger wants to look, and stands still then. */
export class LiveProgram {
  readonly recording: Recording;
  /** Resolves when the recording is complete; never rejects. */
  readonly done: Promise<RunOutcome>;
  /** Resolves when the program's file is compiled and its calls are known, or when that can't be. */
  readonly loaded: Promise<void>;
  readonly #run: Run;
  #outcome: RunOutcome | null = null;
  #isStanding = false;
  /** The report that nobody has waited for yet. */
  #early: Standing | null = null;
  #waiting: ((report: Standing | null) => void) | null = null;
  #answer: ((report: DebugReport | null) => void) | null = null;
  #asked: Promise<unknown> = Promise.resolve();

  constructor(runner: Runner, request: RunRequest, listener: ProgramListener) {
    const { run, recording, done } = recordRun(runner, { ...request, debug: true });
    this.recording = recording;
    this.#run = run;
    run.onConsole((output) => listener.onConsole(output));
    run.onNote((note) => listener.onNote(note));
    run.onFile((table) => listener.onFile(table));
    this.loaded = new Promise((resolve) => {
      run.onReport((report) => {
        this.#receive(report);
        resolve();
      });
      void done.then(() => resolve());
    });
    this.done = done.then((outcome) => {
      this.#outcome = outcome;
      this.#isStanding = false;
      this.#waiting?.(null);
      this.#answer?.(null);
      return outcome;
    });
  }

  /** How it ended; null while it has not. */
  get outcome(): RunOutcome | null {
    return this.#outcome;
  }

  get isStanding(): boolean {
    return this.#isStanding;
  }

  /** The next report; null when the program ends instead. */
  next(): Promise<Standing | null> {
    const early = this.#early;
    this.#early = null;
    if (early !== null) return Promise.resolve(early);
    if (this.#outcome !== null) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = (report) => {
        this.#waiting = null;
        resolve(report);
      };
    });
  }

  /** Lets it run on until it finds something in the table. */
  go(table: StopTable): Promise<Standing | null> {
    if (this.#early !== null) return this.next();
    this.#isStanding = false;
    // While it serves a question it hears nothing else.
    void this.#asked.then(() => this.#run.answer({ kind: "go", table }));
    return this.next();
  }

  /** The user's frames where the program stands; null when it stands nowhere. */
  async stack(): Promise<readonly LiveFrame[] | null> {
    const report = await this.#ask({ kind: "stack" });
    return report?.kind === "stack" ? report.frames : null;
  }

  /** Writes to a live tensor; gives the row of what now is in its place, or why not. */
  async edit(edit: LiveEdit): Promise<{ readonly tensor: number; readonly problem: string | null }> {
    const report = await this.#ask({ kind: "edit", edit });
    if (report?.kind === "edited") return { tensor: report.tensor, problem: report.problem };
    return { tensor: edit.tensor, problem: "The program has ended, so nothing in it can be changed." };
  }

  /** Has all elements of a tensor recorded; tells whether they are. */
  async keepWhole(tensor: number): Promise<boolean> {
    const report = await this.#ask({ kind: "keep", tensor });
    return report?.kind === "kept" && report.isKept;
  }

  /** Makes it report as soon as it can. */
  attend(): void {
    if (!this.#isStanding) this.#run.attend();
  }

  /** Ends it within a second, whatever it does. */
  stop(): Promise<RunOutcome> {
    void this.#run.stop();
    return this.done;
  }

  /** One question after another: the program answers the one that it was asked last. */
  #ask(command: DebugCommand): Promise<DebugReport | null> {
    const answer = this.#asked.then(() => this.#exchange(command));
    this.#asked = answer;
    return answer;
  }

  #exchange(command: DebugCommand): Promise<DebugReport | null> {
    if (!this.#isStanding) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#answer = (report) => {
        this.#answer = null;
        resolve(report);
      };
      this.#run.answer(command);
    });
  }

  #receive(report: DebugReport): void {
    if (report.kind === "stack" || report.kind === "edited" || report.kind === "kept") {
      this.#answer?.(report);
      return;
    }
    this.#isStanding = true;
    if (this.#waiting) this.#waiting(report);
    else this.#early = report;
  }
}
