import { isRecording } from "../autograd/modes.ts";
import { observe } from "../autograd/observer.ts";
import { site } from "../autograd/sites.ts";
import { Recorder } from "./recorder.ts";
import type { RecordingChunk } from "./recording.ts";

/** What whoever runs the user's program offers: a way to send, and a chance to stop from inside long work. */
export interface RecorderHost {
  send(chunk: RecordingChunk, transfer: readonly ArrayBuffer[]): void;
  tick(): void;
}

/** What may be asked of a recording. */
export interface RecordOptions {
  /** Values of tensors up to this many elements are kept with every event. */
  readonly smallValues?: number;
  readonly maxEvents?: number;
}

/** A program being recorded. */
export interface RunRecorder {
  readonly site: { current: number };
  nameValue(nameId: number, value: object): void;
  addNames(file: string, rows: readonly { readonly id: number; readonly name: string }[]): void;
  flush(): void;
  finish(): void;
}

/** Begins to observe the engine. */
export function startRecording(host: RecorderHost, options: unknown): RunRecorder {
  const recorder = new Recorder({
    ...(options as RecordOptions | undefined),
    site,
    isRecording,
    emit: (chunk) => host.send(chunk, buffersOf(chunk)),
  });
  const names = new Map<number, string>();
  observe(recorder);
  return {
    site,
    nameValue: (nameId, value) => recorder.bind(nameId, names.get(nameId) ?? "", value),
    addNames: (_file, rows) => {
      for (const row of rows) names.set(row.id, row.name);
    },
    flush: () => recorder.flush(),
    finish: () => {
      observe(null);
      recorder.finish();
    },
  };
}

function buffersOf(chunk: RecordingChunk): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const table of Object.values(chunk.tables ?? {})) {
    for (const column of Object.values(table?.columns ?? {})) buffers.push(column.buffer as ArrayBuffer);
  }
  return buffers;
}
