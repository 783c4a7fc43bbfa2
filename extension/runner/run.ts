import type { DebugCommand, DebugReport } from "../../engine/recording/debugging/debugContract.ts";
import { ConsoleValve } from "./consoleValve.ts";
import type { RunEnding, RunOutcome } from "./outcome.ts";
import type { ConsoleText, ConsoleTotals, FileTable, FromBroker, RunNote, RunProgress, RunSpec } from "./protocol.ts";

/** Ends a subscription. */
export type Unsubscribe = () => void;

class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Unsubscribe {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(value: T): void {
    for (const listener of this.#all) listener(value);
  }
}

/** How a run reaches its program. */
export interface RunControl {
  stop(run: Run): void;
  answer(run: Run, command: DebugCommand): void;
  attend(run: Run): void;
}

/** A run as its starter sees it. Listeners added right after `start` miss nothing. */
export class Run {
  readonly spec: RunSpec;
  /** Never rejects. */
  readonly done: Promise<RunOutcome>;
  readonly #chunks = new Listeners<unknown>();
  readonly #console = new Listeners<ConsoleText>();
  readonly #files = new Listeners<FileTable>();
  readonly #notes = new Listeners<RunNote>();
  readonly #progress = new Listeners<RunProgress>();
  readonly #reports = new Listeners<DebugReport>();
  readonly #rawText = new ConsoleValve((output) => this.#console.tell(output));
  readonly #control: RunControl;
  #startTime = performance.now();
  #resolve: (outcome: RunOutcome) => void = () => undefined;

  constructor(spec: RunSpec, control: RunControl) {
    this.spec = spec;
    this.#control = control;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** A part of the recording arrived, as the recorder sent it. */
  onChunk(listener: (chunk: unknown) => void): Unsubscribe {
    return this.#chunks.add(listener);
  }

  /** A file was compiled. Comes before any chunk that speaks of its sites and names. */
  onFile(listener: (table: FileTable) => void): Unsubscribe {
    return this.#files.add(listener);
  }

  onConsole(listener: (output: ConsoleText) => void): Unsubscribe {
    return this.#console.add(listener);
  }

  onNote(listener: (note: RunNote) => void): Unsubscribe {
    return this.#notes.add(listener);
  }

  onProgress(listener: (progress: RunProgress) => void): Unsubscribe {
    return this.#progress.add(listener);
  }

  /** Ends the run within a second, whatever it does. What it recorded until then has been sent. */
  stop(): Promise<RunOutcome> {
    this.#control.stop(this);
    return this.done;
  }

  /** Of a debugged run: the program stands still and has something to say. It goes on when it is answered. */
  onReport(listener: (report: DebugReport) => void): Unsubscribe {
    return this.#reports.add(listener);
  }

  /** Answers a report. */
  answer(command: DebugCommand): void {
    this.#control.answer(this, command);
  }

  /** Makes the program report as soon as it can. */
  attend(): void {
    this.#control.attend(this);
  }

  /** For the runner: the run has left the queue. */
  begin(): void {
    this.#startTime = performance.now();
  }

  /** For the runner: passes on what the child says about this run. */
  receive(message: Exclude<FromBroker, { kind: "ready" | "heartbeat" | "ended" }>): void {
    switch (message.kind) {
      case "chunk":
        this.#chunks.tell(message.chunk);
        return;
      case "file":
        this.#files.tell(message.table);
        return;
      case "console":
        this.#console.tell(message.output);
        return;
      case "note":
        this.#notes.tell(message.note);
        return;
      case "debug":
        this.#reports.tell(message.report);
        return;
      case "progress":
        this.#rawText.flush();
        this.#progress.tell(message.progress);
        return;
    }
  }

  /** For the runner: text that went around the console. */
  receiveText(stream: ConsoleText["stream"], text: string): void {
    this.#rawText.write(stream, text);
  }

  /** For the runner: the run is over. */
  end(ending: RunEnding, totals: ConsoleTotals = { bytes: 0, droppedBytes: 0 }): void {
    this.#rawText.flush(true);
    const raw = this.#rawText.totals;
    const bytes = totals.bytes + raw.bytes;
    const droppedBytes = totals.droppedBytes + raw.droppedBytes;
    const durationMs = performance.now() - this.#startTime;
    this.#resolve({ ...ending, durationMs, console: { bytes, droppedBytes } });
  }
}
