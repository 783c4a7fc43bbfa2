import type { ConsoleText, ConsoleTotals } from "./protocol.ts";

/** How much may pass: a burst, then a steady rate; of what does not pass the newest part is kept. */
export interface ValveLimits {
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
  readonly keptBytes: number;
  /** Small writes of this many milliseconds are sent together. */
  readonly gatherMs: number;
}

export const defaultValveLimits: ValveLimits = {
  burstBytes: 4 << 20,
  bytesPerSecond: 1 << 20,
  keptBytes: 256 << 10,
  gatherMs: 20,
};

/**
 * Stands between a program that may print a gigabyte and a reader that cannot use it. It never waits: what comes too
 * fast is dropped, and the next text says how much that was.
 */
export class ConsoleValve {
  readonly #send: (output: ConsoleText) => void;
  readonly #limits: ValveLimits;
  readonly #now: () => number;
  #stream: ConsoleText["stream"] = "stdout";
  #pending = "";
  #dropped = 0;
  #budget: number;
  #budgetTime: number;
  #sentTime: number;
  #bytes = 0;
  #droppedBytes = 0;

  constructor(
    send: (output: ConsoleText) => void,
    limits: ValveLimits = defaultValveLimits,
    now: () => number = performance.now.bind(performance),
  ) {
    this.#send = send;
    this.#limits = limits;
    this.#now = now;
    this.#budget = limits.burstBytes;
    this.#budgetTime = now();
    this.#sentTime = Number.NEGATIVE_INFINITY;
  }

  get totals(): ConsoleTotals {
    return { bytes: this.#bytes, droppedBytes: this.#droppedBytes };
  }

  write(stream: ConsoleText["stream"], text: string): void {
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#bytes += text.length;
    this.#pending += text;
    const now = this.#now();
    this.#refill(now);
    if (this.#pending.length > this.#budget) this.#trim();
    else if (now - this.#sentTime >= this.#limits.gatherMs) this.#sendPending(now);
  }

  /** Sends what is waiting and may pass, and with `all` also what may not. */
  flush(all = false): void {
    const now = this.#now();
    this.#refill(now);
    if (this.#pending !== "" && (all || this.#pending.length <= this.#budget)) this.#sendPending(now);
  }

  /** Keeps the newest part of what is waiting, from the start of a line if there is one. */
  #trim(): void {
    const { keptBytes } = this.#limits;
    // Twice the size before cutting, so that many small writes do not each copy the whole.
    if (this.#pending.length <= 2 * keptBytes) return;
    const cut = this.#pending.length - keptBytes;
    const lineStart = this.#pending.indexOf("\n", cut) + 1;
    const from = lineStart > 0 && lineStart < cut + keptBytes / 2 ? lineStart : cut;
    this.#dropped += from;
    this.#droppedBytes += from;
    this.#pending = this.#pending.slice(from);
  }

  #refill(now: number): void {
    const gained = ((now - this.#budgetTime) / 1000) * this.#limits.bytesPerSecond;
    this.#budget = Math.min(this.#limits.burstBytes, this.#budget + gained);
    this.#budgetTime = now;
  }

  #sendPending(now: number): void {
    const droppedBytes = this.#dropped;
    const text =
      droppedBytes === 0 ? this.#pending : `\n… ${describeBytes(droppedBytes)} of output left out …\n${this.#pending}`;
    this.#budget -= this.#pending.length;
    this.#pending = "";
    this.#dropped = 0;
    this.#sentTime = now;
    this.#send({ stream: this.#stream, text, droppedBytes });
  }
}

function describeBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
