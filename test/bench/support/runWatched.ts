// Measures a workload watched and unwatched, in turns, so that both see the same machine:
//
//     node runWatched.ts DIST WORKLOAD WATCH

import path from "node:path";
import { pathToFileURL } from "node:url";
import { summary, usualPatience } from "./benchmark.ts";
import { type Engine, workloads } from "./workloads.ts";

/** How a step is watched: recorded as `gradlens run` does, which looks for NaN; the same with every value kept; for anomalies; by the profiler; or recorded for a profile, without looking at values. */
export type Watch = "recorded" | "values" | "anomaly" | "profiled" | "costs";

interface Recorder {
  flush(): void;
  finish(): void;
}

interface RecorderModule {
  startRecording(host: { send(): void; tick(): void }, options: object): Recorder;
}

const [, , dist = "", name = "", watch = ""] = process.argv;
const load = (file: string) => import(pathToFileURL(path.join(dist, file)).href);
const engine: Engine = await load("engine.js");
const { startRecording }: RecorderModule = await load("recorder.js");
const step = workloads[name]?.(engine);
if (step === undefined) throw new Error(`There is no workload ${name}.`);

/** What is recorded leaves every 50 ms in a run, so a chunk is never very large. */
const flushMs = 50;
/**
 * How long one side is measured before it is the other's turn, and how many turns there are at least. A turn is a recording, of
 * which the first steps are looked at more closely than those of a long training: so it is not short.
 */
const turnMs = 150;
const leastTurns = 5;
/** A recorder looks at a run's first eight steps more closely; they shall not be most of what is measured. */
const leastSteps = 64;

const watched = {
  recorded: () => recorded({}),
  values: () => recorded({ smallValues: 2 ** 31 }),
  anomaly,
  profiled,
  costs,
}[watch];
if (watched === undefined) throw new Error(`There is no watch ${watch}.`);
const check = step();
const stepMs = summary(Array.from({ length: 5 }, () => timeOf(step))).median_ms;
const turn = Math.max(leastSteps, Math.min(1000, Math.round(turnMs / stepMs)));
const times = measureInTurns(() => timed(step), watched);
const [plain, seen] = [summary(times.plain), summary(times.watched)];
console.log(
  JSON.stringify({
    name: `W10_${name}_${watch}`,
    ...seen,
    plain_median_ms: plain.median_ms,
    plain_min_ms: plain.min_ms,
    ratio: seen.median_ms / plain.median_ms,
    ratio_of_minima: seen.min_ms / plain.min_ms,
    check,
  }),
);

function measureInTurns(plain: () => number[], watch: () => number[]): { plain: number[]; watched: number[] } {
  const found = { plain: [] as number[], watched: [] as number[] };
  const warmUpMs = 500;
  const began = performance.now();
  for (let turns = 0; performance.now() - began < warmUpMs || turns === 0; turns++) {
    plain();
    watch();
  }
  const warm = performance.now();
  for (let turns = 0; performance.now() - warm < 2 * usualPatience.minMs || turns < leastTurns; turns++) {
    found.plain.push(...plain());
    found.watched.push(...watch());
  }
  return found;
}

function timeOf(one: () => number): number {
  const start = performance.now();
  one();
  return performance.now() - start;
}

function timed(one: () => number): number[] {
  return Array.from({ length: turn }, () => timeOf(one));
}

function recorded(options: object): number[] {
  const recorder = startRecording({ send: () => undefined, tick: () => undefined }, options);
  let flushed = performance.now();
  const times = timed(() => {
    const result = step?.() ?? Number.NaN;
    if (performance.now() - flushed > flushMs) {
      recorder.flush();
      flushed = performance.now();
    }
    return result;
  });
  recorder.finish();
  return times;
}

function anomaly(): number[] {
  return timed(() => engine.autograd.detectAnomaly(() => step?.() ?? Number.NaN));
}

function profiled(): number[] {
  return engine.autograd.profiler.profile(() => timed(step ?? (() => Number.NaN))).result;
}

function costs(): number[] {
  return recorded({ costsOnly: true });
}
