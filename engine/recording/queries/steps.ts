import type { Recording } from "../recording.ts";
import { EventKind } from "../schema.ts";
import { backwardSpans } from "./backwardCalls.ts";

/** One optimizer step: the loss it started from and the norm of all gradients. NaN where unknown. */
export interface TrainingStep {
  /** From 0. */
  readonly step: number;
  readonly loss: number;
  readonly gradNorm: number;
}

/** The training steps of the run, by `optimizer.step()`. */
export function trainingSteps(recording: Recording): TrainingStep[] {
  const { events } = recording.tables;
  const steps: TrainingStep[] = [];
  const nested = new Set(backwardSpans(recording).flatMap(({ start, depth }) => (depth > 0 ? [start] : [])));
  let loss = Number.NaN;
  for (let i = 1; i < events.rows; i++) {
    if (events.column.kind[i] === EventKind.backwardStart && !nested.has(i)) loss = events.column.value[i];
    else if (events.column.kind[i] === EventKind.optimizerStart) {
      steps.push({ step: steps.length, loss, gradNorm: events.column.value[i] });
      loss = Number.NaN;
    }
  }
  return steps;
}
