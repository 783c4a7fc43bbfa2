import type { MessagePort } from "node:worker_threads";
import type { DebugCommand, DebugReport } from "../../engine/recording/debugging/debugContract.ts";
import type { NameRow, SiteRow } from "../../engine/recording/schema.ts";
import type { CompileProblem, RunEnding, UserError } from "./outcome.ts";

/**
 * What the extension host, the child process (broker) and its worker thread say to each other. Everything here can be
 * structured-cloned. A broker of another version is refused at its first message.
 */
export const protocolVersion = 2;

/** When a run is ended from outside. 0 means no limit. */
export interface RunLimits {
  readonly timeoutMs: number;
  /** Counts everything the child holds, typed arrays too. */
  readonly memoryMb: number;
}

/** One run, as the broker is told about it. */
export interface RunSpec {
  readonly runId: number;
  /** Absolute path of the user's file. */
  readonly file: string;
  readonly cwd: string;
  /** `process.argv` after the file. */
  readonly args: readonly string[];
  /** Added to the child's environment for this run alone. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: RunLimits;
  /** How long intervals that do nothing may keep a finished program alive. */
  readonly quietMs: number;
  /** Handed to the recorder unread. */
  readonly recorder: unknown;
  /** Whether a debugger listens, and the program stands still when it wants to. */
  readonly debug: boolean;
}

/** A call expression, as the one file is told of that it stands in. */
export type FileSiteRow = Omit<SiteRow, "file">;

/** A place where a value gets a name, as the one file is told of that it stands in. */
export type FileNameRow = Omit<NameRow, "file">;

/** The numbers that one compiled file brought into the run. Sent before any of its code runs. */
export interface FileTable {
  readonly file: string;
  readonly sites: readonly FileSiteRow[];
  readonly names: readonly FileNameRow[];
}

/** Something a person should know about the run that is not how it ended. */
export type RunNote =
  /** The first file stands again at the end. */
  | { readonly kind: "import-cycle"; readonly files: readonly string[]; readonly line: number | null }
  | { readonly kind: "timers-left"; readonly count: number; readonly quietMs: number }
  | { readonly kind: "compile-warning"; readonly problem: CompileProblem }
  | { readonly kind: "bad-tsconfig"; readonly file: string; readonly text: string }
  | { readonly kind: "not-instrumented"; readonly file: string; readonly text: string }
  /** The recording is not whole. */
  | { readonly kind: "recorder-failed"; readonly text: string };

/** Where a run stands. */
export interface RunProgress {
  readonly stage: "starting" | "running" | "finishing";
  readonly elapsedMs: number;
  readonly files: number;
  readonly rssBytes: number;
  readonly chunks: number;
}

/** What the program printed; `droppedBytes` were left out just before `text`, which says so itself. */
export interface ConsoleText {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly droppedBytes: number;
}

/** How much the program printed in all. */
export interface ConsoleTotals {
  readonly bytes: number;
  readonly droppedBytes: number;
}

/** What the child is started with, as its only argument. */
export interface BrokerOptions {
  readonly workerPath: string;
  /** What `import … from "gradlens"` is. */
  readonly enginePath: string;
  /** The module that records, see `recorderContract.ts`. */
  readonly recorderPath: string;
  /** The esbuild program; null lets the package find its own. */
  readonly esbuildPath: string | null;
  /** Memory limit of the worker that waits for the first run. */
  readonly memoryMb: number;
}

export type ToBroker =
  | { readonly kind: "run"; readonly run: RunSpec }
  | { readonly kind: "stop"; readonly runId: number }
  /** The answer to a report. */
  | { readonly kind: "debug"; readonly runId: number; readonly command: DebugCommand }
  /** The debugger wants the running program to report. */
  | { readonly kind: "attend"; readonly runId: number };

export type FromBroker =
  | { readonly kind: "ready"; readonly version: number; readonly pid: number; readonly node: string }
  /** A debugger of JavaScript may be attached now; nothing else happens before. */
  | { readonly kind: "inspector"; readonly url: string }
  | { readonly kind: "heartbeat"; readonly rssBytes: number }
  | { readonly kind: "progress"; readonly runId: number; readonly progress: RunProgress }
  | { readonly kind: "console"; readonly runId: number; readonly output: ConsoleText }
  | { readonly kind: "file"; readonly runId: number; readonly table: FileTable }
  | { readonly kind: "chunk"; readonly runId: number; readonly chunk: unknown }
  | { readonly kind: "note"; readonly runId: number; readonly note: RunNote }
  /** The program stands still until it is answered. */
  | { readonly kind: "debug"; readonly runId: number; readonly report: DebugReport }
  | {
      readonly kind: "ended";
      readonly runId: number;
      readonly ending: RunEnding;
      readonly console: ConsoleTotals;
      /** The child cannot be used again. */
      readonly broken: boolean;
      readonly rssBytes: number;
    };

/** From the broker's main thread to the worker, besides answers to the loader. */
export type ToWorker = { readonly kind: "run"; readonly run: RunSpec } | { readonly kind: "stop" };

/** How the worker thinks the program ended. */
export type WorkerEnding =
  | { readonly kind: "ok" }
  | { readonly kind: "stopped" }
  | { readonly kind: "exited"; readonly code: number; readonly file: string | null; readonly line: number | null }
  | {
      readonly kind: "error";
      readonly error: UserError;
      readonly origin: "main" | "uncaught" | "rejection";
      readonly site: number;
    }
  | { readonly kind: "compile-error"; readonly problems: readonly CompileProblem[] };

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "started" }
  | { readonly kind: "console"; readonly output: ConsoleText }
  | { readonly kind: "chunk"; readonly chunk: unknown; readonly bytes: number }
  | { readonly kind: "note"; readonly note: RunNote }
  | { readonly kind: "debug"; readonly report: DebugReport }
  | { readonly kind: "finishing" }
  | {
      readonly kind: "ended";
      readonly ending: WorkerEnding;
      readonly console: ConsoleTotals;
      /** Programs that it started are still running. */
      readonly leavesProcesses: boolean;
    };

/** Where a file imports another one; `dynamic` imports run later and so cannot close a harmful circle. */
export interface ImportPlace {
  readonly specifier: string;
  readonly line: number;
  readonly column: number;
  readonly dynamic: boolean;
}

/** A compiled file as the worker gets it. */
export interface LoadedFile {
  readonly file: string;
  readonly format: "module" | "commonjs";
  readonly code: string;
  readonly imports: readonly ImportPlace[];
  readonly names: readonly FileNameRow[];
  /** Whether the file's tsconfig maps import paths, so that bare specifiers must be asked about. */
  readonly mapsPaths: boolean;
}

/** A position in a file, counted from 1 as V8 does. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What the worker asks while it stands still; every question is answered. */
export type LoaderQuestion =
  | { readonly kind: "compile"; readonly file: string; readonly entry: boolean }
  | { readonly kind: "paths"; readonly specifier: string; readonly importer: string }
  | { readonly kind: "places"; readonly places: readonly FilePlace[] }
  /** What the user wrote for what is called or iterated at a place in their source. */
  | { readonly kind: "callee"; readonly place: FilePlace };

export type LoaderAnswer =
  | { readonly kind: "compiled"; readonly loaded: LoadedFile }
  | { readonly kind: "refused"; readonly problems: readonly CompileProblem[] }
  | { readonly kind: "paths"; readonly candidates: readonly string[] }
  | { readonly kind: "places"; readonly places: readonly (FilePlace | null)[] }
  | { readonly kind: "callee"; readonly text: string | null }
  | { readonly kind: "failed"; readonly message: string };

/** What the broker hands a new worker. */
export interface WorkerStart {
  readonly workerPath: string;
  readonly enginePath: string;
  readonly recorderPath: string;
  readonly control: SharedArrayBuffer;
  /** Carries `ToWorker` and `FromWorker`. */
  readonly events: MessagePort;
  /** Carries `LoaderQuestion` and `LoaderAnswer`, and the debugger's answers. */
  readonly questions: MessagePort;
}

/** Words of the control buffer that broker and worker share. */
export const control = {
  /** Set to 1 by the broker when an answer, to the loader or to a report, has been posted. */
  answered: 0,
  /** What the worker should do at the next call: 0 nothing, 1 flush, 2 flush and stop, 3 report to the debugger. */
  attention: 1,
  /** Kilobytes of chunks that left the worker and did not reach the parent yet. */
  inFlightKb: 2,
  words: 4,
} as const;

export const attention = { none: 0, flush: 1, stop: 2, report: 3 } as const;

/** What a chunk counts as on its way: the worker adds it to `inFlightKb`, the broker takes it off. */
export function kilobytes(bytes: number): number {
  return (bytes >> 10) + 1;
}
