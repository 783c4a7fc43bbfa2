import type { DebugCommand } from "../../../engine/recording/debugging/debugContract.ts";
import type { Compiler } from "../compile/compile.ts";
import { type CompileProblem, longestTimeoutMs, type RunEnding, type UserError } from "../outcome.ts";
import {
  type ConsoleTotals,
  control,
  type FromBroker,
  type FromWorker,
  kilobytes,
  type LoaderAnswer,
  type LoaderQuestion,
  type RunProgress,
  type RunSpec,
  type WorkerEnding,
} from "../protocol.ts";
import { RunFiles } from "./runFiles.ts";
import type { WorkerListener, WorkerSlot } from "./workerSlot.ts";

/** How long a worker may take to end when it is asked, and how long its thread may take when it is made to. */
const politeMs = 300;
const forcedMs = 250;
const pollMs = 50;
const progressMs = 250;

/** Why a run is ended from outside. */
type Interruption = Extract<RunEnding, { kind: "stopped" | "timeout" | "out-of-memory" }>;

/** What a run needs from the broker. */
export interface BrokerRunParts {
  readonly slot: WorkerSlot;
  readonly compiler: Compiler;
  /** Tells the parent; `written` is called when the message has left this process. */
  readonly tell: (message: FromBroker, written?: () => void) => void;
  /** The last call. A broken child is of no use any more. */
  readonly onEnd: (broken: boolean) => void;
}

/** One run as the broker sees it: passes on what the worker says, watches its limits, and ends it. */
export class BrokerRun implements WorkerListener {
  readonly #spec: RunSpec;
  readonly #parts: BrokerRunParts;
  readonly #files: RunFiles;
  readonly #startTime = performance.now();
  readonly #poll: NodeJS.Timeout;
  #timers: NodeJS.Timeout[] = [];
  #stage: RunProgress["stage"] = "starting";
  #chunks = 0;
  #progressTime = 0;
  #interruption: Interruption | null = null;
  #reported: WorkerEnding | null = null;
  #console: ConsoleTotals = { bytes: 0, droppedBytes: 0 };
  #leavesProcesses = true;
  #isReady = false;
  /** The program stands still until it is answered. */
  #isReporting = false;
  #isOver = false;

  constructor(spec: RunSpec, parts: BrokerRunParts) {
    this.#spec = spec;
    this.#parts = parts;
    const { runId } = spec;
    this.#files = new RunFiles(parts.compiler, {
      onTable: (table) => parts.tell({ kind: "file", runId, table }),
      onNote: (note) => parts.tell({ kind: "note", runId, note }),
    });
    this.#poll = setInterval(() => this.#watch(), pollMs);
  }

  start(): void {
    this.#tellProgress();
    this.#files.prefetch(this.#spec.file);
    const { timeoutMs } = this.#spec.limits;
    if (timeoutMs > 0) this.#later(timeoutMs, () => this.interrupt({ kind: "timeout", timeoutMs }));
    this.#parts.slot.begin(this.#spec, this);
  }

  /** Ends the run: by asking, then by ending the thread, then by giving up the process. */
  interrupt(why: Interruption): void {
    if (this.#interruption || this.#isOver) return;
    this.#interruption = why;
    // Memory goes on growing while a program is asked politely.
    const patience = why.kind === "out-of-memory" ? politeMs / 3 : politeMs;
    this.#parts.slot.askToStop();
    this.answer({ kind: "stop" });
    this.#later(patience, () => this.#parts.slot.terminate());
    this.#later(patience + forcedMs, () => this.#finish(why, true));
  }

  /** Lets a program that stands still hear what the debugger says. */
  answer(command: DebugCommand): void {
    if (!this.#isReporting) return;
    this.#isReporting = false;
    this.#parts.slot.answer(command);
  }

  /** Makes the program report to the debugger at its next call or event. */
  attend(): void {
    if (!this.#isReporting) this.#parts.slot.askToReport();
  }

  onMessage(message: FromWorker): void {
    if (this.#isOver) return;
    const { runId } = this.#spec;
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        return;
      case "started":
        this.#setStage("running");
        return;
      case "finishing":
        this.#setStage("finishing");
        return;
      case "chunk":
        this.#passChunk(message.chunk, message.bytes);
        return;
      case "console":
        this.#parts.tell({ kind: "console", runId, output: message.output });
        return;
      case "note":
        this.#parts.tell({ kind: "note", runId, note: message.note });
        return;
      case "debug":
        this.#isReporting = true;
        if (this.#interruption) this.answer({ kind: "stop" });
        else this.#parts.tell({ kind: "debug", runId, report: message.report });
        return;
      case "ended":
        this.#reported = message.ending;
        this.#leavesProcesses = message.leavesProcesses;
        this.#console = message.console;
        return;
      default:
      // The user's program can reach the port, and what it says there is nobody's business.
    }
  }

  onQuestion(question: LoaderQuestion): Promise<LoaderAnswer> {
    return this.#files.answer(question);
  }

  onExit(code: number, error: Error | null): void {
    // Programs that an interrupted program started end with the process.
    const broken = this.#interruption !== null && this.#leavesProcesses;
    this.#finish(this.#endingAfter(code, error), broken);
  }

  #passChunk(chunk: unknown, bytes: number): void {
    this.#chunks += 1;
    const { flags } = this.#parts.slot;
    this.#parts.tell({ kind: "chunk", runId: this.#spec.runId, chunk }, () => {
      Atomics.sub(flags, control.inFlightKb, kilobytes(bytes));
      Atomics.notify(flags, control.inFlightKb);
    });
  }

  #watch(): void {
    const { memoryMb } = this.#spec.limits;
    const usedMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
    if (memoryMb > 0 && usedMb > memoryMb) this.interrupt({ kind: "out-of-memory", limitMb: memoryMb, usedMb });
    this.#parts.slot.askToFlush();
    if (performance.now() - this.#progressTime >= progressMs) this.#tellProgress();
  }

  #setStage(stage: RunProgress["stage"]): void {
    this.#stage = stage;
    this.#tellProgress();
  }

  #tellProgress(): void {
    this.#progressTime = performance.now();
    const progress = {
      stage: this.#stage,
      elapsedMs: this.#progressTime - this.#startTime,
      files: this.#files.count,
      rssBytes: process.memoryUsage.rss(),
      chunks: this.#chunks,
    };
    this.#parts.tell({ kind: "progress", runId: this.#spec.runId, progress });
  }

  #endingAfter(code: number, error: Error | null): RunEnding {
    if (this.#interruption && this.#reported?.kind !== "ok") return this.#interruption;
    if (this.#reported) return this.#toEnding(this.#reported);
    if (!this.#isReady) return couldNotStart(code, error);
    if (error) return this.#endingOfError(error);
    return code === 0 ? { kind: "ok" } : { kind: "exited", code, file: null, line: null };
  }

  #toEnding(reported: WorkerEnding): RunEnding {
    switch (reported.kind) {
      case "ok":
        return reported;
      case "exited":
        return reported.code === 0 ? { kind: "ok" } : reported;
      case "stopped":
        return { kind: "stopped", reason: "asked" };
      case "error":
        return { kind: "error", error: this.#place(reported.error, reported.site), origin: reported.origin };
      case "compile-error":
        return toCompileError(reported.problems);
    }
  }

  /** What has no stack happened at or soon after the last call. */
  #place(error: UserError, site: number): UserError {
    if (error.file !== null) return error;
    const place = this.#files.placeOfSite(site);
    return place ? { ...error, ...place } : error;
  }

  /** The thread failed without a last word: no memory left, or the program removed the handlers that say it. */
  #endingOfError(error: Error): RunEnding {
    const code = "code" in error ? error.code : undefined;
    if (code === "ERR_WORKER_OUT_OF_MEMORY") {
      return { kind: "out-of-memory", limitMb: this.#spec.limits.memoryMb || null, usedMb: null };
    }
    const { name, message } = error instanceof Error ? error : { name: "NonError", message: String(error) };
    const place = { file: null, line: null, column: null, stack: [], cause: null };
    return { kind: "error", error: { name, message, ...place }, origin: "uncaught" };
  }

  #finish(ending: RunEnding, broken: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#poll);
    for (const timer of this.#timers) clearTimeout(timer);
    const { runId } = this.#spec;
    const rssBytes = process.memoryUsage.rss();
    this.#parts.tell({ kind: "ended", runId, ending, console: this.#console, broken, rssBytes });
    this.#parts.onEnd(broken);
  }

  #later(ms: number, work: () => void): void {
    this.#timers.push(setTimeout(work, Math.min(ms, longestTimeoutMs)));
  }
}

/** The engine or the recorder did not load; no user code ran. */
function couldNotStart(code: number, error: Error | null): RunEnding {
  const message = `The engine could not be started: ${error?.message ?? `its thread ended with code ${code}`}`;
  return { kind: "crashed", signal: null, code, message, stderr: error?.stack?.split("\n") ?? [] };
}

function toCompileError(problems: readonly CompileProblem[]): RunEnding {
  const [first, ...others] = problems;
  if (!first) return { kind: "exited", code: 1, file: null, line: null };
  return { kind: "compile-error", ...first, others };
}
