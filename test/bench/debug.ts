// The debugger: how long a step and a reverse continue take on a long recording, and what it costs a program to be debugged.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { tensor } from "../../engine/index.ts";
import { noStops } from "../../engine/recording/debugging/debugContract.ts";
import { encodeRecording } from "../../engine/recording/file.ts";
import { Recording, type RecordingChunk } from "../../engine/recording/recording.ts";
import { startRecording } from "../../engine/recording/runRecorder.ts";
import { LiveProgram } from "../../extension/debug/session/liveProgram.ts";
import { recordRun } from "../../extension/runner/recordRun.ts";
import { Runner } from "../../extension/runner/runner.ts";
import { inProject } from "../../scripts/project.ts";
import { Client } from "../debug/client.ts";
import { type Benchmark, type Row, summary } from "./support/benchmark.ts";

const events = 100_000;
const repeats = 15;

export const benchmarks: readonly Benchmark[] = [
  { name: "debug-step", measure: () => withReplay("debug-step", step) },
  { name: "debug-reverse-continue", measure: () => withReplay("debug-reverse-continue", reverseContinue) },
  { name: "debug-attach", measure: attach },
  { name: "debug-run", measure: debugRun },
];

/** A step, and everything that an editor asks for after one. */
async function step(client: Client): Promise<number> {
  const before = performance.now();
  await client.moved(client.ask("stepIn", { threadId: 1 }));
  await client.stackTraceRequest({ threadId: 1 });
  const { body } = await client.scopesRequest({ frameId: 1 });
  for (const { variablesReference, expensive } of body.scopes) {
    if (!expensive) await client.variablesRequest({ variablesReference });
  }
  return performance.now() - before;
}

/** From the end to the beginning, past breakpoints of every kind that are not hit. */
async function reverseContinue(client: Client): Promise<number> {
  const before = performance.now();
  await client.moved(client.ask("reverseContinue", { threadId: 1 }));
  const took = performance.now() - before;
  await client.moved(client.ask("continue", { threadId: 1 }));
  return took;
}

async function withReplay(name: string, work: (client: Client) => Promise<number>): Promise<Row> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "gradlens-bench-"));
  const client = new Client(inProject("dist", "debugAdapter.js"));
  try {
    const replay = path.join(folder, "long.gradlens");
    writeFileSync(replay, encodeRecording(longRecording()));
    await client.start();
    const initialized = client.waitForEvent("initialized");
    await client.initializeRequest({ adapterID: "gradlens" });
    await initialized;
    await client.ask("launch", { replay });
    await client.setBreakpointsRequest({ source: { path: "/model.ts" }, breakpoints: [{ line: 99 }] });
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "ExpBackward0" }] });
    await client.ask("setDataBreakpoints", { breakpoints: [{ dataId: "grad-nonfinite:w" }] });
    await client.ask("setExceptionBreakpoints", { filters: ["nan-forward", "nonfinite-gradient", "exploding"] });
    await client.moved(client.configurationDoneRequest());
    if (work === step) await client.moved(client.ask("gradlens/previousNode", { threadId: 1 }));
    if (work === step) await client.moved(client.ask("stepBack", { threadId: 1 }));
    const times: number[] = [];
    for (let i = 0; i < repeats; i++) {
      times.push(await work(client));
      if (work === step) for (let n = 0; n < 2; n++) await client.moved(client.ask("stepBack", { threadId: 1 }));
    }
    await client.disconnectRequest();
    return { name, ...summary(times), events };
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Half of it forward, half backward, in one graph. */
function longRecording(): Recording {
  const recording = new Recording();
  const host = { send: (chunk: RecordingChunk) => recording.append(chunk), tick: () => undefined };
  const recorder = startRecording(host, undefined);
  const site = { line: 3, column: 1, file: "/model.ts", endLine: 3, endColumn: 9, functionName: null };
  recording.append({ sites: [{ id: 1, ...site }], meta: { file: "/model.ts", startedAt: 0 } });
  recorder.site.current = 1;
  const x = tensor(0.9, { requiresGrad: true });
  let y = x;
  for (let i = 0; i < events / 2; i++) y = i % 2 === 0 ? y.mul(0.5) : y.add(0.5);
  y.backward();
  recorder.finish();
  recorder.site.current = 0;
  return recording;
}

/** From the first request to the end of a small program, beside the same with a runner alone. */
async function attach(): Promise<Row> {
  const program = inProject("examples", "01-first-gradient.ts");
  const debugged: number[] = [];
  const recorded: number[] = [];
  for (let i = 0; i < repeats; i++) {
    debugged.push(await debugOnce(program));
    recorded.push(await timed(() => runOnce(program)));
  }
  const { median_ms } = summary(recorded);
  return {
    name: "debug-attach",
    ...summary(debugged),
    run_ms: median_ms,
    overhead_ms: summary(debugged).median_ms - median_ms,
  };
}

async function debugOnce(program: string): Promise<number> {
  const client = new Client(inProject("dist", "debugAdapter.js"));
  const took = await timed(async () => {
    await client.start();
    const initialized = client.waitForEvent("initialized");
    const ended = client.waitForEvent("terminated");
    await client.initializeRequest({ adapterID: "gradlens" });
    await Promise.all([client.ask("launch", { program }), initialized]);
    await client.configurationDoneRequest();
    await ended;
  });
  await client.disconnectRequest();
  await client.stop();
  return took;
}

async function runOnce(program: string): Promise<void> {
  const runner = makeRunner();
  await recordRun(runner, { file: program }).done;
  runner.dispose();
}

/** A program that trains for a while, run and recorded, and run under the debugger without a breakpoint. */
async function debugRun(): Promise<Row> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "gradlens-bench-"));
  const program = path.join(folder, "model.ts");
  writeFileSync(program, training);
  const runner = makeRunner();
  const recorded: number[] = [];
  const debugged: number[] = [];
  const kept: number[] = [];
  try {
    for (let i = 0; i < repeats; i++) {
      recorded.push((await recordRun(runner, { file: program }).done).durationMs);
      debugged.push(await debugWhole(runner, program, false));
    }
    // By itself, because the memory that it takes slows down whatever comes next.
    for (let i = 0; i < repeats; i++) kept.push(await debugWhole(runner, program, true));
  } finally {
    runner.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
  const { min_ms: recorded_ms } = summary(recorded);
  const { min_ms: kept_ms } = summary(kept);
  const row = summary(debugged);
  return { name: "debug-run", ...row, recorded_ms, ratio: row.min_ms / recorded_ms, kept_ms };
}

async function debugWhole(runner: Runner, file: string, keepValues: boolean): Promise<number> {
  const quiet = { onConsole: () => undefined, onNote: () => undefined, onFile: () => undefined };
  const program = new LiveProgram(runner, { file }, quiet);
  while ((await program.next()) !== null) if ((await program.go({ ...noStops, keepValues })) === null) break;
  return (await program.done).durationMs;
}

const training = `import { manualSeed, nn, optim, randn } from "gradlens";
manualSeed(1);
const net = new nn.Sequential(new nn.Linear(32, 64), new nn.Tanh(), new nn.Linear(64, 1));
const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
const x = randn([64, 32]);
for (let step = 0; step < 1200; step++) {
  optimizer.zeroGrad();
  const loss = net.forward(x).pow(2).mean();
  loss.backward();
  optimizer.step();
}
`;

function makeRunner(): Runner {
  return new Runner({
    brokerPath: inProject("dist", "broker.js"),
    workerPath: inProject("dist", "worker.js"),
    enginePath: inProject("dist", "engine.js"),
    recorderPath: inProject("dist", "recorder.js"),
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}
