import { TensorFlag } from "../../../schema.ts";
import { once, type Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import { bindingsOf, reboundTo } from "../gradients/names.ts";
import { firstAfter, type History } from "../history.ts";
import { listed, nameOf } from "../words.ts";

/** A parameter of an optimizer whose place another tensor has taken. */
export interface Replaced {
  readonly old: number;
  readonly next: number;
}

/** An optimizer goes on with tensors that the model does not use any more. */
export function staleOptimizer(history: History): Finding[] {
  const replaced = replacedParameters(history);
  if (replaced.length === 0) return [];
  const [first] = replaced;
  const names = listed(replaced.map(({ next }) => nameOf(history, next, "a parameter")));
  const step = history.stepsOf.get(first.old)?.[0];
  const place = step === undefined ? null : history.place(step.start);
  return [
    {
      place: history.rows.place(first.next),
      message: `The optimizer holds what ${names} ${replaced.length === 1 ? "was before it was replaced: the new tensor gets gradients and is" : "were before they were replaced: the new tensors get gradients and are"} never updated.`,
      related: place === null ? [] : [{ place, message: "this step updates the old one" }],
      tensors: replaced.flatMap(({ old, next }) => [next, old]),
      event: history.accumulates.get(first.next)?.[0] ?? 0,
    },
  ];
}

/** Optimized tensors without gradients, each with the leaf that gets them instead. */
export const replacedParameters = once(function* (history: History): Parts<readonly Replaced[]> {
  const orphans: number[] = [];
  for (const tensor of history.stepsOf.keys()) {
    if (isOrphan(history, tensor)) orphans.push(tensor);
    yield;
  }
  if (orphans.length === 0) return [];
  const heirs = [...history.accumulates.keys()].filter((tensor) => isHeir(history, tensor));
  return orphans.flatMap((old) => {
    const next = heirFor(history, old, heirs);
    if (next === undefined) return [];
    heirs.splice(heirs.indexOf(next), 1);
    return [{ old, next }];
  });
});

/** Not used and without a gradient from some step on. */
function isOrphan(history: History, tensor: number): boolean {
  const steps = history.stepsOf.get(tensor) ?? [];
  const lastUse = history.consumers(tensor).findLast((event) => history.backwardOf[event] === 0) ?? 0;
  const since = firstAfter(steps, lastUse, ({ start }) => start);
  if (steps.length - since < 2) return false;
  return (history.accumulates.get(tensor)?.at(-1) ?? 0) < steps[since].start;
}

function isHeir(history: History, tensor: number): boolean {
  return !history.optimized.has(tensor) && (history.rows.flags(tensor) & TensorFlag.leaf) !== 0;
}

/** The tensor that the same variable holds now; else one of the same shape that came into use later. */
function heirFor(history: History, old: number, heirs: readonly number[]): number | undefined {
  const names = new Set(bindingsOf(history, old).map(({ tensor }) => tensor));
  const rebound = reboundTo(history, old)?.tensor;
  const path = history.rows.path.get(old);
  const shape = history.rows.shape(old).join();
  return (
    heirs.find((tensor) => tensor === rebound || (tensor !== old && names.has(tensor))) ??
    heirs.find((tensor) => path !== undefined && path === history.rows.path.get(tensor)) ??
    heirs.find((tensor) => isSameField(path, history.rows.path.get(tensor))) ??
    // What is still in some module has not been replaced.
    (path === undefined && history.rows.label(old) === null
      ? heirs.find((tensor) => history.rows.shape(tensor).join() === shape && tensor > old)
      : undefined)
  );
}

/** `this.head.weight` is what a module calls its own; from outside it is `net.head.weight`. */
function isSameField(old: string | undefined, next: string | undefined): boolean {
  return old?.startsWith("this.") === true && next?.endsWith(old.slice("this".length)) === true;
}
