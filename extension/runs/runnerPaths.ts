import path from "node:path";
import type { RunnerOptions } from "../runner/runner.ts";

/** Where the parts of the runner are in the extension's folder. */
export function runnerPaths(extensionFolder: string) {
  const inDist = (file: string): string => path.join(extensionFolder, "dist", file);
  return {
    brokerPath: inDist("broker.js"),
    workerPath: inDist("worker.js"),
    enginePath: inDist("engine.js"),
    recorderPath: inDist("recorder.js"),
  } satisfies RunnerOptions;
}
