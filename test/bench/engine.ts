// The workloads W1 to W9 and two of many derivatives, each in a process of its own, on the engine as it ships.

import { inProject } from "../../scripts/project.ts";
import type { Benchmark, Row } from "./support/benchmark.ts";
import { measureInChild } from "./support/child.ts";
import { expected } from "./support/spec.ts";
import { workloads } from "./support/workloads.ts";

export const benchmarks: readonly Benchmark[] = Object.keys(workloads).map((name) => ({
  name,
  measure: async () => withVerdict(await measureWorkload(name)),
}));

/** Our engine on a workload, in so many threads. */
export function measureWorkload(name: string, threads = 1): Promise<Row> {
  const program = inProject("test", "bench", "support", "runWorkload.ts");
  return measureInChild<Row>(process.execPath, [program, inProject("dist", "engine.js"), name, String(threads)]);
}

/** A speed that comes from computing something else is none. */
export function withVerdict(row: Row): Row {
  const wanted = expected[row.name];
  if (wanted === undefined || row.check === undefined) return row;
  const isFar = Math.abs(row.check - wanted.check) > wanted.within * Math.abs(wanted.check);
  return isFar ? { ...row, wrong: `check should be ${wanted.check}` } : row;
}
