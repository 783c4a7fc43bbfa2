import os from "node:os";
import path from "node:path";
import { Child, type ChildOptions } from "./childProcess.ts";
import { endingOfDeath } from "./crash.ts";
import { withLargeDrive } from "./drivePath.ts";
import type { RunEnding } from "./outcome.ts";
import type { FromBroker, RunLimits, ToBroker } from "./protocol.ts";
import { Run } from "./run.ts";

export type { RunOutcome } from "./outcome.ts";
export type { Run } from "./run.ts";

/** Where the parts of the runner are. All paths are absolute. */
export interface RunnerOptions {
  /** `broker.ts` or its bundle: what the child runs. */
  readonly brokerPath: string;
  /** `worker.ts` or its bundle: what the child's thread runs. */
  readonly workerPath: string;
  /** What `import … from "gradlens"` is. */
  readonly enginePath: string;
  /** The module that records, see `recorderContract.ts`. */
  readonly recorderPath: string;
  /** The esbuild program; without it the esbuild package finds its own. */
  readonly esbuildPath?: string;
  /** The Node that runs the child; by default the one that runs this. */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
  /** What the user's program finds in `process.env`, before it is cleaned; by default ours. */
  readonly environment?: NodeJS.ProcessEnv;
  /**
   * Attaches a debugger for JavaScript: called with the address when a child is started, which does nothing before
   * somebody has attached one and let it go on.
   */
  readonly onInspector?: (url: string) => void;
  /** Limits of runs that do not set their own. */
  readonly limits?: Partial<RunLimits>;
}

/** What to run, and how. */
export interface RunRequest {
  readonly file: string;
  /** By default the file's folder. */
  readonly cwd?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<RunLimits>;
  /** Handed to the recorder unread. */
  readonly recorder?: unknown;
  /** What to do while another run goes on: wait for it, or end it. */
  readonly whenBusy?: "wait" | "replace";
  /** How long intervals that do nothing may keep a finished program alive. */
  readonly quietMs?: number;
  /** Whether the caller listens to reports, and answers each. */
  readonly debug?: boolean;
}

const stopMs = 800;
const defaultQuietMs = 2000;
/** A child that keeps more than these after a run, in MB, is replaced, for the next one's sake: a fresh one takes about 100. */
const retireAboveMb = { least: 160, most: 768 };

/** Starts user programs in a child process that it keeps warm, one at a time. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #queue: Run[] = [];
  #child: Child | null = null;
  /** What the child held after its last run. */
  #heldBytes = 0;
  #active: Run | null = null;
  #stopping: Extract<RunEnding, { kind: "stopped" }> | null = null;
  #killTimer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #isDisposed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Gets a child ready before it is needed; nothing happens once this runner has been disposed. */
  warm(): Promise<void> {
    return this.#isDisposed ? Promise.resolve() : this.#useChild().ready;
  }

  /** The child's process id, for those who watch it. */
  get childPid(): number | undefined {
    return this.#child?.pid;
  }

  start(request: RunRequest): Run {
    if (this.#isDisposed) throw new Error("This runner has been disposed.");
    const run = new Run(this.#specOf(request), {
      stop: (asked) => this.#stop(asked, "asked"),
      answer: (asked, command) => this.#tell(asked, { kind: "debug", runId: asked.spec.runId, command }),
      attend: (asked) => this.#tell(asked, { kind: "attend", runId: asked.spec.runId }),
    });
    if (request.whenBusy === "replace") {
      for (const waiting of this.#queue.splice(0)) waiting.end({ kind: "stopped", reason: "replaced" });
      if (this.#active) this.#stop(this.#active, "replaced");
    }
    this.#queue.push(run);
    this.#startNext();
    return run;
  }

  /** Ends everything. */
  dispose(): void {
    this.#isDisposed = true;
    for (const waiting of this.#queue.splice(0)) waiting.end({ kind: "stopped", reason: "disposed" });
    this.#endActive({ kind: "stopped", reason: "disposed" });
    this.#dropChild();
  }

  #specOf(request: RunRequest) {
    const limits = { ...defaultLimits(), ...this.#options.limits, ...request.limits };
    const file = withLargeDrive(path.resolve(request.file));
    return {
      runId: this.#nextId++,
      file,
      cwd: request.cwd ?? path.dirname(file),
      args: request.args ?? [],
      env: request.env ?? {},
      limits,
      quietMs: request.quietMs ?? defaultQuietMs,
      recorder: request.recorder,
      debug: request.debug ?? false,
    };
  }

  #startNext(): void {
    if (this.#active) return;
    const run = this.#queue.shift();
    if (!run) return;
    this.#active = run;
    this.#stopping = null;
    run.begin();
    if (this.#heldBytes > retireAboveBytes(run.spec.limits)) this.#dropChild();
    this.#useChild().send({ kind: "run", run: run.spec });
  }

  #stop(run: Run, reason: "asked" | "replaced"): void {
    const waiting = this.#queue.indexOf(run);
    if (waiting !== -1) {
      this.#queue.splice(waiting, 1);
      run.end({ kind: "stopped", reason });
      return;
    }
    if (run !== this.#active || this.#stopping) return;
    this.#stopping = { kind: "stopped", reason };
    this.#child?.send({ kind: "stop", runId: run.spec.runId });
    this.#killTimer = setTimeout(() => this.#child?.kill(null), stopMs);
  }

  #tell(run: Run, message: ToBroker): void {
    if (run === this.#active) this.#child?.send(message);
  }

  #useChild(): Child {
    if (this.#child?.isAlive) return this.#child;
    const child: Child = new Child(childOptions(this.#options), {
      onMessage: (message) => {
        if (child === this.#child) this.#receive(message);
      },
      onText: (stream, text) => {
        if (child === this.#child) this.#active?.receiveText(stream, text);
      },
      onInspector: (url) => this.#options.onInspector?.(url),
      onDeath: (death) => {
        if (child !== this.#child) return;
        this.#child = null;
        this.#endActive(this.#stopping ?? endingOfDeath(death, this.#active?.spec.limits.memoryMb ?? 0));
      },
    });
    this.#child = child;
    this.#heldBytes = 0;
    return child;
  }

  #receive(message: Exclude<FromBroker, { kind: "inspector" }>): void {
    if (message.kind === "ready" || message.kind === "heartbeat" || message.runId !== this.#active?.spec.runId) return;
    if (message.kind !== "ended") {
      this.#active.receive(message);
      return;
    }
    const { ending, console } = message;
    this.#heldBytes = message.rssBytes;
    if (message.broken || this.#heldBytes > retireAboveBytes(this.#active.spec.limits)) this.#dropChild();
    this.#endActive(ending.kind === "stopped" && this.#stopping ? this.#stopping : ending, console);
    if (!this.#isDisposed) this.#useChild();
  }

  #endActive(ending: RunEnding, totals?: { bytes: number; droppedBytes: number }): void {
    clearTimeout(this.#killTimer);
    const run = this.#active;
    this.#active = null;
    this.#stopping = null;
    run?.end(ending, totals);
    if (!this.#isDisposed) this.#startNext();
  }

  #dropChild(): void {
    const child = this.#child;
    this.#child = null;
    child?.kill(null);
  }
}

/** What earlier runs left counts against the limit of the next one, so most of that has to be free. */
function retireAboveBytes({ memoryMb }: RunLimits): number {
  const { least, most } = retireAboveMb;
  const half = memoryMb > 0 ? memoryMb / 2 : most;
  return Math.min(most, Math.max(least, half)) * 2 ** 20;
}

function childOptions(options: RunnerOptions): ChildOptions {
  const { brokerPath, workerPath, enginePath, recorderPath } = options;
  const esbuildPath = options.esbuildPath ?? null;
  const { memoryMb } = { ...defaultLimits(), ...options.limits };
  return {
    execPath: options.execPath ?? process.execPath,
    execArgv: options.execArgv ?? ["--disable-warning=ExperimentalWarning"],
    brokerPath,
    environment: options.environment ?? process.env,
    isInspected: options.onInspector !== undefined,
    broker: { workerPath, enginePath, recorderPath, esbuildPath, memoryMb },
  };
}

/** No time limit; a memory limit that leaves the machine usable. */
function defaultLimits(): RunLimits {
  return { timeoutMs: 0, memoryMb: Math.min(4096, Math.round((os.totalmem() * 0.6) / 2 ** 20)) };
}
