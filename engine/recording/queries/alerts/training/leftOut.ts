import { TensorFlag } from "../../../schema.ts";
import { counted } from "../../numbers.ts";
import type { Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { type History, push, type Step } from "../history.ts";
import type { Limits } from "../rule.ts";
import { listed, nameOf } from "../words.ts";
import { replacedParameters } from "./stale.ts";
import { clearedBeforeStep } from "./stepOrder.ts";
import { gradientsOf, isParameter, updatesOf } from "./updates.ts";

/** Parameters that stay as they are although the program means to train them. */
export function* neverUpdated(history: History, limits: Limits): Parts<Finding[]> {
  yield* updatesOf.inParts(history);
  const found = clearedBeforeStep(history);
  yield;
  found.push(...(yield* neverStepped(history, limits)), ...stoodStill(history));
  yield;
  return [...found, ...(yield* notGiven(history, limits))];
}

/** An optimizer that only clears gradients, in a loop that calls backward. */
function* neverStepped(history: History, { passes }: Limits): Parts<Finding[]> {
  const updates = updatesOf(history);
  const { node } = history.recording.tables.events.column;
  const stepping = new Set(history.steps.map(({ optimizer }) => optimizer));
  const found: Finding[] = [];
  for (const [optimizer, parameters] of history.optimizers) {
    yield;
    if (stepping.has(optimizer) || [...parameters].some((parameter) => updates.has(parameter))) continue;
    const clears = history.zeroGrads.filter((event) => node[event] === optimizer);
    if (clears.length < passes) continue;
    const fed = history.backwards.filter(({ accumulates }) =>
      accumulates.some((event) => parameters.has(history.rows.inputs(event)[0])),
    );
    const loop = mostFrequentSite(
      history,
      fed.map(({ start }) => start),
    );
    if (loop.length < passes) continue;
    found.push({
      place: history.place(loop[0]),
      message: `Parameters are never updated: backward ran ${counted(loop.length, "time")} here, and the optimizer's step() is never called.`,
      fix: "call optimizer.step() after backward",
      evidence: [{ label: "backwards", value: loop.length }],
      tensors: [...parameters],
      event: loop[0],
    });
  }
  return found;
}

function mostFrequentSite(history: History, events: readonly number[]): number[] {
  const { site } = history.recording.tables.events.column;
  const lists = new Map<number, number[]>();
  for (const event of events) push(lists, site[event], event);
  return [...lists.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

/** Steps that have gradients and move nothing: a learning rate of 0. */
function stoodStill(history: History): Finding[] {
  const { updates } = history.recording.tables;
  const { event, change, rate } = updates.column;
  const steps = new Map(history.steps.map((step) => [step.end, step]));
  const moves = new Map<number, { steps: Set<number>; total: number; rate: number }>();
  for (let i = 0; i < updates.rows; i++) {
    const step = steps.get(event[i]);
    if (step === undefined || step.gradients.every((gradient) => gradient === 0)) continue;
    if (!hasGradient(history, step)) continue;
    const move = moves.get(step.optimizer) ?? { steps: new Set(), total: 0, rate: 0 };
    move.steps.add(step.index);
    move.total += change[i];
    move.rate = Math.max(move.rate, Math.abs(rate[i]));
    moves.set(step.optimizer, move);
  }
  return [...moves].flatMap(([optimizer, { steps: moved, total, rate: largest }]) => {
    if (moved.size < 2 || total !== 0 || largest > 0) return [];
    const first = history.steps.find((step) => step.optimizer === optimizer) as Step;
    return [
      {
        place: history.place(first.start),
        message: `Parameters are never updated: they have gradients, and the learning rate is 0.`,
        fix: "give the optimizer a larger learning rate",
        step: first.index,
        evidence: [{ label: "learning rate", value: largest }],
        tensors: [...first.parameters],
        event: first.start,
      },
    ];
  });
}

const hasGradient = (history: History, { start }: Step): boolean =>
  history.recording.tables.events.column.value[start] > 0;

/** Parameters with gradients that no optimizer holds and nobody updates by hand. */
function* notGiven(history: History, { passes }: Limits): Parts<Finding[]> {
  const left = yield* parametersLeftOut(history, passes);
  if (left.length === 0) return [];
  // A list of layers that the model does not know of is one fault.
  const owner = (tensor: number): string =>
    (history.rows.path.get(tensor) ?? "").replace(/(\[\d+\]|\.\d+)?\.[^.]*$/, "");
  const groups = new Map<string, number[]>();
  for (const tensor of left) push(groups, owner(tensor), tensor);
  return [...groups.values()].map((tensors) => ({
    place: history.rows.place(tensors[0]),
    message: `${listed(tensors.map((tensor) => nameOf(history, tensor, "A parameter")))} ${tensors.length === 1 ? "gets gradients, and no optimizer holds it" : "get gradients, and no optimizer holds them"}: never updated.`,
    fix: `give ${tensors.length === 1 ? "it" : "them"} to the optimizer, or freeze ${tensors.length === 1 ? "it" : "them"} with requiresGrad_(false)`,
    evidence: [{ label: "backwards", value: history.accumulates.get(tensors[0])?.length ?? 0 }],
    tensors,
    event: history.accumulates.get(tensors[0])?.[0] ?? 0,
  }));
}

/** Trainable tensors that take part in the training and stay out of it. */
export function* parametersLeftOut(history: History, passes: number): Parts<number[]> {
  if (history.stepsOf.size === 0 || history.steps.length < 2) return [];
  const updates = yield* updatesOf.inParts(history);
  const stale = new Set((yield* replacedParameters.inParts(history)).map(({ next }) => next));
  const trainsModules = [...history.stepsOf.keys()].some((tensor) => isParameter(history, tensor));
  const isLeftOut = (tensor: number, events: readonly number[]): boolean => {
    if (history.optimized.has(tensor) || updates.has(tensor) || stale.has(tensor)) return false;
    if ((history.rows.flags(tensor) & TensorFlag.leaf) === 0) return false;
    if (new Set(events.map((event) => history.backwardOf[event])).size < passes) return false;
    if ((history.writes.get(tensor)?.at(-1) ?? 0) > events[0]) return false;
    // Who optimizes an input leaves the model alone on purpose, and who differentiates an input wants its gradient.
    if (isParameter(history, tensor)) return trainsModules;
    return !isLookedAt(history, tensor) && (!trainsModules || isMeantAsParameter(history, tensor));
  };
  const found: number[] = [];
  for (const [tensor, events] of history.accumulates) {
    if (isLeftOut(tensor, events)) found.push(tensor);
    yield;
  }
  return found;
}

/** Whether a plain tensor takes part beside a model: as a field of a module, or where no module is at work. Others are its inputs. */
function isMeantAsParameter(history: History, tensor: number): boolean {
  const { scope } = history.recording.tables.events.column;
  if (history.rows.firstName(tensor)?.name.startsWith("this.") === true) return true;
  return history.consumers(tensor).every((event) => scope[event] === 0);
}

/** Whether the program does something with the gradient of a tensor, or asked for it. */
function isLookedAt(history: History, tensor: number): boolean {
  if (history.wanted.has(tensor)) return true;
  return [...gradientsOf(history, tensor)].some((gradient) => history.consumers(gradient).length > 0);
}
