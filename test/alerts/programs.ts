import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Alert, findAlerts } from "../../engine/recording/queries/alerts.ts";
import type { Recording } from "../../engine/recording/recording.ts";
import type { RunOutcome } from "../../extension/runner/outcome.ts";
import { recordRun } from "../../extension/runner/recordRun.ts";
import { Runner } from "../../extension/runner/runner.ts";

const root = path.resolve(import.meta.dirname, "../..");
const fixtures = path.join(root, "test", "fixtures", "alerts");

/** What a wrong program is to be told, as its first line says: `// nan log-of-nonpositive at line 6`. */
export interface Expected {
  readonly kind: string;
  /** Of the origin, or why a gradient is missing; null where the line names none. */
  readonly cause: string | null;
  readonly line: number;
}

/** A program as a person sees it after it was run. */
export interface Told {
  readonly name: string;
  /** What it is to be told, its own fault first; nothing for a program that is right. */
  readonly expected: readonly Expected[];
  readonly alerts: readonly Alert[];
  readonly recording: Recording;
  readonly outcome: RunOutcome;
}

/** A small program of the fixtures. */
export interface Program {
  readonly name: string;
  readonly file: string;
  readonly expected: readonly Expected[];
}

/** Every wrong program, or every right one. */
export function programs(kind: "wrong" | "right"): Program[] {
  const files = globSync("*.ts", { cwd: path.join(fixtures, kind) }).sort();
  return files.map((name) => {
    const file = path.join(fixtures, kind, name);
    return { name: name.replace(".ts", ""), file, expected: kind === "wrong" ? expectedIn(file) : [] };
  });
}

function expectedIn(file: string): Expected[] {
  const [first = ""] = readFileSync(file, "utf8").split("\n", 1);
  return first.split(",").map((part) => {
    const found = /^(?:\/\/)? ([\w-]+)(?: ([\w-]+))? at line (\d+)$/.exec(part);
    if (found === null) throw new Error(`${file}: the first line does not say what is to be found`);
    return { kind: found[1] ?? "", cause: found[2] ?? null, line: Number(found[3]) };
  });
}

const sources = {
  brokerPath: path.join(root, "extension/runner/broker.ts"),
  workerPath: path.join(root, "extension/runner/worker.ts"),
  enginePath: path.join(root, "engine/index.ts"),
  recorderPath: path.join(root, "engine/recording/runRecorder.ts"),
};
const built = {
  brokerPath: path.join(root, "dist/broker.js"),
  workerPath: path.join(root, "dist/worker.js"),
  enginePath: path.join(root, "dist/engine.js"),
  recorderPath: path.join(root, "dist/recorder.js"),
};

/** Runs programs one after the other in one warm process, as it is built or from its sources. */
export class Bench {
  readonly #runner: Runner;

  constructor(from: "dist" | "sources" = "dist") {
    this.#runner = new Runner(from === "dist" ? built : sources);
  }

  async run({ name, file, expected }: Program): Promise<Told> {
    const { recording, done } = recordRun(this.#runner, { file });
    const outcome = await done;
    const texts = (one: string): string => readFileSync(one, "utf8");
    return { name, expected, alerts: findAlerts(recording, { sources: texts }), recording, outcome };
  }

  dispose(): void {
    this.#runner.dispose();
  }
}

/** All programs of both kinds, run. */
export async function runAll(
  bench: Bench,
): Promise<{ readonly wrong: readonly Told[]; readonly right: readonly Told[] }> {
  const run = async (kind: "wrong" | "right"): Promise<Told[]> => {
    const told: Told[] = [];
    for (const program of programs(kind)) told.push(await bench.run(program));
    return told;
  };
  return { wrong: await run("wrong"), right: await run("right") };
}

/** Whether an alert says what a program is to be told. */
export function isExpected(alert: Alert, { kind, cause, line }: Expected): boolean {
  return alert.kind === kind && alert.place?.line === line && (cause === null || isCause(alert, cause));
}

/** Bad numbers have their cause in the origin; missing gradients say theirs in words. */
function isCause({ origin, message }: Alert, cause: string): boolean {
  const words: { readonly [cause: string]: RegExp } = { detached: /detach/, item: /item\(\)/, copy: /copied/ };
  return origin === null ? (words[cause]?.test(message) ?? false) : origin.cause === cause;
}
