import { now } from "../../base/clock.ts";
import type { TypedArray } from "../../base/dtype.ts";
import {
  ALERT_MS,
  ASKED,
  BY_CALLER,
  CLAIM,
  CONTROL_WORDS,
  DONE,
  FAILED,
  FREE,
  type HelperData,
  STARTING,
  STATE,
  TASK_NUMBERS,
} from "./protocol.ts";

interface WorkerHandle {
  unref(): void;
  on(event: "error" | "exit", listener: () => void): void;
  terminate(): unknown;
}

type WorkerClass = new (
  file: object,
  options: { workerData: HelperData; execArgv: string[]; name: string },
) => WorkerHandle;

interface Host {
  readonly process?: { getBuiltinModule?(name: string): { readonly Worker?: WorkerClass } | undefined };
  readonly SharedArrayBuffer?: typeof SharedArrayBuffer;
  console: { warn(message: string): void };
}

const host = globalThis as unknown as Host;

/** Room for the numbers of one task and its result. The system gives only what is written to. */
const BYTES = 64 << 20;

/** A helper that is so much later than this thread is not waited for. */
const PATIENCE_MS = 2000;

/** One helper as the calling thread sees it. */
class Helper {
  readonly words: Int32Array;
  readonly task: Float64Array;
  readonly worker: WorkerHandle;
  asked = 0;

  constructor(Worker: WorkerClass, file: object, numbers: SharedArrayBuffer) {
    const control = new SharedArrayBuffer(CONTROL_WORDS * 4);
    const task = new SharedArrayBuffer(TASK_NUMBERS * 8);
    this.words = new Int32Array(control);
    this.task = new Float64Array(task);
    const workerData = { gradlensHelper: { control, task, numbers } };
    // The flags of the program are not for helpers: its hooks would run in them, too.
    this.worker = new Worker(file, { workerData, execArgv: [], name: "gradlens helper" });
    this.worker.unref();
    const markFailed = (): void => void Atomics.store(this.words, STATE, FAILED);
    this.worker.on("error", markFailed);
    this.worker.on("exit", markFailed);
  }

  get state(): number {
    return Atomics.load(this.words, STATE);
  }

  /** Tells it to do a task; false while it has not come back from the one before. */
  ask(task: readonly number[]): boolean {
    const { words } = this;
    if (Atomics.load(words, DONE) !== this.asked) return false;
    this.task.set(task);
    this.asked++;
    Atomics.store(words, CLAIM, FREE);
    Atomics.store(words, ASKED, this.asked);
    Atomics.notify(words, ASKED);
    return true;
  }

  /** Waits for the task, unless the helper has not begun with it: on a busy machine it is done sooner here. */
  finish(): Outcome {
    const { words } = this;
    if (Atomics.compareExchange(words, CLAIM, FREE, BY_CALLER) === FREE) return "left";
    const began = now();
    for (;;) {
      const done = Atomics.load(words, DONE);
      if (done === this.asked) return "done";
      const waited = now() - began;
      if (this.state === FAILED || waited > PATIENCE_MS) return "failed";
      if (waited > ALERT_MS) Atomics.wait(words, DONE, done, 20);
    }
  }
}

/** How a task ended: the helper has done it, has not begun with it, or can't. */
type Outcome = "done" | "left" | "failed";

/** The helpers of this thread, and the memory that they share with it. */
export class Team {
  readonly numbers: SharedArrayBuffer;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  private readonly helpers: readonly Helper[];

  constructor(Worker: WorkerClass, file: object, helpers: number) {
    this.numbers = new SharedArrayBuffer(BYTES);
    this.f32 = new Float32Array(this.numbers);
    this.f64 = new Float64Array(this.numbers);
    this.helpers = Array.from({ length: helpers }, () => new Helper(Worker, file, this.numbers));
  }

  /** Threads that can work now: this one, and the helpers unless they are still starting. */
  get threads(): number {
    return this.helpers.every(({ state }) => state !== STARTING) ? this.helpers.length + 1 : 1;
  }

  get isBroken(): boolean {
    return this.helpers.some(({ state }) => state === FAILED);
  }

  heapLike(values: TypedArray): Float32Array | Float64Array {
    return values instanceof Float32Array ? this.f32 : this.f64;
  }

  /** Gives each helper a task and does `own` meanwhile; tells for each task whether it is done. What is not is the caller's. */
  run(tasks: readonly (readonly number[])[], own: () => void): boolean[] {
    const isAsked = tasks.map((task, i) => this.helpers[i].ask(task));
    own();
    const outcomes = isAsked.map((asked, i) => (asked ? this.helpers[i].finish() : "left"));
    if (outcomes.includes("failed")) giveUp("a helper thread does not answer");
    return outcomes.map((outcome) => outcome === "done");
  }

  end(): void {
    for (const { worker } of this.helpers) void worker.terminate();
  }
}

let wanted = 1;
let current: Team | null | undefined;
let helperFile: object | null = null;

/** Says where the program of a helper is, as the host's URL; without it there are none. */
export function setHelperFile(file: object): void {
  helperFile = file;
}

/** How many threads may work on one product of matrices, convolution or long curve. */
export const wantedThreads = (): number => wanted;

/** Changes that; the helpers start with the next work that is large enough. */
export function wantThreads(n: number): void {
  if (n === wanted) return;
  wanted = n;
  current?.end();
  current = undefined;
}

/** The helpers, when they are wanted, there and ready. */
export function team(): Team | null {
  if (wanted === 1 || current === null) return null;
  current ??= start();
  if (current === null) return null;
  if (current.isBroken) {
    giveUp("a helper thread has ended");
    return null;
  }
  return current.threads === 1 ? null : current;
}

function start(): Team | null {
  const Worker = host.process?.getBuiltinModule?.("node:worker_threads")?.Worker;
  if (Worker === undefined || helperFile === null) return refuse("this runtime has no threads");
  if (host.SharedArrayBuffer === undefined) return refuse("this runtime has no shared memory");
  try {
    return new Team(Worker, helperFile, wanted - 1);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(reason: string): null {
  host.console.warn(`Gradlens computes in one thread: ${reason}.`);
  return null;
}

/** From now on everything is done in this thread; says so once. */
function giveUp(reason: string): void {
  current?.end();
  current = refuse(reason);
}
