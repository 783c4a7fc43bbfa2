import { globSync } from "node:fs";
import path from "node:path";
import { type Alert, findAlerts } from "../../engine/recording/queries/alerts.ts";
import { namedTensors, type TensorInfo } from "../../engine/recording/queries/tensors.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { RunOutcome } from "../../extension/runner/outcome.ts";
import { recordRun } from "../../extension/runner/recordRun.ts";
import { Runner } from "../../extension/runner/runner.ts";

const root = path.resolve(import.meta.dirname, "../..");
const inDist = (name: string): string => path.join(root, "dist", name);

let runner: Runner | undefined;

/** An example as a person sees it after ▶. */
export class ExampleRun {
  readonly recording: Recording;
  readonly outcome: RunOutcome;
  readonly alerts: readonly Alert[];
  readonly #tensors: readonly TensorInfo[];

  constructor(recording: Recording, outcome: RunOutcome) {
    this.recording = recording;
    this.outcome = outcome;
    this.alerts = findAlerts(recording);
    this.#tensors = namedTensors(recording);
  }

  /** What it printed, line by line. */
  get lines(): string[] {
    const text = this.recording.console.map((row) => row.text).join("");
    return text.trimEnd().split("\n");
  }

  /** The tensor with this name; of several the last. */
  tensor(name: string): TensorInfo {
    const found = this.#tensors.findLast((tensor) => tensor.name === name || tensor.module === name);
    if (found === undefined) throw new Error(`there is no tensor ${name}, only ${this.names.join(", ")}`);
    return found;
  }

  get names(): string[] {
    return this.#tensors.map(({ module, name }) => module ?? name ?? "(unnamed)");
  }

  /** The first elements of its value at the end. */
  value(name: string): readonly number[] | undefined {
    return this.tensor(name).value?.sample;
  }

  /** The first elements of its gradient at the end; undefined where there is none. */
  gradient(name: string): readonly number[] | undefined {
    return this.tensor(name).grad?.sample;
  }

  /** The number that follows a text in what it printed. */
  printed(after: string): number {
    const line = this.lines.find((one) => one.includes(after)) ?? "";
    return Number.parseFloat(line.slice(line.indexOf(after) + after.length));
  }
}

/** Every model file of the examples, in order. */
export const exampleFiles: readonly string[] = globSync("[0-9]*.ts", { cwd: path.join(root, "examples") }).sort();

/** Runs the example with this number, in a child that all of them share. */
export async function runExample(number: string): Promise<ExampleRun> {
  runner ??= new Runner({
    brokerPath: inDist("broker.js"),
    workerPath: inDist("worker.js"),
    enginePath: inDist("engine.js"),
    recorderPath: inDist("recorder.js"),
  });
  const file = exampleFiles.find((name) => name.startsWith(number));
  if (file === undefined) throw new Error(`there is no example ${number}`);
  const { recording, done } = recordRun(runner, { file: path.join(root, "examples", file) });
  return new ExampleRun(recording, await done);
}

/** Ends the child. */
export function endExamples(): void {
  runner?.dispose();
  runner = undefined;
}
