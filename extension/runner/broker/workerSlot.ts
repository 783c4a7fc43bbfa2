import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { DebugCommand } from "../../../engine/recording/debugging/debugContract.ts";
import {
  attention,
  type BrokerOptions,
  control,
  type FromWorker,
  type LoaderAnswer,
  type LoaderQuestion,
  type RunSpec,
  type ToWorker,
  type WorkerStart,
} from "../protocol.ts";

/** What the broker hears from a worker. */
export interface WorkerListener {
  onMessage(message: FromWorker): void;
  onQuestion(question: LoaderQuestion): Promise<LoaderAnswer>;
  /** After the last message. */
  onExit(code: number, error: Error | null): void;
}

/** One worker thread: it gets ready while nobody waits, runs one program and is gone. */
export class WorkerSlot {
  readonly memoryMb: number;
  readonly flags: Int32Array;
  readonly #worker: Worker;
  readonly #events: MessagePort;
  readonly #questions: MessagePort;
  #listener: WorkerListener | null = null;
  #error: Error | null = null;
  #exitCode: number | null = null;

  constructor(options: BrokerOptions, memoryMb: number) {
    const shared = new SharedArrayBuffer(control.words * Int32Array.BYTES_PER_ELEMENT);
    const events = new MessageChannel();
    const questions = new MessageChannel();
    const { workerPath, enginePath, recorderPath } = options;
    const start = {
      workerPath,
      enginePath,
      recorderPath,
      control: shared,
      events: events.port2,
      questions: questions.port2,
    };
    this.memoryMb = memoryMb;
    this.flags = new Int32Array(shared);
    this.#events = events.port1;
    this.#questions = questions.port1;
    this.#worker = new Worker(workerPath, {
      workerData: start satisfies WorkerStart,
      transferList: [start.events, start.questions],
      // Whatever is written before the worker has its own streams must not end up in the child's.
      stdout: true,
      stderr: true,
      resourceLimits: memoryMb > 0 ? { maxOldGenerationSizeMb: memoryMb } : {},
    });
    this.#worker.on("error", (error: Error) => {
      this.#error = error;
    });
    this.#worker.on("exit", (code) => this.#onExit(code));
    this.#questions.on("message", (question: LoaderQuestion) => void this.#answer(question));
  }

  get isAlive(): boolean {
    return this.#exitCode === null;
  }

  /** From now on the worker belongs to a run. Its messages wait until then. */
  begin(run: RunSpec, listener: WorkerListener): void {
    this.#listener = listener;
    this.#events.on("message", (message: FromWorker) => listener.onMessage(message));
    this.#tell({ kind: "run", run });
    if (this.#exitCode !== null) listener.onExit(this.#exitCode, this.#error);
  }

  /** Asks the worker to send what it has at its next call. */
  askToFlush(): void {
    Atomics.compareExchange(this.flags, control.attention, attention.none, attention.flush);
  }

  /** Asks the worker to report to the debugger at its next call or event. */
  askToReport(): void {
    if (Atomics.load(this.flags, control.attention) !== attention.stop) {
      Atomics.store(this.flags, control.attention, attention.report);
    }
  }

  /** Answers the worker, which stands still. */
  answer(answer: LoaderAnswer | DebugCommand): void {
    this.#questions.postMessage(answer);
    Atomics.store(this.flags, control.answered, 1);
    Atomics.notify(this.flags, control.answered);
  }

  /** Asks the worker to send what it has and to end. */
  askToStop(): void {
    Atomics.store(this.flags, control.attention, attention.stop);
    Atomics.notify(this.flags, control.inFlightKb);
    this.#tell({ kind: "stop" });
  }

  /** Ends the thread, whatever JavaScript it runs. Native code that does not return keeps it alive. */
  terminate(): void {
    void this.#worker.terminate().catch(() => undefined);
  }

  #tell(message: ToWorker): void {
    this.#events.postMessage(message);
  }

  async #answer(question: LoaderQuestion): Promise<void> {
    this.answer(await this.#findAnswer(question));
  }

  async #findAnswer(question: LoaderQuestion): Promise<LoaderAnswer> {
    try {
      return this.#listener ? await this.#listener.onQuestion(question) : { kind: "failed", message: "no run" };
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  }

  #onExit(code: number): void {
    this.#exitCode = code;
    const listener = this.#listener;
    for (;;) {
      const received = receiveMessageOnPort(this.#events);
      if (!received) break;
      listener?.onMessage(received.message as FromWorker);
    }
    this.#events.close();
    this.#questions.close();
    listener?.onExit(code, this.#error);
  }
}
