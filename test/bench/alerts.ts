// What the editor asks a run of 10,000 ops at its end (all alerts, and what stands behind its lines), and what a hover asks.

import { findAlerts } from "../../engine/recording/queries/alerts.ts";
import { whyNoGradient } from "../../engine/recording/queries/gradReason.ts";
import { Rows } from "../../engine/recording/queries/rows.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { tensorsByLine } from "../../engine/recording/queries/tensorsByLine.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import { recordRun } from "../../extension/runner/recordRun.ts";
import { Runner } from "../../extension/runner/runner.ts";
import { inProject } from "../../scripts/project.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const runs = 5;

type Work = (recording: Recording) => unknown;

const works: Readonly<Record<string, Work>> = {
  "alerts-of-10000-ops": (recording) => findAlerts(recording),
  "lines-of-10000-ops": (recording) => tensorsByLine(namedTensors(recording)),
  "hover-of-10000-ops": (recording) => {
    const tensors = namedTensors(recording);
    return tensors.map(({ id }) => whyNoGradient(new Rows(recording), id));
  },
};

export const benchmarks: readonly Benchmark[] = Object.entries(works).map(([name, work]) => ({
  name,
  measure: async () => {
    const runner = new Runner({
      brokerPath: inProject("dist", "broker.js"),
      workerPath: inProject("dist", "worker.js"),
      enginePath: inProject("dist", "engine.js"),
      recorderPath: inProject("dist", "recorder.js"),
    });
    try {
      return await measure(name, work, runner);
    } finally {
      runner.dispose();
    }
  },
}));

/** Each time another run, of which nothing is known yet: what is worked out once counts, too. */
async function measure(name: string, work: Work, runner: Runner): Promise<Row> {
  const times: number[] = [];
  let events = 0;
  for (let i = 0; i < runs; i++) {
    const { recording, done } = recordRun(runner, { file: inProject("test", "bench", "support", "tenThousandOps.ts") });
    const outcome = await done;
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    const start = performance.now();
    work(recording);
    times.push(performance.now() - start);
    events = recording.tables.events.rows;
  }
  // A person's first run of the day is the first one: nothing is compiled yet.
  const { median_ms, ...rest } = summary(times);
  return { name, median_ms, ...rest, first_ms: times[0] ?? Number.NaN, events };
}
