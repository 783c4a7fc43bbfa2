import Module, { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import timers from "node:timers";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import type { MessagePort } from "node:worker_threads";
import type { DebugLine } from "../../../engine/recording/debugging/debugContract.ts";
import { PackageScopes } from "../compile/packageScope.ts";
import { ConsoleValve } from "../consoleValve.ts";
import type { UserError } from "../outcome.ts";
import { attention, control, type FromWorker, type RunNote, type RunSpec, type WorkerEnding } from "../protocol.ts";
import type { RecorderModule, RunRecorder } from "../recorderContract.ts";
import { installSiteHooks } from "../siteHooks.ts";
import type { Ask, Report } from "./askBroker.ts";
import { ChunkSender } from "./chunkSender.ts";
import { redirectConsole } from "./consoleStreams.ts";
import type { EngineNames } from "./engineNames.ts";
import { withAdvice } from "./faultAdvice.ts";
import { GarbageWatch } from "./garbageWatch.ts";
import { ImportGraph } from "./importGraph.ts";
import { LoadedFiles } from "./loadedFiles.ts";
import { installLoader } from "./loaderHooks.ts";
import { compileProblemsOf, placeOf } from "./locatedErrors.ts";
import { pretendMainThread } from "./mainThread.ts";
import { endWhenQuiet, IntervalWatch } from "./quietEnd.ts";
import { StackFrames } from "./stackFrames.ts";
import { describeThrown } from "./thrown.ts";

// Taken before the user's program runs, which may replace them.
const exit = process.exit.bind(process);
const { load, compareExchange } = Atomics;
const { setInterval } = timers;

/** How often a program that lets its event loop turn sends what it recorded and printed. */
const flushMs = 50;

/** What a worker has ready before it knows which program it will run. */
export interface WorkerParts {
  readonly events: MessagePort;
  readonly ask: Ask;
  readonly report: Report;
  readonly flags: Int32Array;
  readonly recorderModule: RecorderModule;
  readonly engineUrl: string;
  readonly engineNames: EngineNames;
  /** Folders of the engine and the runner, each with a separator at its end. */
  readonly ownFolders: readonly string[];
  /** Whether a file is the runner's, whose frames say nothing to the user. */
  readonly isRunner: (file: string) => boolean;
}

/** The user's program in the worker's thread, from its first line to its last message. */
export class ProgramRun {
  readonly #spec: RunSpec;
  readonly #parts: WorkerParts;
  readonly #valve: ConsoleValve;
  readonly #files: LoadedFiles;
  readonly #frames: StackFrames;
  readonly #recorder: RunRecorder;
  readonly #garbage: GarbageWatch;
  readonly #graph = new ImportGraph();
  readonly #intervals = new IntervalWatch();
  #hasEnded = false;
  #mainIsDone = false;
  #isIdle = false;

  constructor(spec: RunSpec, parts: WorkerParts) {
    this.#spec = spec;
    this.#parts = parts;
    this.#valve = new ConsoleValve((output) => this.#post({ kind: "console", output }));
    const sender = new ChunkSender(parts.events, parts.flags);
    const host = {
      send: (chunk: unknown, transfer: readonly ArrayBuffer[]) => sender.send(chunk, transfer),
      tick: () => {
        if (parts.flags[control.attention] !== attention.none) this.#onAttention();
      },
      isProxy: types.isProxy,
      debugLine: spec.debug ? this.#debugLine() : undefined,
    };
    this.#recorder = parts.recorderModule.startRecording(host, spec.recorder);
    this.#garbage = new GarbageWatch((kind, start, end) => this.#recorder.collected(kind, start, end));
    this.#files = new LoadedFiles(spec.file, parts.ask, ({ file, names }) => this.#recorder.addNames(file, names));
    this.#frames = new StackFrames({
      ask: parts.ask,
      isCompiled: (file) => this.#files.has(file),
      isOwn: (file) => isBelow(file, parts.ownFolders),
      isRunner: parts.isRunner,
    });
  }

  /** Prepares the thread's globals and starts the user's file. */
  start(): void {
    this.#prepareProcess();
    installSiteHooks(
      {
        site: this.#recorder.site,
        nameValue: (id, value) => this.#recorder.nameValue(id, value),
        onAttention: () => this.#onAttention(),
      },
      this.#parts.flags,
      control.attention,
      globalThis,
    );
    installLoader({
      files: this.#files,
      graph: this.#graph,
      scopes: new PackageScopes(),
      ask: this.#parts.ask,
      tell: (note) => this.#tell(note),
      engineUrl: this.#parts.engineUrl,
      ownFolders: this.#parts.ownFolders,
    });
    this.#intervals.install();
    pretendMainThread();
    // `import { setInterval } from "node:timers"` sees what was replaced, too.
    syncBuiltinESMExports();
    this.#frames.install();
    void this.#runMain();
  }

  #debugLine(): DebugLine {
    const { flags, report } = this.#parts;
    return {
      isWanted: () => flags[control.attention] === attention.report,
      exchange: (said) => {
        compareExchange(flags, control.attention, attention.report, attention.none);
        this.#valve.flush();
        const command = report(said);
        if (command.kind === "stop") this.stop();
        return command;
      },
      stack: () => this.#describe(new Error()).stack,
    };
  }

  /** Ends the program from outside, while its event loop turns. */
  stop(): void {
    this.#end({ kind: "stopped" });
    exit(0);
  }

  #prepareProcess(): void {
    process.argv = [process.execPath, this.#files.entry, ...this.#spec.args];
    Object.assign(process.env, this.#spec.env);
    redirectConsole((stream, text) => {
      this.#valve.write(stream, text);
      if (this.#hasEnded) this.#valve.flush(true);
    });
    process.on("beforeExit", () => {
      this.#isIdle = true;
    });
    process.on("exit", (code) => this.#onExit(code));
    process.on("uncaughtException", (error) => {
      if (process.listenerCount("uncaughtException") === 1) this.#fail(error, "uncaught");
    });
    process.on("unhandledRejection", (reason) => {
      if (process.listenerCount("unhandledRejection") === 1) this.#fail(reason, "rejection");
    });
    setInterval(() => {
      this.#recorder.listen();
      this.#flush();
    }, flushMs).unref();
  }

  async #runMain(): Promise<void> {
    try {
      const entry = this.#files.prepareEntry();
      this.#post({ kind: "started" });
      if (entry.format === "commonjs") runAsMain(entry.file);
      else await import(pathToFileURL(entry.file).href);
    } catch (error) {
      this.#fail(error, "main");
    }
    this.#mainIsDone = true;
    endWhenQuiet({
      intervals: this.#intervals,
      quietMs: this.#spec.quietMs,
      wasActive: () => this.#wasActive(),
      onQuiet: (count) => this.#endQuietly(count),
    });
  }

  /** A call in the user's code leaves its number behind. */
  #wasActive(): boolean {
    const { site } = this.#recorder;
    const wasActive = site.current !== 0;
    site.current = 0;
    return wasActive;
  }

  #endQuietly(count: number): void {
    this.#tell({ kind: "timers-left", count, quietMs: this.#spec.quietMs });
    exit();
  }

  #onAttention(): void {
    const { flags } = this.#parts;
    if (load(flags, control.attention) === attention.stop) this.stop();
    compareExchange(flags, control.attention, attention.flush, attention.none);
    this.#recorder.listen();
    this.#flush();
  }

  #flush(): void {
    this.#guardRecorder(() => this.#recorder.flush());
    this.#valve.flush();
  }

  #onExit(code: number): void {
    if (this.#isIdle && !this.#mainIsDone) this.#end(unsettled(this.#recorder.site.current));
    else if (code !== 0 || (!this.#isIdle && !this.#mainIsDone)) {
      this.#end({ kind: "exited", code, ...this.#placeOfExit() });
    } else this.#end({ kind: "ok" });
  }

  /** Node tells of the exit from inside `process.exit`, so whoever called that is on the stack. */
  #placeOfExit(): { file: string | null; line: number | null } {
    const { file, line } = this.#describe(new Error());
    return { file, line };
  }

  #fail(thrown: unknown, origin: "main" | "uncaught" | "rejection"): void {
    const site = this.#recorder.site.current;
    const problems = compileProblemsOf(thrown);
    if (problems) this.#end({ kind: "compile-error", problems });
    else
      this.#end({
        kind: "error",
        error: withAdvice(this.#describe(thrown), this.#graph, this.#parts.engineNames),
        origin,
        site,
      });
    exit(1);
  }

  #describe(thrown: unknown): UserError {
    return describeThrown(thrown, {
      framesOf: (error) => this.#frames.framesOf(error),
      placeOf,
      isCompiled: (file) => this.#files.has(file),
      originalPlace: (file, line, column) => {
        const answer = this.#parts.ask({ kind: "places", places: [{ file, line, column }] });
        return (answer.kind === "places" && answer.places[0]) || null;
      },
    });
  }

  #end(ending: WorkerEnding): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#post({ kind: "finishing" });
    this.#guardRecorder(() => {
      this.#garbage.flush();
      this.#recorder.finish();
    });
    this.#valve.flush(true);
    const leavesProcesses = hasProcesses();
    this.#post({ kind: "ended", ending, console: this.#valve.totals, leavesProcesses });
  }

  #guardRecorder(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#tell({
        kind: "recorder-failed",
        text: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      });
    }
  }

  #tell(note: RunNote): void {
    this.#post({ kind: "note", note });
  }

  #post(message: FromWorker): void {
    this.#parts.events.postMessage(message);
  }
}

function isBelow(file: string, folders: readonly string[]): boolean {
  for (let i = 0; i < folders.length; i++) if (file.startsWith(folders[i] ?? "\0")) return true;
  return false;
}

function hasProcesses(): boolean {
  const resources = process.getActiveResourcesInfo();
  for (let i = 0; i < resources.length; i++) if (resources[i] === "ProcessWrap") return true;
  return false;
}

interface ModuleLoader {
  _load(request: string, parent: null, isMain: boolean): unknown;
}

/** Node's own way to run a program in CommonJS, which makes `require.main === module` true in it. */
function runAsMain(file: string): void {
  (Module as unknown as ModuleLoader)._load(path.resolve(file), null, true);
}

function unsettled(site: number): WorkerEnding {
  const message =
    "The program waits for ever: an await at the top level waits for a promise that nothing is left to settle.";
  const error = { name: "UnsettledAwait", message, file: null, line: null, column: null, stack: [], cause: null };
  return { kind: "error", error, origin: "main", site };
}
