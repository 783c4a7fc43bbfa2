import { EventKind, TensorFlag } from "../../../schema.ts";
import { once, type Parts } from "../../parts.ts";
import { firstAfter, type History, push } from "../history.ts";

/** A parameter was changed by its gradient: by an optimizer, or by the program's own hand. */
export interface Update {
  /** The first and last event of it; an in-place op is one event. */
  readonly start: number;
  readonly end: number;
  readonly parameter: number;
  /** The gradient that was used; 0 when there was none. */
  readonly gradient: number;
}

/** The updates of each parameter, in order. */
export const updatesOf = once(function* (history: History): Parts<ReadonlyMap<number, readonly Update[]>> {
  const updates = new Map<number, Update[]>();
  for (const { start, end, parameters, gradients } of history.steps) {
    parameters.forEach((parameter, i) => {
      push(updates, parameter, { start, end, parameter, gradient: gradients[i] });
    });
    yield;
  }
  for (const storage of history.writes.keys()) {
    const byHand = yield* updatesByHand(history, storage);
    if (byHand.length === 0) continue;
    const byStep = updates.get(storage) ?? [];
    updates.set(storage, byStep.length === 0 ? byHand : [...byStep, ...byHand].sort((a, b) => a.start - b.start));
  }
  return updates;
});

/** In-place ops on a leaf that read a gradient of its: `w.sub_(w.grad.mul(lr))`. */
function* updatesByHand(history: History, leaf: number): Parts<Update[]> {
  const found: Update[] = [];
  if (!history.accumulates.has(leaf)) return found;
  for (const event of history.writes.get(leaf) ?? []) {
    const gradient = gradientBehind(history, event, leaf);
    if (gradient !== 0) found.push({ start: event, end: event, parameter: leaf, gradient });
    yield;
  }
  return found;
}

const gradients = new WeakMap<History, Map<number, ReadonlySet<number>>>();

/** What the gradient of a leaf has been, as tensors. */
export function gradientsOf(history: History, leaf: number): ReadonlySet<number> {
  const known = gradients.get(history) ?? new Map<number, ReadonlySet<number>>();
  gradients.set(history, known);
  const found = known.get(leaf);
  if (found !== undefined) return found;
  const all = new Set<number>();
  for (const event of history.accumulates.get(leaf) ?? []) for (const one of history.rows.outputs(event)) all.add(one);
  all.delete(0);
  known.set(leaf, all);
  return all;
}

const MAX_DEPTH = 5;

/** The gradient of a leaf that an op's inputs were computed from; 0 when none of them was. */
export function gradientBehind(history: History, event: number, leaf: number): number {
  const { event: made } = history.recording.tables.tensors.column;
  const { kind } = history.recording.tables.events.column;
  let level = [...history.rows.inputs(event)];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const direct = level.find((tensor) => history.isGradient[tensor] === 1 && gradientsOf(history, leaf).has(tensor));
    if (direct !== undefined) return direct;
    level = level.flatMap((tensor) =>
      made[tensor] !== 0 && made[tensor] !== event && kind[made[tensor]] === EventKind.op
        ? [...history.rows.inputs(made[tensor])]
        : [],
    );
    if (level.length > 64) return 0;
  }
  return 0;
}

/** Whether a tensor is made by nn.Parameter, or found in a module. */
export function isParameter(history: History, tensor: number): boolean {
  return (history.rows.flags(tensor) & TensorFlag.parameter) !== 0;
}

/** Whether something was added to the gradient of a parameter between two events. */
export function hasAccumulated(history: History, parameter: number, from: number, to: number): boolean {
  const events = history.accumulates.get(parameter) ?? [];
  return (events[firstAfter(events, from)] ?? to) < to;
}

/** The accumulations of a parameter between two events. */
export function accumulatedIn(history: History, parameter: number, from: number, to: number): number[] {
  const events = history.accumulates.get(parameter) ?? [];
  return events.slice(firstAfter(events, from), firstAfter(events, to - 1));
}
