import { EventKind } from "../../../schema.ts";
import { counted, formatNumber } from "../../numbers.ts";
import { once, PART, type Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { type Backward, firstAfter, type History } from "../history.ts";
import type { Limits } from "../rule.ts";
import { nameOf } from "../words.ts";

/** Largest norm of a step against the first, and norm at least, from which on gradients explode from step to step. */
export const GROWTH = 1e3;
export const NORM = 1e3;

/** A weight in one backward: how deep it lies and how large its gradient is per element. */
interface Layer {
  readonly tensor: number;
  /** Where it is first used in the forward pass. */
  readonly use: number;
  readonly size: number;
}

/** One place of the program whose backward ran many times in one pass: a loop over layers or over time. */
interface Run {
  readonly backward: Backward;
  readonly forward: number;
  readonly first: number;
  readonly last: number;
  readonly length: number;
  /** Share of the steps of the run in which the gradient shrank. */
  readonly shrinking: number;
}

/** Gradients that shrink on their way to the first layers until nothing is left. */
export function* vanishing(history: History, limits: Limits): Parts<Finding[]> {
  const byLayer = worstLayers(history, limits, (ratio) => ratio < limits["ratio"]);
  if (byLayer !== null) return [layerFinding(history, byLayer, "vanish")];
  const run = (yield* longRuns(history, limits)).find(
    ({ first, last, shrinking, backward }) =>
      last < first * limits["chain"] && shrinking >= 0.8 && reachesLeafWeakly(history, backward, limits["chain"]),
  );
  return run === undefined ? [] : [runFinding(history, run, "vanish", limits)];
}

/** Gradients that grow on their way to the first layers, or from step to step. */
export function* exploding(history: History, limits: Limits): Parts<Finding[]> {
  if (history.clips.length > 0) return explodingSteps(history, limits);
  const byLayer = worstLayers(history, limits, (ratio) => ratio > limits["ratio"]);
  if (byLayer !== null) return [layerFinding(history, byLayer, "explode")];
  const factor = history.steps.length > 0 ? limits["chain"] : limits["alone"];
  const run = (yield* longRuns(history, limits)).find(
    ({ first, last, shrinking }) => last > first * factor && last > limits["norm"] && shrinking <= 0.2,
  );
  return run === undefined ? explodingSteps(history, limits) : [runFinding(history, run, "explode", limits)];
}

interface Profile {
  readonly backward: Backward;
  readonly layers: readonly Layer[];
  /** Gradient of the first layer against that of the last. */
  readonly ratio: number;
  /** In how many of the backwards that were looked at it is so. */
  readonly count: number;
}

const SAMPLES = 8;

/** The layers of the last backward in which their gradients are out of proportion, if that is so in most of them. */
function worstLayers(history: History, limits: Limits, isBad: (ratio: number) => boolean): Profile | null {
  const sampled = sample(history.backwards.filter(({ accumulates }) => accumulates.length >= limits["layers"]));
  const profiles = sampled.flatMap((backward) => {
    const layers = layersOf(history, backward);
    if (layers.length < limits["layers"] || !isTrend(layers)) return [];
    const ratio = layers[0].size / layers[layers.length - 1].size;
    return isBad(ratio) ? [{ backward, layers, ratio }] : [];
  });
  if (profiles.length === 0 || profiles.length < sampled.length / 2) return null;
  return { ...profiles[profiles.length - 1], count: profiles.length };
}

/** The first, the last, and some evenly between. */
function sample<T>(all: readonly T[]): T[] {
  if (all.length <= SAMPLES) return [...all];
  return Array.from({ length: SAMPLES }, (_, i) => all[Math.round((i * (all.length - 1)) / (SAMPLES - 1))]);
}

/** The weights of a backward, those used first in front. */
function layersOf(history: History, backward: Backward): Layer[] {
  const { value } = history.recording.tables.events.column;
  const previous = history.backwards[backward.index - 1]?.end ?? 0;
  const layers = new Map<number, Layer>();
  for (const event of backward.accumulates) {
    const [tensor] = history.rows.inputs(event);
    const shape = history.rows.shape(tensor);
    if (shape.length < 2) continue;
    const use = firstUse(history, tensor, previous, backward.start);
    const n = shape.reduce((product, size) => product * size, 1);
    const size = value[event] / Math.sqrt(n);
    if (use !== 0 && size > 0 && Number.isFinite(size)) layers.set(tensor, { tensor, use, size });
  }
  return [...layers.values()].sort((a, b) => a.use - b.use);
}

function firstUse(history: History, tensor: number, from: number, to: number): number {
  const uses = history.consumers(tensor);
  const low = firstAfter(uses, from);
  return low < uses.length && uses[low] < to ? uses[low] : 0;
}

/** Whether sizes go steadily up or down with depth: at least four in five neighbours agree. */
function isTrend(layers: readonly Layer[]): boolean {
  let up = 0;
  for (let i = 1; i < layers.length; i++) if (layers[i].size > layers[i - 1].size) up++;
  const share = up / (layers.length - 1);
  return share >= 0.8 || share <= 0.2;
}

function layerFinding(history: History, { backward, layers, ratio, count }: Profile, verb: string): Finding {
  const [first] = layers;
  const last = layers[layers.length - 1];
  const place = history.rows.place(first.tensor);
  const isSmall = verb === "vanish";
  return {
    place,
    message: `Gradients ${verb} over ${counted(layers.length, "layer")}: per element, that of ${nameOf(history, first.tensor, "the first weight")} is ${formatNumber(isSmall ? 1 / ratio : ratio)} times ${isSmall ? "smaller" : "larger"} than that of ${nameOf(history, last.tensor, "the last one")}.`,
    step: history.stepOf(backward.start),
    count,
    evidence: layers.map(({ tensor, size }) => ({ label: history.rows.label(tensor) ?? "weight", value: size })),
    tensors: layers.map(({ tensor }) => tensor),
    event: backward.accumulates[0] ?? backward.start,
  };
}

/** Loops whose backward is one node many times over, in the backwards that are looked at. */
function* longRuns(history: History, { depth }: Limits): Parts<Run[]> {
  const all = yield* runsOf.inParts(history);
  return all.filter(({ last, length }) => length >= depth && Number.isFinite(last));
}

const runsOf = once(function* (history: History): Parts<readonly Run[]> {
  const { kind, value, node, site, name } = history.recording.tables.events.column;
  const names = history.recording.strings.length;
  const all: Run[] = [];
  for (const backward of sample(history.backwards)) {
    const runs = new Map<number, { forward: number; first: number; last: number; length: number; shrunk: number }>();
    for (let event = backward.start; event < backward.end; event++) {
      if (event % PART === 0) yield;
      const norm = value[event];
      if (kind[event] !== EventKind.node || !(norm > 0)) continue;
      const key = site[event] * names + name[event];
      const run = runs.get(key);
      if (run === undefined) {
        runs.set(key, {
          forward: history.rows.forwardEvent(node[event]),
          first: norm,
          last: norm,
          length: 1,
          shrunk: 0,
        });
        continue;
      }
      if (norm < run.last) run.shrunk++;
      // What was infinite once stays so.
      run.last = run.last < Number.POSITIVE_INFINITY ? norm : run.last;
      run.length++;
    }
    for (const { shrunk, ...run } of runs.values())
      all.push({ ...run, backward, shrinking: shrunk / (run.length - 1) });
  }
  return all;
});

/** Whether some leaf gets next to nothing: in a recurrent net the last time steps reach every weight. */
function reachesLeafWeakly(history: History, backward: Backward, limit: number): boolean {
  const { value } = history.recording.tables.events.column;
  const sizes = backward.accumulates.map((event) => value[event]).filter((size) => size > 0);
  // Of gradients that were asked for only small ones are known.
  const wanted = [...history.rows.outputs(backward.end)].flatMap((gradient) => {
    const values = gradient === 0 ? null : history.rows.smallValues(gradient);
    return values === null ? [] : [Math.hypot(...values)];
  });
  return [...sizes, ...wanted.filter((size) => size > 0)].some((size) => size < limit);
}

function runFinding(history: History, run: Run, verb: string, limits: Limits): Finding {
  const { backward, forward, first, last, length } = run;
  const op = forward === 0 ? "an op" : `${history.name(forward)}()`;
  const factor = (last / first) ** (1 / (length - 1));
  // What runs once in each of many layers is cured where the layers are made.
  const layers = layersOf(history, backward);
  const isDeep = layers.length >= limits["layers"] && layers.length >= length - 2;
  return {
    place: isDeep ? history.rows.place(layers[0].tensor) : history.place(forward === 0 ? backward.start : forward),
    message: `Gradients ${verb} over ${length} calls of ${op}: each multiplies them by about ${formatNumber(factor)}, from ${formatNumber(first)} to ${formatNumber(last)}.`,
    step: history.stepOf(backward.start),
    evidence: [
      { label: "gradient norm at the last call", value: first },
      { label: "gradient norm at the first call", value: last },
      { label: "factor per call", value: factor },
    ],
    event: forward === 0 ? backward.start : forward,
  };
}

/** Whether the gradients of some optimizer grow from step to step until the training is lost, by the rule's own limits. */
export function growsFromStepToStep(history: History): boolean {
  return explodingSteps(history, { growth: GROWTH, norm: NORM }).length > 0;
}

/** Norms that grow from step to step until the training is lost. */
function explodingSteps(history: History, limits: Limits): Finding[] {
  const { value } = history.recording.tables.events.column;
  const byOptimizer = new Map<number, number[]>();
  for (const { optimizer, start } of history.steps) {
    const starts = byOptimizer.get(optimizer);
    if (starts === undefined) byOptimizer.set(optimizer, [start]);
    else starts.push(start);
  }
  return [...byOptimizer.values()].flatMap((starts) => {
    const norms = starts.map((start) => value[start]);
    const peak = norms.findIndex((norm) => !(norm < Number.POSITIVE_INFINITY));
    const upTo = peak === -1 ? norms.length : peak;
    const begin = norms.find((norm) => norm > 0) ?? 0;
    const largest = largestOf(norms.slice(0, upTo));
    if (upTo < 3 || begin === 0 || largest < begin * limits["growth"] || largest < limits["norm"]) return [];
    if (!isRising(norms.slice(0, upTo))) return [];
    return [
      {
        place: history.place(starts[0]),
        message: `Gradients explode from step to step: their norm grows from ${formatNumber(begin)} to ${formatNumber(largest)} in ${counted(upTo, "step")}.`,
        fix: "take a smaller learning rate, or clip with clipGradNorm_ between backward and step",
        step: history.stepOf(starts[upTo - 1]),
        count: upTo,
        evidence: norms
          .slice(0, upTo)
          .slice(-8)
          .map((norm, i) => ({ label: `gradient norm ${i}`, value: norm })),
        event: starts[0],
      },
    ];
  });
}

/** Whether it ends near its largest, after going up more often than down. */
function isRising(norms: readonly number[]): boolean {
  const ups = norms.filter((norm, i) => i > 0 && norm > norms[i - 1]).length;
  return ups >= 0.6 * (norms.length - 1) && norms[norms.length - 1] >= 0.1 * largestOf(norms);
}

const largestOf = (norms: readonly number[]): number => norms.reduce((largest, norm) => Math.max(largest, norm), 0);
