import { EventKind, TensorFlag } from "../../../schema.ts";
import { firstAfter, type History } from "../history.ts";

/** A parameter was changed by its gradient: by an optimizer, or by the program's own hand. */
export interface Update {
  /** The first and last event of it; an in-place op is one event. */
  readonly start: number;
  readonly end: number;
  readonly parameter: number;
  /** The gradient that was used; 0 when there was none. */
  readonly gradient: number;
}

const known = new WeakMap<History, ReadonlyMap<number, readonly Update[]>>();

/** The updates of each parameter, in order. */
export function updatesOf(history: History): ReadonlyMap<number, readonly Update[]> {
  const found = known.get(history);
  if (found !== undefined) return found;
  const updates = new Map<number, Update[]>();
  const add = (update: Update): void => {
    const list = updates.get(update.parameter);
    if (list === undefined) updates.set(update.parameter, [update]);
    else list.push(update);
  };
  for (const { start, end, parameters, gradients } of history.steps)
    for (const [i, parameter] of parameters.entries()) add({ start, end, parameter, gradient: gradients[i] });
  for (const update of updatesByHand(history)) add(update);
  for (const list of updates.values()) list.sort((a, b) => a.start - b.start);
  known.set(history, updates);
  return updates;
}

/** In-place ops on leaves that read a gradient of theirs: `w.sub_(w.grad.mul(lr))`. */
function updatesByHand(history: History): Update[] {
  const found: Update[] = [];
  for (const [storage, events] of history.writes) {
    for (const leaf of leavesOn(history, storage)) {
      const gradients = gradientsOf(history, leaf);
      for (const event of events) {
        const gradient = gradientBehind(history, event, gradients);
        if (gradient !== 0) found.push({ start: event, end: event, parameter: leaf, gradient });
      }
    }
  }
  return found;
}

/** The tensor that owns a storage, when gradients were accumulated for it. */
const leavesOn = (history: History, storage: number): number[] => (history.accumulates.has(storage) ? [storage] : []);

/** What the gradient of a leaf has been, as tensors. */
export function gradientsOf(history: History, leaf: number): ReadonlySet<number> {
  const all = new Set<number>();
  for (const event of history.accumulates.get(leaf) ?? []) for (const one of history.rows.outputs(event)) all.add(one);
  all.delete(0);
  return all;
}

const MAX_DEPTH = 5;

/** The gradient that an op's inputs were computed from; 0 when none of them was. */
export function gradientBehind(history: History, event: number, gradients: ReadonlySet<number>): number {
  const { event: made } = history.recording.tables.tensors.column;
  const { kind } = history.recording.tables.events.column;
  let level = [...history.rows.inputs(event)];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const direct = level.find((tensor) => gradients.has(tensor));
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

/** The accumulations of a parameter between two events. */
export function accumulatedIn(history: History, parameter: number, from: number, to: number): number[] {
  const events = history.accumulates.get(parameter) ?? [];
  return events.slice(firstAfter(events, from), firstAfter(events, to - 1));
}
