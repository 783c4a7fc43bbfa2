// Opening a recording of a million ops, and asking it what the editor asks.

import { tensor } from "../../engine/index.ts";
import { decodeRecording, encodeRecording } from "../../engine/recording/file.ts";
import { findAlerts } from "../../engine/recording/queries/alerts.ts";
import { buildGraph } from "../../engine/recording/queries/graph.ts";
import { trainingSteps } from "../../engine/recording/queries/steps.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const repeats = 5;

type Work = (file: Uint8Array, opened: Recording) => unknown;

const works: Readonly<Record<string, Work>> = {
  "open-recording": (file) => decodeRecording(file),
  "open-recording-tensors": (_, opened) => [namedTensors(opened), trainingSteps(opened)],
  "open-recording-alerts": (_, opened) => findAlerts(opened),
  "open-recording-graph": (_, opened) => buildGraph(opened),
};

export const benchmarks: readonly Benchmark[] = Object.entries(works).map(([name, work]) => ({
  name,
  measure: () => measure(name, work),
}));

let kept: Uint8Array | undefined;

function measure(name: string, work: Work): Row {
  kept ??= encodeRecording(millionOps());
  const file = kept;
  const opened = decodeRecording(file);
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    work(file, opened);
    return performance.now() - start;
  });
  return { name, ...summary(times), events: opened.tables.events.rows, megabytes: file.length / 2 ** 20 };
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
