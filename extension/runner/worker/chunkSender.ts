import type { MessagePort } from "node:worker_threads";
import { attention, control, type FromWorker, kilobytes } from "../protocol.ts";

const { wait, add, load } = Atomics;

/** How far the parent may be behind before the worker waits for it. */
const maxInFlightKb = 64 << 10;

/** Sends parts of the recording out of a thread that may be busy for minutes, without piling them up on the way. */
export class ChunkSender {
  readonly #port: MessagePort;
  readonly #flags: Int32Array;

  constructor(port: MessagePort, flags: Int32Array) {
    this.#port = port;
    this.#flags = flags;
  }

  send(chunk: unknown, transfer: readonly ArrayBuffer[]): void {
    let bytes = 0;
    const buffers: ArrayBuffer[] = [];
    for (let i = 0; i < transfer.length; i++) {
      const buffer = transfer[i];
      if (!buffer) continue;
      bytes += buffer.byteLength;
      buffers[i] = buffer;
    }
    this.#waitForParent();
    add(this.#flags, control.inFlightKb, kilobytes(bytes));
    this.#port.postMessage({ kind: "chunk", chunk, bytes } satisfies FromWorker, buffers);
  }

  #waitForParent(): void {
    for (;;) {
      const inFlight = load(this.#flags, control.inFlightKb);
      if (inFlight < maxInFlightKb || load(this.#flags, control.attention) === attention.stop) return;
      wait(this.#flags, control.inFlightKb, inFlight, 50);
    }
  }
}
