import type { RecorderHost, RunRecorder } from "../../../extension/runner/recorderContract.ts";
import { Tensor } from "./engine.ts";
import { state } from "./state.ts";

/** What a chunk of the stub recorder holds. */
export interface StubChunk {
  readonly ops: readonly { readonly name: string; readonly site: number }[];
  readonly names: readonly { readonly id: number; readonly isTensor: boolean }[];
  readonly payload: Float64Array;
  readonly isLast: boolean;
}

/** What tests ask of the stub recorder. */
export interface StubOptions {
  /** Bytes sent with each chunk. */
  readonly payloadBytes?: number;
  /** Sends a chunk after this many ops. */
  readonly opsPerChunk?: number;
  readonly failOnFinish?: boolean;
}

export function startRecording(host: RecorderHost, options: unknown): RunRecorder {
  const { payloadBytes = 0, opsPerChunk = 1000, failOnFinish = false } = (options ?? {}) as StubOptions;
  let ops: { name: string; site: number }[] = [];
  let names: { id: number; isTensor: boolean }[] = [];
  const send = (isLast: boolean) => {
    if (ops.length === 0 && names.length === 0 && !isLast) return;
    const payload = new Float64Array(payloadBytes / 8);
    host.send({ ops, names, payload, isLast } satisfies StubChunk, [payload.buffer]);
    ops = [];
    names = [];
  };
  state.onOp = (name, site) => {
    ops[ops.length] = { name, site };
    if (ops.length >= opsPerChunk) send(false);
    host.tick();
  };
  return {
    site: state.site,
    nameValue: (id, value) => {
      names[names.length] = { id, isTensor: value instanceof Tensor };
    },
    addNames: () => undefined,
    collected: () => undefined,
    listen: () => undefined,
    flush: () => send(false),
    finish: () => {
      if (failOnFinish) throw new Error("no room for the last chunk");
      send(true);
    },
  };
}
