import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Recording } from "../../engine/recording/recording.ts";
import type {
  FromProfileWorker,
  ProfileQuestions,
  QuestionName,
  ToProfileWorker,
  TraceFacts,
} from "./profileQuestions.ts";
import { buffersOf, RecordingSlices } from "./recordingSlices.ts";

/** A recording that the worker has a copy of. */
interface Mirror {
  readonly subject: number;
  readonly slices: RecordingSlices;
  /** The copying that goes on, so that two never mix. */
  copied: Promise<void>;
}

type RestOf<F> = F extends (subject: number, ...rest: infer R) => unknown ? R : never;

/** Longer unused, the worker gives its memory back. */
const idleMs = 10 * 60_000;

/**
 * Works out profiles in a thread of its own: the extension host, which other extensions need too, copies a recording in small parts and
 * passes on the answers. Knows nothing of VS Code.
 */
export class Profiles {
  readonly #workerPath: string;
  #worker: Worker | null = null;
  #lastId = 0;
  #lastSubject = 0;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #mirrors = new Map<Recording, Mirror>();
  #timer: NodeJS.Timeout | undefined;

  constructor(workerPath: string) {
    this.#workerPath = workerPath;
  }

  /** Asks about a recording, as far as there is one by now. */
  async of<K extends QuestionName>(
    recording: Recording,
    question: K,
    ...rest: RestOf<ProfileQuestions[K]>
  ): Promise<ReturnType<ProfileQuestions[K]>> {
    const subject = await this.#mirror(recording);
    return this.#ask(question, [subject, ...rest]);
  }

  /** Compares a recording with an earlier one. */
  async compare(recording: Recording, earlier: Recording, label: string) {
    const [subject, other] = [await this.#mirror(recording), await this.#mirror(earlier)];
    return this.#ask("comparison", [subject, other, label]);
  }

  /** Reads a trace file; gives a number to ask about it with, how long it is, and what is wrong with it in sentences. */
  async openTrace(file: string): Promise<TraceFacts & { readonly subject: number }> {
    const subject = ++this.#lastSubject;
    return { subject, ...(await this.#ask("trace", [subject, file])) };
  }

  /** Asks about a trace that was opened. */
  ofTrace<K extends QuestionName>(
    subject: number,
    question: K,
    ...rest: RestOf<ProfileQuestions[K]>
  ): Promise<ReturnType<ProfileQuestions[K]>> {
    return this.#ask(question, [subject, ...rest]);
  }

  closeTrace(subject: number): void {
    this.#worker?.postMessage({ kind: "forget", subject } satisfies ToProfileWorker);
  }

  /** Lets go of the copies of all recordings but these. */
  keepOnly(recordings: readonly Recording[]): void {
    for (const [recording, { subject, copied }] of this.#mirrors) {
      if (recordings.includes(recording)) continue;
      this.#mirrors.delete(recording);
      // What is under way to the worker would make a new copy there.
      const forget = (): void => this.#worker?.postMessage({ kind: "forget", subject } satisfies ToProfileWorker);
      copied.then(forget, forget);
    }
  }

  dispose(): void {
    this.#end(new Error("VS Code is closing."));
  }

  /** Brings the worker's copy up to date, a part at a turn, so that the host is never held up. */
  async #mirror(recording: Recording): Promise<number> {
    let mirror = this.#mirrors.get(recording);
    if (mirror === undefined) {
      mirror = { subject: ++this.#lastSubject, slices: new RecordingSlices(recording), copied: Promise.resolve() };
      this.#mirrors.set(recording, mirror);
    }
    const { subject, slices } = mirror;
    mirror.copied = mirror.copied.then(async () => {
      for (const chunk of slices.take()) {
        this.#post({ kind: "append", subject, chunk }, buffersOf(chunk));
        await nextTurn();
      }
    });
    await mirror.copied;
    return subject;
  }

  #ask<K extends QuestionName>(question: K, args: readonly unknown[]): Promise<ReturnType<ProfileQuestions[K]>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as ReturnType<ProfileQuestions[K]>), reject });
      this.#post({ kind: "ask", id, question, args }, []);
    });
  }

  #post(message: ToProfileWorker, transfer: ArrayBuffer[]): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#waiting.size === 0 && this.#end(new Error("The profile was not used.")),
      idleMs,
    );
    this.#timer.unref();
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, transfer);
  }

  #start(): Worker {
    const worker = new Worker(this.#workerPath);
    worker.unref();
    worker.on("message", (message: FromProfileWorker) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.kind === "answer") waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.message));
    });
    worker.on("error", (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    return worker;
  }

  /** Ends the worker; the next question starts another one, which knows nothing yet. */
  #end(reason: Error): void {
    clearTimeout(this.#timer);
    void this.#worker?.terminate();
    this.#worker = null;
    this.#mirrors = new Map();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
