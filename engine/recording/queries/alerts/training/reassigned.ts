import { EventKind, TensorFlag } from "../../../schema.ts";
import type { Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { leadsToRoot } from "../gradients/cuts.ts";
import { type Binding, variables } from "../gradients/names.ts";
import type { History } from "../history.ts";
import { nameOf } from "../words.ts";
import { gradientBehind } from "./updates.ts";

/** `w = w.sub(w.grad.mul(lr))`: the variable holds a result from then on, and backward fills the gradient of the leaf. */
export function* leafReassigned(history: History): Parts<Finding[]> {
  yield* leadsToRoot.inParts(history);
  const named: Finding[] = [];
  for (const bindings of (yield* variables.inParts(history)).bindings.values()) {
    const at = yield* reassignmentIn(history, bindings);
    if (at > 0) named.push(reassignment(history, bindings, at));
  }
  return named.length > 0 ? named : unnamedReassignments(history);
}

/** Which of a variable's values took the place of a leaf; 0 for none. */
function* reassignmentIn(history: History, bindings: readonly Binding[]): Parts<number> {
  for (let i = 1; i < bindings.length; i++) {
    if (isReassignment(history, bindings[i - 1], bindings[i])) return i;
    yield;
  }
  return 0;
}

function reassignment(history: History, bindings: readonly Binding[], at: number): Finding {
  const { tensor, name } = bindings[at];
  const place = history.recording.names.get(name) ?? null;
  const requires = (flagsOf(history, tensor) & TensorFlag.requiresGrad) !== 0;
  const what = nameOf(history, bindings[at - 1].tensor);
  return {
    place,
    message: requires
      ? `${what} is no leaf any more: this line makes it a result of the old one, whose gradient backward goes on to fill; ${what}.grad is null.`
      : `${what} does not require grad any more: this line replaces the leaf by a result that was computed without a graph.`,
    step: history.stepOf(history.recording.tables.tensors.column.event[tensor]),
    count: bindings.length - at,
    related: relatedTo(history, bindings[at - 1]),
    tensors: [tensor, bindings[at - 1].tensor],
    event: history.recording.tables.tensors.column.event[tensor],
  };
}

/** Without a name, as in a list of parameters: the program reads the gradient of what an update made. */
function unnamedReassignments(history: History): Finding[] {
  const { event: made } = history.recording.tables.tensors.column;
  const read = history.reads.find(
    (event) => history.name(event) === "grad" && isUpdateOfLeaf(history, history.rows.inputs(event)[0]),
  );
  if (read === undefined) return [];
  const [tensor] = history.rows.inputs(read);
  return [
    {
      place: history.place(made[tensor]),
      message:
        "A parameter is no leaf any more: this line makes it a result of the old one, whose gradient backward goes on to fill; its own is null.",
      step: history.stepOf(made[tensor]),
      tensors: [tensor],
      event: made[tensor],
    },
  ];
}

/** Whether a result was computed from a leaf and that leaf's gradient. */
export function isUpdateOfLeaf(history: History, tensor: number): boolean {
  const event = history.recording.tables.tensors.column.event[tensor];
  if (event === 0 || (flagsOf(history, tensor) & TensorFlag.leaf) !== 0) return false;
  return [...history.rows.inputs(event)].some(
    (input) => history.accumulates.has(input) && gradientBehind(history, event, input) !== 0,
  );
}

const flagsOf = (history: History, tensor: number): number => history.recording.tables.tensors.column.flags[tensor];

function relatedTo(history: History, { name }: Binding) {
  const place = history.recording.names.get(name);
  return place === undefined ? [] : [{ place, message: "the leaf" }];
}

function isReassignment(history: History, before: Binding, after: Binding): boolean {
  const { event: made } = history.recording.tables.tensors.column;
  const { kind } = history.recording.tables.events.column;
  if (before.tensor === after.tensor || history.recording.names.get(after.name)?.assignment !== "assign") return false;
  const wasLeaf = (flagsOf(history, before.tensor) & TensorFlag.leaf) !== 0;
  if (!wasLeaf || !(history.accumulates.has(before.tensor) || isTrainable(history, before.tensor))) return false;
  const event = made[after.tensor];
  if (event === 0 || kind[event] !== EventKind.op || !isMadeOf(history, event, before.tensor)) return false;
  // A result that was made a leaf again is how it is done rightly.
  if (history.accumulates.has(after.tensor)) return false;
  const isResult = (flagsOf(history, after.tensor) & TensorFlag.leaf) === 0;
  const usesGradient = gradientBehind(history, event, before.tensor) !== 0;
  if (isResult && readsGradient(history, after.tensor)) return true;
  return usesGradient && isStillTrained(history, after.tensor, isResult);
}

const isTrainable = (history: History, tensor: number): boolean =>
  (history.rows.flags(tensor) & TensorFlag.requiresGrad) !== 0;

/** Whether the program goes on to train what it made: differentiates it, tries to, or reads its gradient. */
function isStillTrained(history: History, tensor: number, isResult: boolean): boolean {
  if (isResult) return leadsToRoot(history)[tensor] === 1 || history.recording.error !== null;
  if ((history.rows.flags(tensor) & TensorFlag.requiresGrad) !== 0) return false;
  return history.refusals.length > 0 && leadsToRoot(history)[tensor] === 1;
}

/** Whether the program read `.grad` of a tensor that has none. */
function readsGradient(history: History, tensor: number): boolean {
  return history.readsOf.get(tensor)?.some((event) => history.name(event) === "grad") ?? false;
}

function isMadeOf(history: History, event: number, source: number): boolean {
  const { event: made } = history.recording.tables.tensors.column;
  let level = [event];
  for (let depth = 0; depth < 6 && level.length > 0 && level.length < 64; depth++) {
    const inputs = level.flatMap((one) => [...history.rows.inputs(one)]);
    if (inputs.includes(source)) return true;
    level = inputs.map((input) => made[input]).filter((one) => one !== 0);
  }
  return false;
}
