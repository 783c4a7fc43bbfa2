// Opening a recording of a million ops, and asking it what the editor asks.

import { tensor } from "../../engine/index.ts";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import { alertsInParts } from "../../engine/recording/queries/alerts.ts";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import type { Parts } from "../../engine/recording/queries/parts.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const repeats = 5;

/** Work on the file or on what was opened; what it gives stands in the row, too. */
type Work = (file: Uint8Array, opened: Recording) => Pick<Row, "longest_turn_ms"> | void;

const works: Readonly<Record<string, Work>> = {
  "open-recording": (file) => void decodeRecording(file),
  "open-recording-tensors": (_, opened) => void [namedTensors(opened), trainingSteps(opened)],
  "open-recording-alerts": (_, opened) => ({ longest_turn_ms: longestTurn(alertsInParts(opened)) }),
  "open-recording-graph": (_, opened) => void buildGraph(opened),
};

export const benchmarks: readonly Benchmark[] = Object.entries(works).map(([name, work]) => ({
  name,
  measure: () => measure(name, work),
}));

let kept: Uint8Array | undefined;

function measure(name: string, work: Work): Row {
  kept ??= encodeRecording(millionOps());
  const file = kept;
  const times: number[] = [];
  let more = {};
  let events = 0;
  for (let i = 0; i < repeats; i++) {
    // Each time another recording, of which nothing is known yet.
    const opened = decodeRecording(file);
    const start = performance.now();
    more = work(file, opened) ?? {};
    times.push(performance.now() - start);
    events = opened.tables.events.rows;
  }
  return { name, ...summary(times), ...more, events, megabytes: file.length / 2 ** 20 };
}

/** Milliseconds that others wait at most while parts are worked off. */
function longestTurn(parts: Parts<unknown>): number {
  let longest = 0;
  for (let done = false; !done; ) {
    const start = performance.now();
    done = parts.next().done === true;
    longest = Math.max(longest, performance.now() - start);
  }
  return longest;
}

/** Half of them forward, half backward. */
function millionOps(): Recording {
  const recording = new Recording();
  const host = { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => undefined };
  const recorder = startRecording(host, undefined);
  const x = tensor(0.9, { requiresGrad: true });
  while (recording.tables.events.rows < 1_000_000) {
    let y = x;
    for (let i = 0; i < 1000; i++) y = i % 2 === 0 ? y.mul(0.5) : y.add(0.5);
    y.backward();
    recorder.flush();
  }
  recorder.finish();
  return recording;
}
