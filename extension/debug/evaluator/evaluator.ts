import { Worker } from "node:worker_threads";
import type { EvaluateAnswer, Evaluated, EvaluateQuestion, EvaluatorStart } from "./messages.ts";

/** How long an expression may take before its thread is ended. */
const patienceMs = 1000;

/** Evaluates expressions in a thread, one after the other. */
export class Evaluator {
  readonly #threadPath: string;
  readonly #enginePath: string;
  #worker: Worker | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #isDisposed = false;

  constructor(threadPath: string, enginePath: string) {
    this.#threadPath = threadPath;
    this.#enginePath = enginePath;
  }

  /** Gets the thread ready before it is needed. */
  warm(): void {
    if (!this.#isDisposed) this.#thread();
  }

  /** Never rejects: what went wrong is the result. */
  evaluate(expression: string, names: EvaluateQuestion["names"]): Promise<Evaluated> {
    const result = this.#queue.then(() => this.#ask({ id: this.#nextId++, expression, names }));
    this.#queue = result;
    return result;
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#worker?.terminate();
    this.#worker = null;
  }

  async #ask(question: EvaluateQuestion): Promise<Evaluated> {
    if (this.#isDisposed) return { kind: "error", message: "The session has ended." };
    const worker = this.#thread();
    await this.#ready;
    return new Promise((resolve) => {
      const finish = (result: Evaluated): void => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("exit", onExit);
        resolve(result);
      };
      const onMessage = ({ id, result }: EvaluateAnswer): void => {
        if (id === question.id) finish(result);
      };
      const onExit = (): void => finish({ kind: "error", message: "The expression ended its thread." });
      const timer = setTimeout(() => {
        this.#worker = null;
        finish({ kind: "error", message: `The expression took longer than ${patienceMs / 1000} s and was ended.` });
        void worker.terminate();
      }, patienceMs);
      worker.on("message", onMessage);
      worker.on("exit", onExit);
      worker.postMessage(question);
    });
  }

  #ready: Promise<void> = Promise.resolve();

  #thread(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#threadPath, {
      workerData: { enginePath: this.#enginePath } satisfies EvaluatorStart,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    // A thread that fails says so by its exit.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = null;
    });
    worker.unref();
    this.#worker = worker;
    // Loading the engine is not the expression's time.
    this.#ready = new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.once("exit", () => resolve());
    });
    return worker;
  }
}
