import { counted } from "../../numbers.ts";
import type { Parts } from "../../parts.ts";
import type { Evidence, Finding } from "../alert.ts";
import { firstAfter, type History } from "../history.ts";
import { listed, nameOf } from "../words.ts";
import { accumulatedIn, type Update, updatesOf } from "./updates.ts";

/** One gradient that still held what an earlier step had used when the next one was added. */
interface Leftover {
  readonly parameter: number;
  /** The accumulate event that added to it. */
  readonly event: number;
}

/**
 * Gradients that were never cleared. Adding several backwards before one step is meant; adding to a gradient that a step
 * has used already, and stepping with the sum, is not.
 */
export function* accumulated(history: History): Parts<Finding[]> {
  const leftovers: Leftover[] = [];
  for (const [parameter, updates] of yield* updatesOf.inParts(history)) {
    for (const leftover of yield* leftoversOf(history, parameter, updates)) leftovers.push(leftover);
  }
  if (leftovers.length === 0) return [];
  leftovers.sort((a, b) => a.event - b.event);
  const [first] = leftovers;
  const parameters = [...new Set(leftovers.map(({ parameter }) => parameter))];
  const backward = history.backwards[history.backwardOf[first.event] - 1];
  const steps = new Set(leftovers.map(({ event }) => history.backwardOf[event])).size;
  const names = listed(parameters.map((one) => nameOf(history, one, "a parameter")));
  return [
    {
      place: history.place(backward.start),
      message: `Gradients accumulate over ${counted(steps + 1, "step")}: backward adds to what the step before has already used, in ${names}. zeroGrad() is missing.`,
      step: history.stepOf(first.event),
      count: steps,
      evidence: normsOf(history, first.parameter),
      tensors: parameters,
      event: first.event,
    },
  ];
}

function* leftoversOf(history: History, parameter: number, updates: readonly Update[]): Parts<Leftover[]> {
  const found: Leftover[] = [];
  let last: { readonly end: number; readonly gradient: number } | null = null;
  for (const update of updates) {
    yield;
    if (update.gradient === 0) continue;
    const since = last !== null && last.gradient === update.gradient ? last.end : null;
    // The last one is that of the loss which the step is for.
    const added =
      since === null
        ? undefined
        : accumulatedIn(history, parameter, since, update.start).findLast(
            (event) => history.rows.outputs(event)[1] === update.gradient,
          );
    if (since !== null && added !== undefined && !isRewritten(history, update.gradient, since, added))
      found.push({ parameter, event: added });
    found.push(...inClosure(history, parameter, update.start, update.end));
    last = update;
  }
  return found;
}

/** Whether the program itself wrote to the gradient: set it to zero, scaled it down. */
function isRewritten(history: History, gradient: number, from: number, to: number): boolean {
  const writes = history.writes.get(history.storageOf[gradient]) ?? [];
  return (writes[firstAfter(writes, from)] ?? to) < to;
}

/** An optimizer that evaluates several times in one step needs the gradient cleared each time. */
function inClosure(history: History, parameter: number, start: number, end: number): Leftover[] {
  const events = accumulatedIn(history, parameter, start, end);
  const [first, second] = events;
  if (second === undefined) return [];
  const gradient = history.rows.outputs(first)[1];
  const isSame = history.rows.outputs(second)[1] === gradient;
  return isSame && !isRewritten(history, gradient, first, second) ? [{ parameter, event: second }] : [];
}

function normsOf(history: History, parameter: number): Evidence[] {
  const { value } = history.recording.tables.events.column;
  const events = history.accumulates.get(parameter) ?? [];
  return events.slice(0, 4).map((event, i) => ({ label: `‖∇‖ after backward ${i + 1}`, value: value[event] }));
}
