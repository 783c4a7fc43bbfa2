import { isRecording } from "../autograd/modes.ts";
import { observe } from "../autograd/observer.ts";
import { site } from "../autograd/sites.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { fastSquares } from "../kernels/squares.ts";
import { DebugRecorder } from "./debugging/debugRecorder.ts";
import { Recorder, type RecorderOptions } from "./recorder.ts";
import type { RecorderHost, RecordOptions, RunRecorder } from "./recorderContract.ts";
import type { RecordingChunk } from "./recording.ts";
import type { NameRow } from "./schema.ts";
import { computeSquaresBy } from "./statistics.ts";

/** Names in the user's files are counted from 0; those that the recorder makes, from here. */
const FIRST_OWN_NAME = 2 ** 31;

/** Begins to observe the engine. */
export function startRecording(host: RecorderHost<RecordingChunk>, options: unknown): RunRecorder {
  computeSquaresBy(fastSquares);
  const recording: RecorderOptions = {
    ...(options as RecordOptions | undefined),
    site,
    isRecording,
    addName: (base, name) => addName(base, name),
    ...(host.isProxy === undefined ? {} : { isProxy: host.isProxy }),
    emit: (chunk) => host.send(chunk, buffersOf(chunk)),
  };
  const { debugLine: line } = host;
  const debugged = line === undefined ? null : new DebugRecorder({ ...recording, line, copyOf });
  const recorder = debugged ?? new Recorder(recording);
  const names = new Map<number, NameRow>();
  let nextName = FIRST_OWN_NAME;
  const addName = (base: number, name: string): number => {
    const row = names.get(base);
    if (row === undefined) return base;
    const id = nextName++;
    host.send({ names: [{ ...row, id, name }] }, []);
    return id;
  };
  observe(recorder);
  return {
    site,
    nameValue: (nameId, value) => {
      const row = names.get(nameId);
      recorder.bind(nameId, row?.name ?? "", value, row?.alias);
    },
    addNames: (file, rows) => {
      for (const row of rows) names.set(row.id, { ...row, file });
      debugged?.loaded(file);
    },
    collected: (kind, start, end) => recorder.collected(kind, start, end),
    listen: () => debugged?.listen(),
    flush: () => recorder.flush(),
    finish: () => {
      observe(null);
      recorder.finish();
    },
  };
}

/** For a debugger that changes a gradient: the program itself has not made this copy. */
function copyOf(x: Tensor): Tensor {
  const before = observe(null);
  try {
    return x.detach().clone();
  } finally {
    observe(before);
  }
}

function buffersOf(chunk: RecordingChunk): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const table of Object.values(chunk.tables ?? {})) {
    for (const column of Object.values(table?.columns ?? {})) buffers.push(column.buffer as ArrayBuffer);
  }
  return buffers;
}
