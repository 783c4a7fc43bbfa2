import { counted } from "../../numbers.ts";
import type { Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import type { Backward, History, Step } from "../history.ts";
import { hasAccumulated } from "./updates.ts";

/** Steps that came between the computation of a loss and its backward, and had no gradient of their own to use: by the call. */
export function* stepBeforeBackward(history: History): Parts<Finding[]> {
  const found = new Map<number, { readonly step: Step; readonly late: Backward; count: number }>();
  const { site } = history.recording.tables.events.column;
  for (const step of history.steps) {
    const late = isFed(history, step) ? null : lateBackward(history, step);
    const before = found.get(site[step.start]);
    if (late !== null && before !== undefined) before.count++;
    else if (late !== null) found.set(site[step.start], { step, late, count: 1 });
    yield;
  }
  return [...found.values()].map(({ step, late, count }) => {
    const place = history.place(late.start);
    return {
      place: history.place(step.start),
      message: `The optimizer steps before backward: at line ${place?.line ?? "?"} the gradients of this loss come only after the step.`,
      step: history.stepOf(step.start),
      count,
      related: place === null ? [] : [{ place, message: "backward comes only here" }],
      evidence: [{ label: "parameters without a gradient at this step", value: withoutGradient(step) }],
      event: step.start,
    };
  });
}

const withoutGradient = ({ gradients }: Step): number => gradients.filter((gradient) => gradient === 0).length;

/** Whether gradients arrived since the optimizer's last step, or in this one's closure. */
export function isFed(history: History, step: Step): boolean {
  const from = step.previous?.end ?? 0;
  return step.parameters.some((parameter) => hasAccumulated(history, parameter, from, step.end));
}

/** Whether the step got its gradients from a closure that it called. */
const isFedInside = (history: History, { parameters, start, end }: Step): boolean =>
  parameters.some((parameter) => hasAccumulated(history, parameter, start, end));

/** The next backward that gives the optimizer gradients, of a loss that was there before the step. */
function lateBackward(history: History, step: Step): Backward | null {
  const { event: made } = history.recording.tables.tensors.column;
  const own = new Set(step.parameters);
  const first = history.backwardAfter(step.end)?.index ?? history.backwards.length;
  for (let i = first; i < history.backwards.length; i++) {
    const backward = history.backwards[i];
    if (step.next !== null && backward.start > step.next.start) break;
    if (!backward.accumulates.some((event) => own.has(history.rows.inputs(event)[0]))) continue;
    const since = step.previous?.end ?? 0;
    const isOld = [...history.rows.inputs(backward.start)].every(
      (root) => made[root] < step.start && made[root] > since,
    );
    return isOld ? backward : null;
  }
  return null;
}

/** Gradients that are cleared between backward and the step, so that no step ever has any. */
export function clearedBeforeStep(history: History): Finding[] {
  const wasted = history.steps.filter(
    (step) => step.gradients.every((gradient) => gradient === 0) && isFed(history, step) && !isFedInside(history, step),
  );
  if (wasted.length === 0 || wasted.length < history.steps.length / 2) return [];
  const [step] = wasted;
  const clear = history.zeroGrads.findLast((event) => event < step.start);
  return [
    {
      place: history.place(clear ?? step.start),
      message: `Parameters are never updated: the gradients are cleared after backward and before the step, in ${counted(wasted.length, "step")}.`,
      step: history.stepOf(step.start),
      count: wasted.length,
      tensors: [...step.parameters],
      fix: "clear the gradients before backward: zeroGrad(), forward, backward(), step()",
      event: step.start,
    },
  ];
}
