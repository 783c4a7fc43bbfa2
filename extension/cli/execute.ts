import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { encodeRecording } from "../../engine/recording/file.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { RunOutcome } from "../runner/outcome.ts";
import { recordRun } from "../runner/recordRun.ts";
import { Runner } from "../runner/runner.ts";
import type { CommonOptions } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

/** A finished run. */
export interface Executed {
  readonly recording: Recording;
  readonly outcome: RunOutcome;
}

/** Runs a model file to its end, with one line of progress, and saves the recording when asked to. */
export async function execute(file: string, options: CommonOptions, terminal: Terminal, output: "pass on" | "keep"): Promise<Executed> {
  const runner = new Runner(runnerPaths());
  try {
    const { run, recording, done } = recordRun(runner, {
      file,
      cwd: process.cwd(),
      limits: { timeoutMs: options.timeoutMs, ...(options.memoryMb === null ? {} : { memoryMb: options.memoryMb }) },
    });
    const began = Date.now();
    const ticking = setInterval(() => {
      const { events } = recording.tables;
      terminal.progress(`running ${path.basename(file)} · ${((Date.now() - began) / 1000).toFixed(1)} s · ${events.rows} events · Ctrl+C stops`);
    }, 200);
    const interrupt = (): void => void run.stop();
    process.once("SIGINT", interrupt);
    if (output === "pass on") run.onConsole(({ stream, text }) => terminal.passOn(stream, text));
    try {
      const outcome = await done;
      if (options.save !== null) await writeFile(options.save, encodeRecording(recording));
      return { recording, outcome };
    } finally {
      clearInterval(ticking);
      process.off("SIGINT", interrupt);
      terminal.clearProgress();
    }
  } finally {
    runner.dispose();
  }
}

/** The parts of the runner lie beside this program, as bundles or, in a checkout, as sources. */
function runnerPaths() {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const bundled = path.basename(here) === "dist";
  const at = (bundle: string, source: string): string => (bundled ? path.join(here, bundle) : path.join(here, "..", "..", source));
  return {
    brokerPath: at("broker.js", "extension/runner/broker.ts"),
    workerPath: at("worker.js", "extension/runner/worker.ts"),
    enginePath: at("engine.js", "engine/index.ts"),
    recorderPath: at("recorder.js", "engine/recording/runRecorder.ts"),
  };
}

/** Paths as people write them: relative to the working folder where they lie in it. */
export function relativePath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === "" || relative.startsWith("..") || path.isAbsolute(relative) ? file : relative.replaceAll("\\", "/");
}
