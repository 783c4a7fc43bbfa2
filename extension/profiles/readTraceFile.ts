import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";
import { type ImportedTrace, TraceReader } from "../../engine/recording/traces/readTrace.ts";

/** Bytes that are read in one go: however large the file is, no more of it is in memory at once. */
const partBytes = 4 << 20;

/** Reads a trace of another program. Throws with a sentence for people when there is nothing to show. */
export function readTraceFile(file: string): ImportedTrace {
  const descriptor = open(file);
  try {
    const reader = new TraceReader();
    const part = new Uint8Array(partBytes);
    for (;;) {
      const length = readSync(descriptor, part);
      if (length === 0 || !reader.push(part.subarray(0, length))) break;
    }
    return reader.finish();
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number {
  try {
    return openSync(file, "r");
  } catch (error) {
    const name = path.basename(file);
    const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new Error(isGone ? `${name} is not there.` : `${name} could not be read.`, { cause: error });
  }
}
