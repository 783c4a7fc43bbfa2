import { EventKind, TensorFlag } from "../../../schema.ts";
import { once, type Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { type History, producers } from "../history.ts";
import type { Limits } from "../rule.ts";
import { lossTrend } from "./losses.ts";

/** From this share of elements at its bounds on, an activation is saturated. */
export const AT_BOUNDS = 0.9;
/** Last losses against the first ones below which a model has learned, and may be certain of itself. */
export const HAS_LEARNED = 0.1;

/** The samples of one activation of the model, in order. */
interface Activation {
  readonly events: readonly number[];
  readonly units: number;
  /** Share of dead units, or of saturated elements, in each. */
  readonly shares: readonly number[];
}

/** Units of a ReLU that give 0 for every example, so that nothing before them learns. */
export function* deadRelu(history: History, limits: Limits): Parts<Finding[]> {
  const { rectifiers } = yield* activationsOf.inParts(history);
  return rectifiers.flatMap(({ events, units, shares }) => {
    if (!isSettled(history, events, shares, limits["share"])) return [];
    if (units === 1 && history.steps.length < 3) return [];
    if (history.steps.length < 3 && units < 8) return [];
    const share = shares[shares.length - 1];
    const dead = Math.round(share * units);
    return [
      {
        place: history.place(events[events.length - 1]),
        message: `${dead === units ? `All ${units} units` : `${dead} of ${units} units`} of this ${history.name(events[0])} are dead: they give 0 for every example, so no gradient passes.`,
        step: history.stepOf(events[0]),
        count: shares.filter((one) => one >= limits["share"]).length,
        evidence: [
          { label: "dead units", value: dead },
          { label: "units", value: units },
        ],
        event: events[events.length - 1],
      },
    ];
  });
}

/** A sigmoid or tanh inside the model that is at its bounds nearly everywhere. */
export function* saturated(history: History, limits: Limits): Parts<Finding[]> {
  // Who has learned what there is to learn may be certain.
  if ((yield* lossTrend.inParts(history)).ratio < limits["learned"]) return [];
  const { others } = yield* activationsOf.inParts(history);
  return others.flatMap(({ events, shares }) => {
    if (!isSettled(history, events, shares, limits["share"])) return [];
    const share = shares[shares.length - 1];
    return [
      {
        place: history.place(events[events.length - 1]),
        message: `${Math.round(100 * share)}% of the elements of this ${history.name(events[0])} are at its bounds, where hardly any gradient passes.`,
        step: history.stepOf(events[0]),
        count: shares.filter((one) => one >= limits["share"]).length,
        evidence: [{ label: "share at the bounds", value: share }],
        event: events[events.length - 1],
      },
    ];
  });
}

/** When activations that were fine before the first step came to their bounds and stayed there. */
export function* saturationsAfterFirstStep(history: History): Parts<number[]> {
  const [first] = history.steps;
  if (first === undefined || (yield* lossTrend.inParts(history)).ratio < HAS_LEARNED) return [];
  const { others } = yield* activationsOf.inParts(history);
  return others.flatMap(({ events, shares }) => {
    const wasFine = events[0] < first.start && shares[0] < AT_BOUNDS;
    if (!wasFine || !isSettled(history, events, shares, AT_BOUNDS)) return [];
    return [events[shares.findIndex((share) => share >= AT_BOUNDS)]];
  });
}

/** Samples of rectifiers, and of all others, by place, module and size. Recurrent cells open and close their gates on purpose. */
const activationsOf = once(function* (history: History): Parts<{ rectifiers: Activation[]; others: Activation[] }> {
  const { activations, events } = history.recording.tables;
  const { event, units, dead, saturated: share } = activations.column;
  const madeBy = yield* producers.inParts(history);
  const groups = new Map<string, { events: number[]; units: number; shares: number[] }>();
  for (let i = 0; i < activations.rows; i++) {
    if (i % SAMPLES === 0) yield;
    const isRectifier = units[i] > 0;
    if (isGate(history, event[i]) || !isHidden(history, madeBy, event[i])) continue;
    const key = [
      events.column.site[event[i]],
      ownerOf(history, event[i]),
      units[i],
      events.column.name[event[i]],
    ].join();
    const group = groups.get(key) ?? { events: [], units: units[i], shares: [] };
    group.events.push(event[i]);
    group.shares.push(isRectifier ? dead[i] / units[i] : share[i]);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  return { rectifiers: all.filter((one) => one.units > 0), others: all.filter((one) => one.units === 0) };
});

function ownerOf(history: History, event: number): number {
  return history.recording.tables.scopes.column.owner[history.recording.tables.events.column.scope[event]];
}

function isGate(history: History, event: number): boolean {
  const { scopes, events } = history.recording.tables;
  for (let scope = events.column.scope[event]; scope !== 0; scope = scopes.column.parent[scope]) {
    if (/^(LSTM|GRU|RNN)/.test(history.recording.strings[scopes.column.type[scope]])) return true;
  }
  return false;
}

/** Ops that mix features with weights. */
const mixes = /^(linear|matmul|mm|bmm|addmm|baddbmm|mv|dot|conv\w*)$/;
/** So many samples are looked at in one part: of each, what was computed before and after. */
const SAMPLES = 2_048;
/** Ops that leave the elements as they are, or nearly. */
const MAX_HOPS = 6;

/** Whether weights come before and after: an activation inside the model, and not its last one. */
function isHidden(history: History, madeBy: Uint32Array, event: number): boolean {
  const out = history.rows.outputs(event)[0];
  const { flags } = history.recording.tables.tensors.column;
  if ((flags[out] & TensorFlag.requiresGrad) === 0 || history.backwardOf[event] !== 0) return false;
  return comesFromWeights(history, madeBy, event) && goesToWeights(history, out);
}

function comesFromWeights(history: History, madeBy: Uint32Array, event: number): boolean {
  const { events, refs } = history.recording.tables;
  let level = [event];
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const next: number[] = [];
    for (const one of level) {
      const first = events.column.refs[one];
      for (let i = 0; i < events.column.inputs[one]; i++) {
        const made = refs.column.tensor[first + i] === 0 ? 0 : madeBy[first + i];
        if (made === 0 || events.column.kind[made] !== EventKind.op) continue;
        if (mixes.test(history.name(made))) return true;
        next.push(made);
      }
    }
    level = next.slice(0, 16);
  }
  return false;
}

function goesToWeights(history: History, from: number): boolean {
  let level = [from];
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const next: number[] = [];
    for (const tensor of level) {
      for (const event of history.consumers(tensor)) {
        if (history.backwardOf[event] !== 0) continue;
        if (mixes.test(history.name(event))) return true;
        next.push(...history.rows.outputs(event));
      }
    }
    level = next.slice(0, 16);
  }
  return false;
}

/** Whether it is so from some time on until the end, for at least half of the samples and the last three. */
function isSettled(history: History, events: readonly number[], shares: readonly number[], limit: number): boolean {
  const bad = shares.filter((share) => share >= limit).length;
  if (shares.length === 0 || bad < shares.length / 2) return false;
  const tail = shares.slice(-Math.min(3, shares.length));
  if (!tail.every((share) => share >= limit)) return false;
  return history.steps.length < 3 || shares.length >= 3 || events.length >= 3;
}
