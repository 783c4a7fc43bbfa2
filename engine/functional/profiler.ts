import { watch } from "../autograd/observer.ts";
import { checkOptions } from "../base/errors.ts";
import { chromeTrace } from "./profiling/chromeTrace.ts";
import { Collector, type CollectorOptions, type ProfiledEvent } from "./profiling/collector.ts";
import { type GroupOptions, type KeyAverages, keyAverages } from "./profiling/keyAverages.ts";
import type { ProfilerAction, Schedule } from "./profiling/schedule.ts";
import type { TableOptions } from "./profiling/table.ts";

export type { ProfiledEvent } from "./profiling/collector.ts";
export type { GroupOptions, KeyAverage, KeyAverages } from "./profiling/keyAverages.ts";
export { type ProfilerAction, type Schedule, type ScheduleOptions, schedule } from "./profiling/schedule.ts";
export type { TableOptions } from "./profiling/table.ts";

/** What `profile` measures, and when. */
export interface ProfileOptions {
  /** Which steps count, as `schedule({ wait, warmup, active })` gives it; `step()` tells where one ends. Default: everything. */
  readonly schedule?: Schedule;
  /** Told of each window that was measured: at the end of each cycle of the schedule, and at the end. */
  readonly onTraceReady?: (profiler: Profiler) => void;
  /** Keep the shapes of inputs. Default true. */
  readonly recordShapes?: boolean;
  /** Count the bytes of what ops make. Default true. */
  readonly profileMemory?: boolean;
  /** Count floating-point operations. Default false. */
  readonly withFlops?: boolean;
  /** Keep the user's calls that lead to each op; costs some microseconds per op. Default false. */
  readonly withStack?: boolean;
}

/** Measures while a function runs, window by window. What it tells is about the latest window. */
export class Profiler {
  /** Steps that have ended. */
  stepNumber = 0;
  private readonly schedule: Schedule | null;
  private readonly onTraceReady: ((profiler: Profiler) => void) | undefined;
  private readonly options: CollectorOptions;
  private action: ProfilerAction = "none";
  private collector: Collector | null = null;
  private latest: readonly ProfiledEvent[] = [];
  /** The event of the step that is going on. */
  private running: ProfiledEvent | null = null;

  constructor(options: ProfileOptions = {}) {
    checkOptions("profile", options, [
      "schedule",
      "onTraceReady",
      "recordShapes",
      "profileMemory",
      "withFlops",
      "withStack",
    ]);
    const { recordShapes = true, profileMemory = true, withFlops = false, withStack = false } = options;
    this.schedule = options.schedule ?? null;
    this.onTraceReady = options.onTraceReady;
    this.options = { recordShapes, profileMemory, withFlops, stackDepth: withStack ? 8 : 0 };
  }

  /** Begins; `profile` does it. */
  start(): void {
    this.enter(this.schedule?.(0) ?? "record");
  }

  /** Ends a step of the training loop and begins the next one, in which the schedule may want something else. */
  step(): void {
    if (this.schedule === null) {
      this.stepNumber++;
      return;
    }
    if (this.running !== null) this.collector?.endWith(this.running);
    const isSaved = this.action === "recordAndSave";
    if (isSaved) this.finishWindow();
    this.stepNumber++;
    this.enter(this.schedule(this.stepNumber));
    if (isSaved) this.onTraceReady?.(this);
  }

  /** Ends; `profile` does it, also after an error. */
  stop(): void {
    const isMeasured = this.action === "record" || this.action === "recordAndSave";
    this.finishWindow();
    this.action = "none";
    if (isMeasured) this.onTraceReady?.(this);
  }

  /** Everything that was measured, in order of the ends of ops and the beginnings of scopes. */
  events(): readonly ProfiledEvent[] {
    return this.collector !== null && this.action !== "warmup" ? this.collector.events : this.latest;
  }

  /** Events summed by name (and input shapes, and place in the program), the most expensive first. */
  keyAverages(options: GroupOptions = {}): KeyAverages {
    return keyAverages(this.events(), options);
  }

  /** The rows of `keyAverages()` as text. */
  table(options: TableOptions = {}): string {
    return this.keyAverages().table(options);
  }

  /** The events in Chrome's trace format, for Perfetto or chrome://tracing: what PyTorch's `export_chrome_trace` writes. */
  chromeTrace(): string {
    return chromeTrace(this.events());
  }

  private enter(action: ProfilerAction): void {
    const before = this.action;
    this.action = action;
    // A warm-up is measured like all the rest, and thrown away.
    if (action === "none" || (before === "warmup" && action !== "warmup")) this.finishWindow(before === "warmup");
    if (action === "none") return;
    if (this.collector === null) {
      this.collector = new Collector(this.options);
      this.collector.start();
    }
    if (this.schedule !== null) this.running = this.collector.begin(`ProfilerStep#${this.stepNumber}`);
  }

  /** Ends the window that is open, if one is. */
  private finishWindow(isThrownAway = this.action === "warmup"): void {
    if (this.collector === null) return;
    this.collector.stop();
    if (!isThrownAway) this.latest = this.collector.events;
    this.collector = null;
  }
}

/** What a profiled function gave, and what was measured. */
export class Profile<R = unknown> {
  /** What the function gave. */
  readonly result: R;
  /** The profiler at its end. */
  readonly profiler: Profiler;

  constructor(result: R, profiler: Profiler) {
    this.result = result;
    this.profiler = profiler;
  }

  /** Everything that was measured. */
  events(): readonly ProfiledEvent[] {
    return this.profiler.events();
  }

  /** Events summed by name (and input shapes, and place in the program), the most expensive first. */
  keyAverages(options: GroupOptions = {}): KeyAverages {
    return this.profiler.keyAverages(options);
  }

  /** The events in Chrome's trace format, for Perfetto or chrome://tracing. */
  chromeTrace(): string {
    return this.profiler.chromeTrace();
  }

  /** The rows of `keyAverages()` as text. */
  table(options: TableOptions = {}): string {
    return this.profiler.table(options);
  }
}

/**
 * Runs `fn`, sync or async, and measures every op, backward node, module and `recordFunction` in it. `fn` is given the
 * profiler, whose `step()` a schedule needs. The modes and the graph are not touched. An error of `fn` ends the
 * measurement, tells `onTraceReady` and goes on.
 */
export function profile<R>(fn: (profiler: Profiler) => PromiseLike<R>, options?: ProfileOptions): Promise<Profile<R>>;
export function profile<R>(fn: (profiler: Profiler) => R, options?: ProfileOptions): Profile<R>;
export function profile<R>(
  fn: (profiler: Profiler) => R | PromiseLike<R>,
  options: ProfileOptions = {},
): Profile<R> | Promise<Profile<R>> {
  const profiler = new Profiler(options);
  profiler.start();
  return settle(
    () => fn(profiler),
    () => profiler.stop(),
    (result) => new Profile(result, profiler),
  );
}

/** Gives a name to what `fn`, sync or async, does, in profiles and recordings. */
export function recordFunction<R>(name: string, fn: () => R): R {
  const { observer } = watch;
  if (observer === null) return fn();
  observer.scopeStart(null, name);
  return settle(
    fn,
    () => observer.scopeEnd(),
    (result) => result,
  ) as R;
}

/** Runs `fn`, and `end` once when it is done, however it ends and whenever that is. */
function settle<R, T>(fn: () => R | PromiseLike<R>, end: () => void, then: (result: R) => T): T | Promise<T> {
  let result: R | PromiseLike<R>;
  try {
    result = fn();
  } catch (error) {
    quietly(end);
    throw error;
  }
  if (!isPromise(result)) {
    end();
    return then(result);
  }
  return Promise.resolve(result).then(
    (value) => {
      end();
      return then(value);
    },
    (error: unknown) => {
      quietly(end);
      throw error;
    },
  );
}

const isPromise = <R>(value: R | PromiseLike<R>): value is PromiseLike<R> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

/** What goes wrong while an error is on its way says less than that error. */
function quietly(end: () => void): void {
  try {
    end();
  } catch {
    // The first error goes on.
  }
}
