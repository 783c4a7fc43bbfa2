import { layeredLayout } from "../../engine/recording/layout/layered/layeredLayout.ts";
import type { LayoutInput, LayoutResult } from "../../engine/recording/layout/layered/types.ts";
import type { FromLayoutWorker, ToLayoutWorker } from "./layoutMessages.ts";

/** Fewer boxes than this are laid out sooner than a worker could answer. */
const smallGraph = 250;

export interface LayoutOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Lays out graphs in a worker, so that the panel stays alive; giving up ends the worker. */
export class LayoutClient {
  readonly #source: Promise<string> | null;
  #idle: Worker | null = null;

  /** `address` is where the worker's script is; a webview may start a worker from a blob only, so it is fetched first. */
  constructor(address: string | null) {
    this.#source = address === null ? null : fetchBlob(address);
    // Whether it could be fetched is asked when it is needed.
    this.#source?.catch(() => {});
  }

  async layout(input: LayoutInput, options: LayoutOptions): Promise<LayoutResult> {
    options.signal.throwIfAborted();
    const worker = input.height.length < smallGraph ? null : await this.#startWorker();
    if (options.signal.aborted && worker) this.#rest(worker);
    options.signal.throwIfAborted();
    // Without a worker the panel stands still for the moment, but shows its graph.
    return worker ? this.#layoutIn(worker, input, options) : layeredLayout(input);
  }

  async #startWorker(): Promise<Worker | null> {
    const idle = this.#idle;
    this.#idle = null;
    if (idle || !this.#source) return idle;
    try {
      return new Worker(await this.#source);
    } catch {
      return null;
    }
  }

  /** One worker is kept for the next layout; a second one that came of asking twice is not. */
  #rest(worker: Worker): void {
    if (this.#idle) worker.terminate();
    else this.#idle = worker;
  }

  #layoutIn(worker: Worker, input: LayoutInput, { signal, onProgress }: LayoutOptions): Promise<LayoutResult> {
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown): void => {
        signal.removeEventListener("abort", onAbort);
        worker.terminate();
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      worker.onerror = (event) => giveUp(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<FromLayoutWorker>) => {
        if (data.kind === "progress") {
          onProgress(data.done);
          return;
        }
        signal.removeEventListener("abort", onAbort);
        this.#rest(worker);
        resolve(data.result);
      };
      worker.postMessage({ input } satisfies ToLayoutWorker);
    });
  }
}

async function fetchBlob(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`The layout worker could not be loaded (${response.status}).`);
  return URL.createObjectURL(new Blob([await response.text()], { type: "text/javascript" }));
}
