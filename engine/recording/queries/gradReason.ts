import { EventKind, TensorFlag } from "../schema.ts";
import { firstCut, firstCuts, readAway, readsAway } from "./alerts/gradients/cuts.ts";
import { type Binding, bindingsOf, reboundTo, variables } from "./alerts/gradients/names.ts";
import { zeroFactor } from "./alerts/gradients/zeroFactor.ts";
import { type History, historyOf, nodeRuns } from "./alerts/history.ts";
import { parametersLeftOut } from "./alerts/training/leftOut.ts";
import { replacedParameters } from "./alerts/training/stale.ts";
import { nameOf } from "./alerts/words.ts";
import { once, type Parts, wholeOf } from "./parts.ts";
import type { Place, Rows } from "./rows.ts";

/** Words of the report for why a gradient is missing or zero. */
export type GradCause =
  | "not-required"
  | "not-reached"
  | "detached"
  | "no-grad-mode"
  | "item"
  | "copy"
  | "non-differentiable-op"
  | "integer-cast"
  | "non-leaf"
  | "reassigned"
  | "zero-factor"
  | "not-in-optimizer"
  | "cleared";

/** Why a tensor has no gradient, or a zero one: the cause, and the line that made it so when there is one. */
export interface GradReason {
  readonly cause: GradCause;
  readonly place: Place | null;
  readonly text: string;
}

/** Finds out why nothing arrived at a tensor, by following what was computed from it to the first cut. */
export function whyNoGradient(rows: Rows, tensor: number): GradReason {
  const history = historyOf(rows.recording);
  const flags = rows.flags(tensor);
  if ((flags & TensorFlag.requiresGrad) === 0)
    return { cause: "not-required", place: rows.place(tensor), text: "requiresGrad is false" };
  if ((flags & TensorFlag.leaf) === 0) return whyNoLeaf(history, tensor);
  if (history.accumulates.has(tensor)) {
    return { cause: "cleared", place: null, text: "it was cleared after the last backward" };
  }
  return (
    firstCut(history, tensor) ??
    replaced(history, tensor) ??
    readAway(history, tensor) ??
    notAskedFor(history, tensor) ??
    withheld(history, tensor) ??
    notReached(history, tensor)
  );
}

/** Works out what `whyNoGradient` goes by, so that its answers come at once. */
export function* reasonsInParts(history: History): Parts<void> {
  yield* firstCuts.inParts(history);
  yield* readsAway.inParts(history);
  yield* nodeRuns.inParts(history);
  yield* variables.inParts(history);
  yield* untrained.inParts(history);
  yield* asksForSome.inParts(history);
}

/** No gradient, and nothing on the way that took it. */
function notReached(history: History, tensor: number): GradReason {
  return { cause: "not-reached", place: null, text: whyNotReached(history, tensor) };
}

function whyNotReached(history: History, tensor: number): string {
  const { backwards, refusals } = history;
  if (isHandedOut(history, tensor)) return "autograd.grad handed its gradient out, which leaves .grad as it is";
  if (backwards.length === 0) return refusals.length > 0 ? "backward did not begin" : "backward was never called";
  if (backwards.every(({ error }) => error !== "")) return "no backward came to its end";
  return "no backward reached it: nothing that was differentiated depends on it";
}

/** Every backward was asked for the gradients of some tensors only, as `autograd.grad` is, and this is none of them. */
function notAskedFor(history: History, tensor: number): GradReason | null {
  if (!asksForSome(history) || isHandedOut(history, tensor) || !isDifferentiated(history, tensor)) return null;
  return { cause: "not-reached", place: null, text: "only the gradients of other tensors were asked for" };
}

/** Whether a backward that came to its end was asked for the gradient of a tensor. */
const isHandedOut = ({ backwards, wanted }: History, tensor: number): boolean =>
  wanted.has(tensor) && backwards.some((backward) => backward.error === "" && backward.wanted.includes(tensor));

/** Whether every backward that came to its end was asked for the gradients of some tensors only, and there was one. */
const asksForSome = once(function* ({ backwards }: History): Parts<boolean> {
  let isSome = false;
  for (const { error, wanted } of backwards) {
    yield;
    if (error !== "") continue;
    if (wanted.length === 0) return false;
    isSome = true;
  }
  return isSome;
});

/** The backward of an op that used it gave null for it: a custom Function does that for what it takes as constant. */
function withheld(history: History, tensor: number): GradReason | null {
  const { first } = nodeRuns(history);
  for (const forward of history.consumers(tensor)) {
    const run = first[forward];
    if (run === 0 || history.rows.outputs(run)[history.rows.inputs(forward).indexOf(tensor)] !== 0) continue;
    return {
      cause: "non-differentiable-op",
      place: history.place(forward),
      text: `the backward of ${history.name(forward)}() gives null for it`,
    };
  }
  return null;
}

/** Finds out why all of a gradient is zero; null when it was only cleared or nothing is known. */
export function whyZero(rows: Rows, tensor: number): GradReason | null {
  const history = historyOf(rows.recording);
  const last = history.accumulates.get(tensor)?.at(-1);
  if (last === undefined) return null;
  if (rows.recording.tables.events.column.value[last] !== 0)
    return { cause: "cleared", place: null, text: "it was set to zero after the last backward" };
  const found = wholeOf(zeroFactor(history, last));
  if (found === null) return null;
  return { cause: "zero-factor", place: history.place(found.event), text: found.text };
}

const untrained = once(function* (history: History): Parts<ReadonlySet<number>> {
  const replaced = yield* replacedParameters.inParts(history);
  return new Set([...(yield* parametersLeftOut(history, 2)), ...replaced.map(({ next }) => next)]);
});

/** Why a gradient that is there changes nothing: no optimizer holds the tensor, although others are trained. */
export function whyUnused(rows: Rows, tensor: number): GradReason | null {
  if (!untrained(historyOf(rows.recording)).has(tensor)) return null;
  return { cause: "not-in-optimizer", place: rows.place(tensor), text: "no optimizer holds it, so it never changes" };
}

function whyNoLeaf(history: History, tensor: number): GradReason {
  const binding = history.rows.firstName(tensor);
  const earlier = binding === undefined ? null : leafBefore(history, tensor);
  if (earlier !== null) {
    return {
      cause: "reassigned",
      place: history.rows.place(tensor),
      text: `this line made it a non-leaf: before, ${nameOf(history, tensor)} was a leaf, and backward fills the gradient of that one`,
    };
  }
  return {
    cause: "non-leaf",
    place: history.rows.place(tensor),
    text: "it is not a leaf: call retainGrad() before backward to keep its gradient",
  };
}

/** A leaf that requires grad and had the same name before. */
function leafBefore(history: History, tensor: number): number | null {
  const bindings = bindingsOf(history, tensor);
  const leaf = firstLeaf(history, bindings);
  return leaf === -1 || leaf >= variables(history).first[tensor] ? null : bindings[leaf].tensor;
}

const leaves = new WeakMap<readonly Binding[], number>();

/** Which of a variable's values was the first leaf that requires grad; -1 for none. */
function firstLeaf(history: History, bindings: readonly Binding[]): number {
  const found = leaves.get(bindings);
  if (found !== undefined) return found;
  const { flags } = history.recording.tables.tensors.column;
  const wanted = TensorFlag.leaf | TensorFlag.requiresGrad;
  const at = bindings.findIndex(({ tensor }) => (flags[tensor] & wanted) === wanted);
  leaves.set(bindings, at);
  return at;
}

/** The variable holds another tensor by now, and that one is used. */
function replaced(history: History, tensor: number): GradReason | null {
  const next = reboundTo(history, tensor);
  if (next === null || !isDifferentiated(history, next.tensor)) return null;
  return {
    cause: "reassigned",
    place: history.recording.names.get(next.name) ?? null,
    text: `${nameOf(history, tensor)} was replaced by another tensor, and what was differentiated depends on that one`,
  };
}

function isDifferentiated(history: History, tensor: number): boolean {
  const { kind } = history.recording.tables.events.column;
  return history.accumulates.has(tensor) || history.consumers(tensor).some((event) => kind[event] === EventKind.op);
}
