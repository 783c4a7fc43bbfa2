import { formatNumber } from "../../numbers.ts";
import type { Parts } from "../../parts.ts";
import type { Finding } from "../alert.ts";
import type { History } from "../history.ts";
import type { Limits } from "../rule.ts";
import { saturationsAfterFirstStep } from "./activations.ts";
import { lossTrend, median } from "./losses.ts";

/** One sampled step of an optimizer: how far all its parameters moved against how large they were. */
interface Move {
  readonly step: number;
  readonly start: number;
  readonly ratio: number;
  readonly rate: number;
}

/** Last losses against the very first one, from which on a step of great size did harm. */
const GOT_WORSE = 10;

/** Steps that are far too large or far too small for the weights, while the loss does not get better. */
export function* updateRatio(history: History, limits: Limits): Parts<Finding[]> {
  const overshot = yield* overshoots(history, limits);
  if (overshot.length > 0) return overshot;
  yield;
  const loss = yield* lossTrend.inParts(history);
  return [...movesOf(history).values()].flatMap((moves) => {
    if (moves.length < limits["steps"]) return [];
    const ratios = moves.map((move) => move.ratio);
    const usual = median(ratios);
    const most = ratios.reduce((largest, ratio) => Math.max(largest, ratio), 0);
    // Weights that were thrown far out move little against their size from then on.
    const isThrown = most > 10 * limits["largest"] && loss.againstFirst > GOT_WORSE;
    if (!isThrown && !(loss.ratio > limits["learned"])) return [];
    const ratio = isThrown ? most : usual;
    const isLarge = ratio > limits["largest"];
    const isSmall = ratio < limits["smallest"] && moves.some((move) => move.rate > 0);
    if (!isLarge && !isSmall) return [];
    const [first] = moves;
    return [
      {
        place: history.place(first.start),
        message: isLarge
          ? `${isThrown ? "A step" : "Each step"} moves the weights by ${formatNumber(100 * ratio)}% of their size (about 0.1% is healthy), and the loss ${isThrown ? "gets worse" : "does not get better"}.`
          : `Each step moves the weights by only ${formatNumber(ratio)} of their size (about 0.001 is healthy), and the loss does not get better.`,
        fix: isLarge ? "take a smaller learning rate" : "take a larger learning rate",
        step: history.stepOf(first.start),
        count: moves.length,
        evidence: [
          { label: isThrown ? "change against size, at most" : "change against size, median", value: ratio },
          { label: "learning rate", value: first.rate },
        ],
        event: first.start,
      },
    ];
  });
}

/** Steps so large that they threw activations to their bounds, where hardly any gradient passes any more. */
function* overshoots(history: History, limits: Limits): Parts<Finding[]> {
  const [bound] = yield* saturationsAfterFirstStep(history);
  if (bound === undefined) return [];
  return [...movesOf(history).values()].flatMap((moves) => {
    const before = moves.filter(({ start }) => start < bound);
    const largest = before.reduce<Move | null>((best, one) => (one.ratio > (best?.ratio ?? 0) ? one : best), null);
    if (largest === null || largest.ratio <= limits["largest"]) return [];
    return [
      {
        place: history.place(largest.start),
        message: `A step moves the weights by ${formatNumber(100 * largest.ratio)}% of their size (about 0.1% is healthy), which throws the ${history.name(bound)} at line ${history.place(bound)?.line ?? "?"} to its bounds, where hardly any gradient passes.`,
        fix: "take a smaller learning rate",
        step: largest.step,
        count: before.filter(({ ratio }) => ratio > limits["largest"]).length,
        evidence: [
          { label: "change against size", value: largest.ratio },
          { label: "learning rate", value: largest.rate },
        ],
        event: largest.start,
      },
    ];
  });
}

function movesOf(history: History): Map<number, Move[]> {
  const { updates } = history.recording.tables;
  const { event, size, change, rate } = updates.column;
  const { value } = history.recording.tables.events.column;
  const steps = new Map(history.steps.map((step) => [step.end, step]));
  const sums = new Map<number, { sizes: number; changes: number; rate: number }>();
  for (let i = 0; i < updates.rows; i++) {
    const sum = sums.get(event[i]) ?? { sizes: 0, changes: 0, rate: rate[i] };
    sum.sizes += size[i] * size[i];
    sum.changes += change[i] * change[i];
    sums.set(event[i], sum);
  }
  const moves = new Map<number, Move[]>();
  for (const [end, sum] of sums) {
    const step = steps.get(end);
    // Without a gradient there is nothing to learn: the minimum is reached.
    if (step === undefined || !(value[step.start] > 0)) continue;
    const ratio = Math.sqrt(sum.changes / sum.sizes);
    // Zeros have no size to compare with.
    if (!Number.isFinite(ratio)) continue;
    const list = moves.get(step.optimizer) ?? [];
    list.push({ step: step.index, start: step.start, ratio, rate: sum.rate });
    moves.set(step.optimizer, list);
  }
  return moves;
}
