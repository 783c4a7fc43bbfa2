import path from "node:path";
import type { RunnerOptions } from "../runner/runner.ts";
import type { EvaluatorPaths } from "./evaluator/messages.ts";

/** Where the programs are that a session starts. */
export interface AdapterPaths {
  readonly runner: RunnerOptions;
  /** The folder of everything that runs beside the user's files. */
  readonly dist: string;
  /** The thread that evaluates expressions. */
  readonly evaluatorPath: string;
  /** What that thread loads. */
  readonly evaluator: EvaluatorPaths;
}

/** They lie beside the adapter, as bundles or, in a checkout, as sources. `home` is the folder of the adapter's program. */
export function adapterPaths(home: string): AdapterPaths {
  const isBundled = path.basename(home) === "dist";
  const at = (bundle: string, source: string): string =>
    isBundled ? path.join(home, bundle) : path.join(home, "..", "..", source);
  const enginePath = at("engine.js", "engine/index.ts");
  return {
    dist: isBundled ? home : path.join(home, "..", ".."),
    runner: {
      brokerPath: at("broker.js", "extension/runner/broker.ts"),
      workerPath: at("worker.js", "extension/runner/worker.ts"),
      enginePath,
      recorderPath: at("recorder.js", "engine/recording/runRecorder.ts"),
    },
    evaluatorPath: at("debugEvaluator.js", "extension/debug/evaluator/thread.ts"),
    evaluator: { enginePath, derivativePath: at("localDerivative.js", "engine/functional/localDerivative.ts") },
  };
}
