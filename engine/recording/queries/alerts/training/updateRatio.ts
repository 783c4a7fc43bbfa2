import { formatNumber } from "../../numbers.ts";
import type { Finding } from "../alert.ts";
import type { History } from "../history.ts";
import type { Limits } from "../rule.ts";
import { lossRatio, median } from "./losses.ts";

/** One sampled step of an optimizer: how far all its parameters moved against how large they were. */
interface Move {
  readonly step: number;
  readonly start: number;
  readonly ratio: number;
  readonly rate: number;
}

/** Steps that are far too large or far too small for the weights, while the loss does not get better. */
export function updateRatio(history: History, limits: Limits): Finding[] {
  return [...movesOf(history).values()].flatMap((moves) => {
    if (moves.length < limits["steps"] || !(lossRatio(history) > limits["learned"])) return [];
    const ratio = median(moves.map((move) => move.ratio));
    const isLarge = ratio > limits["largest"];
    const isSmall = ratio < limits["smallest"] && moves.some((move) => move.rate > 0);
    if (!isLarge && !isSmall) return [];
    const [first] = moves;
    return [
      {
        place: history.place(first.start),
        message: isLarge
          ? `Each step moves the weights by ${formatNumber(100 * ratio)}% of their size (about 0.1% is healthy), and the loss does not get better.`
          : `Each step moves the weights by only ${formatNumber(ratio)} of their size (about 0.001 is healthy), and the loss does not get better.`,
        fix: isLarge ? "take a smaller learning rate" : "take a larger learning rate",
        step: history.stepOf(first.start),
        count: moves.length,
        evidence: [
          { label: "change against size, median", value: ratio },
          { label: "learning rate", value: first.rate },
        ],
        event: first.start,
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
