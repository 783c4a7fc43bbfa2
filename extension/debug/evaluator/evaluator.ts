import { Worker } from "node:worker_threads";
import type { DerivativeOf, Evaluated, EvaluatorAnswer, EvaluatorPaths, Expression, Results } from "./messages.ts";

/** How long an expression may take before its thread is ended. */
const patienceMs = 1000;

/** Evaluates expressions, and the derivatives of ops, in a thread: one after the other. */
export class Evaluator {
  readonly #threadPath: string;
  readonly #paths: EvaluatorPaths;
  #worker: Worker | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #isDisposed = false;

  constructor(threadPath: string, paths: EvaluatorPaths) {
    this.#threadPath = threadPath;
    this.#paths = paths;
  }

  /** Gets the thread ready before it is needed. */
  warm(): void {
    if (!this.#isDisposed) this.#thread();
  }

  /** Never rejects: what went wrong is the result. */
  async evaluate(expression: string, names: Expression["names"]): Promise<Evaluated> {
    const answer = await this.#inTurn({ kind: "expression", expression, names });
    return typeof answer === "string" ? { kind: "error", message: answer } : answer;
  }

  /** The derivatives of a recorded call by each of its inputs, or why they are not to be had. Never rejects. */
  async derivatives(call: DerivativeOf["call"]): Promise<Results["derivatives"] | string> {
    return this.#inTurn({ kind: "derivatives", call });
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #inTurn<Question extends Expression | DerivativeOf>(question: Question): Promise<Results[Question["kind"]] | string> {
    const answer = this.#queue.then(() => this.#ask(question));
    this.#queue = answer;
    return answer as Promise<Results[Question["kind"]] | string>;
  }

  /** Text says what went wrong. */
  async #ask(question: Expression | DerivativeOf): Promise<Results[keyof Results] | string> {
    if (this.#isDisposed) return "The session has ended.";
    const worker = this.#thread();
    await this.#ready;
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const finish = (result: Results[keyof Results] | string): void => {
        clearTimeout(timer);
        worker.off("message", onMessage);
        worker.off("exit", onExit);
        resolve(result);
      };
      const onMessage = ({ id: answered, result }: EvaluatorAnswer): void => {
        if (answered === id) finish(result);
      };
      const onExit = (): void => finish("The thread that worked it out has ended.");
      const timer = setTimeout(() => {
        this.#worker = null;
        finish(`This took longer than ${patienceMs / 1000} s to work out and was ended.`);
        void worker.terminate();
      }, patienceMs);
      worker.on("message", onMessage);
      worker.on("exit", onExit);
      worker.postMessage({ id, ...question });
    });
  }

  #ready: Promise<void> = Promise.resolve();

  #thread(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#threadPath, {
      workerData: this.#paths,
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
