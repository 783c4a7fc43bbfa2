// Measures one workload in a process of its own, so that no other has shaped what the compiler made of the engine:
//
//     node runWorkload.ts ENGINE WORKLOAD [THREADS]

import { pathToFileURL } from "node:url";
import { measureSteps } from "./benchmark.ts";
import { flopPerStep, opsPerStep } from "./spec.ts";
import { type Engine, workloads } from "./workloads.ts";

const [, , enginePath = "", name = "", threads = "1"] = process.argv;
const engine: Engine = await import(pathToFileURL(enginePath).href);
const workload = workloads[name];
if (workload === undefined) throw new Error(`There is no workload ${name}.`);

// Helpers get ready while the workload warms up.
engine.setNumThreads(Number(threads));
const timing = await measureSteps(workload(engine));
const ops = opsPerStep[name];
const flop = flopPerStep[name];
console.log(
  JSON.stringify({
    name,
    ...timing,
    ...(ops === undefined ? {} : { ns_per_op: (timing.min_ms * 1e6) / ops }),
    ...(flop === undefined ? {} : { gflops: flop / timing.min_ms / 1e6 }),
  }),
);
