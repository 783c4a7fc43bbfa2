import type { Recording } from "../recording.ts";
import { type Backward, firstAfter, type History, historyOf, type Step } from "./alerts/history.ts";
import { accumulatedIn } from "./alerts/training/updates.ts";
import { once, type Parts } from "./parts.ts";

/** One optimizer step: the loss it started from and the norm of all gradients. NaN where unknown. */
export interface TrainingStep {
  /** From 0. */
  readonly step: number;
  readonly loss: number;
  readonly gradNorm: number;
}

/**
 * The training steps of the run, by `optimizer.step()`. The loss is the sum of what was differentiated into the gradients
 * that the step used: of all micro-batches, and of nothing else that the program differentiated besides.
 */
export const trainingSteps = (recording: Recording): TrainingStep[] => [...stepsOf(historyOf(recording))];

/** The same in parts, for those who must let others have their turn between them. */
export const stepsInParts = (history: History): Parts<readonly TrainingStep[]> => stepsOf.inParts(history);

const stepsOf = once(function* (history: History): Parts<readonly TrainingStep[]> {
  const outer = outerCalls(history);
  yield;
  const steps: TrainingStep[] = [];
  for (const step of history.steps) {
    steps.push(describe(history, step, outer));
    yield;
  }
  return steps;
});

function describe(history: History, step: Step, outer: readonly Backward[]): TrainingStep {
  const { value } = history.recording.tables.events.column;
  const first = firstInside(outer, step);
  if (first !== null) return { step: step.index, loss: value[first.start], gradNorm: normOf(history, step, first) };
  return { step: step.index, loss: lossOf(history, step, outer), gradNorm: value[step.start] };
}

/** Per backward, the one that the program called: itself, unless it ran inside another, as those of checkpoints do. */
function outerCalls({ backwards }: History): readonly Backward[] {
  let last: Backward | undefined;
  return backwards.map((one) => {
    if (last === undefined || one.depth === 0) last = one;
    return last;
  });
}

/** The first backward of a closure that the optimizer called. */
function firstInside(outer: readonly Backward[], { start, end }: Step): Backward | null {
  const first = outer[firstAfter(outer, start, (one) => one.start)];
  return first !== undefined && first.end < end ? first : null;
}

/** The norm of all gradients as one backward left them. */
function normOf(history: History, { parameters }: Step, { start, end }: Backward): number {
  const { value } = history.recording.tables.events.column;
  let sum = 0;
  for (const parameter of parameters) {
    const last = accumulatedIn(history, parameter, start, end).at(-1);
    if (last !== undefined) sum += value[last] ** 2;
  }
  return Math.sqrt(sum);
}

/** The losses whose gradients the step found in its parameters; the last one before it where nothing tells. */
function lossOf(history: History, step: Step, outer: readonly Backward[]): number {
  const { value } = history.recording.tables.events.column;
  const { start, parameters, previous, gradients } = step;
  const from = previous?.end ?? 0;
  const used = new Set<Backward>();
  for (const [i, parameter] of parameters.entries()) {
    if (gradients[i] === 0) continue;
    for (const event of kept(history, step, accumulatedIn(history, parameter, from, start)))
      used.add(outer[history.backwardOf[event] - 1]);
  }
  if (used.size > 0) return [...used].reduce((sum, one) => sum + value[one.start], 0);
  const last = outer[firstAfter(outer, start, (one) => one.start) - 1];
  return last === undefined || last.start <= from ? Number.NaN : value[last.start];
}

/** The accumulations into a parameter that no clearing came after. */
function kept({ rows, zeroGrads, recording }: History, { optimizer }: Step, events: readonly number[]): number[] {
  const { node } = recording.tables.events.column;
  const own = (event: number): number => rows.outputs(event)[1] ?? 0;
  let first = events.length - 1;
  while (first > 0 && own(events[first - 1]) === own(events[first])) {
    const [from, to] = [events[first - 1], events[first]];
    const cleared = zeroGrads.slice(firstAfter(zeroGrads, from), firstAfter(zeroGrads, to));
    if (cleared.some((event) => node[event] === optimizer)) break;
    first--;
  }
  return events.slice(Math.max(0, first));
}
