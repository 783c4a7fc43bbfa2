// What it costs to be watched: W10, a training step of W4 and of W7 plain, recorded, recorded with all values, and with anomaly detection.

import { inProject } from "../../scripts/project.ts";
import type { Benchmark, Row } from "./support/benchmark.ts";
import { measureInChild } from "./support/child.ts";
import type { Watch } from "./support/runWatched.ts";

const watches: readonly Watch[] = ["recorded", "values", "anomaly"];

export const benchmarks: readonly Benchmark[] = ["W4", "W7"].flatMap((workload) =>
  watches.map((watch) => ({
    name: `W10_${workload}_${watch}`,
    measure: () => {
      const program = inProject("test", "bench", "support", "runWatched.ts");
      return measureInChild<Row>(process.execPath, [program, inProject("dist"), workload, watch]);
    },
  })),
);
