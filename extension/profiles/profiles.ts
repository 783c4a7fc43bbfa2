import { Worker } from "node:worker_threads";
import type { Recording } from "../../engine/recording/recording.ts";
import type {
  FromProfileWorker,
  ProfileQuestions,
  QuestionName,
  ToProfileWorker,
  TraceFacts,
} from "./profileQuestions.ts";
import { SharedRecording } from "./sharedRecording.ts";

/** A recording that the worker looks at. */
interface Subject {
  readonly number: number;
  readonly shared: SharedRecording;
}

type RestOf<F> = F extends (subject: number, ...rest: infer R) => unknown ? R : never;

/** Longer unused, the worker gives its memory back. */
const idleMs = 10 * 60_000;

/**
 * Works out profiles in a thread of its own, which looks at the recording's own memory: the extension host, which other extensions need
 * too, only passes on the answers. Knows nothing of VS Code.
 */
export class Profiles {
  readonly #workerPath: string;
  #worker: Worker | null = null;
  #lastId = 0;
  #lastSubject = 0;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #subjects = new Map<Recording, Subject>();
  /** The files of the traces that are open. */
  readonly #traceFiles = new Map<number, string>();
  /** What the worker has read of them, or is reading. */
  #traces = new Map<number, Promise<TraceFacts>>();
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
    return this.#ask(question, [this.#show(recording), ...rest]);
  }

  /** Compares a recording with an earlier one. */
  async compare(recording: Recording, earlier: Recording, label: string) {
    return this.#ask("comparison", [this.#show(recording), this.#show(earlier), label]);
  }

  /** Reads a trace file; gives a number to ask about it with, how long it is, and what is wrong with it in sentences. */
  async openTrace(file: string): Promise<TraceFacts & { readonly subject: number }> {
    const subject = ++this.#lastSubject;
    this.#traceFiles.set(subject, file);
    try {
      return { subject, ...(await this.#readTrace(subject, file)) };
    } catch (error) {
      this.closeTrace(subject);
      throw error;
    }
  }

  /** Asks about a trace that was opened. */
  async ofTrace<K extends QuestionName>(
    subject: number,
    question: K,
    ...rest: RestOf<ProfileQuestions[K]>
  ): Promise<ReturnType<ProfileQuestions[K]>> {
    const file = this.#traceFiles.get(subject);
    if (file !== undefined) await this.#readTrace(subject, file);
    return this.#ask(question, [subject, ...rest]);
  }

  closeTrace(subject: number): void {
    this.#traceFiles.delete(subject);
    this.#traces.delete(subject);
    this.#forget(subject);
  }

  /** Each worker reads a trace once. */
  #readTrace(subject: number, file: string): Promise<TraceFacts> {
    const known = this.#traces.get(subject);
    if (known !== undefined) return known;
    const reading = this.#ask("trace", [subject, file]);
    this.#traces.set(subject, reading);
    reading.catch(() => this.#traces.delete(subject));
    return reading;
  }

  #forget(subject: number): void {
    this.#worker?.postMessage({ kind: "forget", subject } satisfies ToProfileWorker);
  }

  /** Lets go of all recordings but these. */
  keepOnly(recordings: readonly Recording[]): void {
    for (const [recording, { number }] of this.#subjects) {
      if (recordings.includes(recording)) continue;
      this.#subjects.delete(recording);
      this.#forget(number);
    }
  }

  dispose(): void {
    this.#end(new Error("VS Code is closing."));
  }

  /** Shows the worker what has come since the last time; gives the recording's number there. */
  #show(recording: Recording): number {
    const known = this.#subjects.get(recording);
    const { number, shared } = known ?? { number: ++this.#lastSubject, shared: new SharedRecording(recording) };
    if (known === undefined) this.#subjects.set(recording, { number, shared });
    const news = shared.take();
    if (news !== null) this.#post({ kind: "append", subject: number, ...news });
    return number;
  }

  #ask<K extends QuestionName>(question: K, args: readonly unknown[]): Promise<ReturnType<ProfileQuestions[K]>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as ReturnType<ProfileQuestions[K]>), reject });
      this.#post({ kind: "ask", id, question, args });
    });
  }

  #post(message: ToProfileWorker): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#waiting.size === 0 && this.#end(new Error("The profile was not used.")),
      idleMs,
    );
    this.#timer.unref();
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
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
    this.#subjects = new Map();
    this.#traces = new Map();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
