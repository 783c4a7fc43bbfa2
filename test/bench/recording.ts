// What it costs to be watched: W10, a training step of W4 and of W7 plain, recorded, recorded with all values, with anomaly detection, and profiled;
// and what PyTorch's own profiler costs on the same step.

import { inProject } from "../../scripts/project.ts";
import { findTorch } from "./peers/install.ts";
import type { Benchmark, Row } from "./support/benchmark.ts";
import { measureInChild } from "./support/child.ts";
import type { Watch } from "./support/runWatched.ts";

const watches: readonly Watch[] = ["recorded", "values", "anomaly", "profiled", "costs"];

export const benchmarks: readonly Benchmark[] = ["W4", "W7"].flatMap((workload) => [
  ...watches.map((watch) => ({
    name: `W10_${workload}_${watch}`,
    measure: () => {
      const program = inProject("test", "bench", "support", "runWatched.ts");
      return measureInChild<Row>(process.execPath, [program, inProject("dist"), workload, watch]);
    },
  })),
  { name: `W10_${workload}_torch`, measure: () => measureTorch(workload) },
]);

async function measureTorch(workload: string): Promise<Row> {
  const python = findTorch();
  if (python === null) throw new Error("There is no Python with PyTorch here.");
  const program = inProject("test", "bench", "peers", "torchPeer.py");
  const row = await measureInChild<Row>(python, [program, "1", workload, "profiled"]);
  return { ...row, name: `W10_${workload}_torch` };
}
