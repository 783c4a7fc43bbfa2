// What the profiler's panels ask of a recording of a million ops in 1,000 training steps with modules.

import { nn, optim, randn } from "../../engine/index.ts";
import { compareRecordings } from "../../engine/recording/queries/profile/compare.ts";
import { lineCosts } from "../../engine/recording/queries/profile/lines.ts";
import { memoryProfile } from "../../engine/recording/queries/profile/memory.ts";
import { moduleTree } from "../../engine/recording/queries/profile/moduleTree.ts";
import { nestingOf } from "../../engine/recording/queries/profile/nesting.ts";
import { opTable } from "../../engine/recording/queries/profile/opTable.ts";
import { type Timeline, timelineOf } from "../../engine/recording/queries/profile/timeline.ts";
import { trainingCurves } from "../../engine/recording/queries/profile/training.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const repeats = 5;

type Work = (recording: Recording, timeline: Timeline) => unknown;

const works: Readonly<Record<string, Work>> = {
  timeline: (recording) => timelineOf(recording),
  nesting: (_, timeline) => nestingOf(timeline),
  ops: (recording, timeline) => opTable(timeline, recording),
  "ops-by-shape": (recording, timeline) => opTable(timeline, recording, { byShape: true }),
  modules: (recording, timeline) => moduleTree(recording, timeline),
  lines: (recording, timeline) => lineCosts(recording, timeline),
  memory: (recording) => memoryProfile(recording),
  training: (recording) => trainingCurves(recording),
  compare: (recording) => compareRecordings(recording, recording),
};

export const benchmarks: readonly Benchmark[] = Object.entries(works).map(([name, work]) => ({
  name: `profile-${name}`,
  measure: () => measure(`profile-${name}`, work),
}));

let kept: { readonly recording: Recording; readonly timeline: Timeline } | undefined;

function measure(name: string, work: Work): Row {
  kept ??= prepared();
  const { recording, timeline } = kept;
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    work(recording, timeline);
    return performance.now() - start;
  });
  return { name, ...summary(times), events: recording.tables.events.rows, spans: timeline.count };
}

function prepared(): { readonly recording: Recording; readonly timeline: Timeline } {
  const recording = millionEvents();
  return { recording, timeline: timelineOf(recording) };
}

/** A deep network, trained. Each op has a place of its own in its step. */
export function millionEvents(): Recording {
  const recording = new Recording();
  const sites = Array.from({ length: 64 }, (_, i) => ({
    ...{ id: i + 1, file: "/model.ts", line: i + 1, column: 1, endLine: i + 1, endColumn: 9, functionName: null },
  }));
  recording.append({ sites });
  const host = { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => undefined };
  const recorder = startRecording(host, undefined);
  const layers = Array.from({ length: 100 }, () => new nn.Sequential(new nn.Linear(4, 4), new nn.Tanh()));
  const net = new nn.Sequential(...layers);
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-4 });
  const x = randn(2, 4);
  while (recording.tables.events.rows < 1_000_000) {
    optimizer.zeroGrad();
    let y = x;
    for (const [i, layer] of layers.entries()) {
      recorder.site.current = 1 + (i % 60);
      y = layer.forward(y);
    }
    recorder.site.current = 61;
    const loss = y.pow(2).mean();
    recorder.site.current = 62;
    loss.backward();
    recorder.site.current = 63;
    optimizer.step();
    recorder.flush();
  }
  recorder.site.current = 0;
  recorder.finish();
  return recording;
}
