// The workloads that have work for several threads, with two.

import { measureWorkload, withVerdict } from "./engine.ts";
import type { Benchmark } from "./support/benchmark.ts";

const shared = ["W2", "W3_512", "W3_1024", "W4", "W5", "W6"];

export const benchmarks: readonly Benchmark[] = shared.map((workload) => ({
  name: `threads-${workload}`,
  measure: async () => ({ ...withVerdict(await measureWorkload(workload, 2)), name: `threads-${workload}` }),
}));
