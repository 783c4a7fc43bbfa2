// From asking for a run to everything that the editor's hints are made of: a warm runner, example 01, its alerts and tensors.

import { findAlerts } from "../../engine/recording/queries/alerts.ts";
import { namedTensors } from "../../engine/recording/queries/tensors.ts";
import { recordRun } from "../../extension/runner/recordRun.ts";
import { Runner } from "../../extension/runner/runner.ts";
import { inProject } from "../../scripts/project.ts";
import { type Benchmark, summary } from "./support/benchmark.ts";

const runs = 20;
/** In which a person reads and types; the runner gets its next thread ready. */
const pauseMs = 400;

export const benchmarks: readonly Benchmark[] = [
  {
    name: "run-to-hints",
    measure: async () => {
      const runner = new Runner({
        brokerPath: inProject("dist", "broker.js"),
        workerPath: inProject("dist", "worker.js"),
        enginePath: inProject("dist", "engine.js"),
        recorderPath: inProject("dist", "recorder.js"),
      });
      try {
        const first = await timeToHints(runner);
        const times: number[] = [];
        for (let i = 0; i < runs; i++) {
          await new Promise((later) => setTimeout(later, pauseMs));
          times.push(await timeToHints(runner));
        }
        return { name: "run-to-hints", ...summary(times), cold_ms: first };
      } finally {
        runner.dispose();
      }
    },
  },
];

async function timeToHints(runner: Runner): Promise<number> {
  const start = performance.now();
  const { recording, done } = recordRun(runner, { file: inProject("examples", "01-first-gradient.ts") });
  const outcome = await done;
  findAlerts(recording);
  if (namedTensors(recording).length === 0) throw new Error(`the run gave no tensors: ${JSON.stringify(outcome)}`);
  return performance.now() - start;
}
