// From nothing to a finished run: `gradlens run` on example 01, and what of it is Node's own start.

import { execFile } from "node:child_process";
import { inProject } from "../../scripts/project.ts";
import { type Benchmark, summary } from "./support/benchmark.ts";

const runs = 15;

export const benchmarks: readonly Benchmark[] = [
  {
    name: "cold-start",
    measure: async () => {
      const example = inProject("examples", "01-first-gradient.ts");
      const run = [inProject("dist", "cli.js"), "run", example];
      // The first one finds the files on the disk for all others.
      await wallTime(run);
      const times: number[] = [];
      const bare: number[] = [];
      for (let i = 0; i < runs; i++) {
        times.push(await wallTime(run));
        bare.push(await wallTime(["--eval", "0"]));
      }
      return { name: "cold-start", ...summary(times), node_alone_ms: summary(bare).median_ms };
    },
  },
];

function wallTime(programArguments: readonly string[]): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    execFile(process.execPath, programArguments, (error) =>
      error ? reject(error) : resolve(performance.now() - start),
    );
  });
}
