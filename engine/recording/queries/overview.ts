import type { Recording } from "../recording.ts";
import { EventKind, TensorFlag } from "../schema.ts";
import { histogramOf, outlineOf } from "./histogram.ts";
import { KeptNumbers } from "./moments.ts";
import type { Place } from "./rows.ts";
import type { TrainingStep } from "./steps.ts";
import type { GradStatus, TensorInfo } from "./tensors.ts";
import { roleOf, type TensorRole } from "./tensorWords.ts";

/** How a tensor's gradient is listed: as its status says, and apart what asks for none. */
export type GradListing = GradStatus | "not-required";

/** A tensor in one line. */
export interface TensorLineInfo {
  readonly id: number;
  readonly name: string;
  readonly place: Place | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly role: TensorRole;
  readonly isLeaf: boolean;
  readonly requiresGrad: boolean;
  readonly listing: GradListing;
  /** Why there is no gradient, or a useless one. */
  readonly reason: string | null;
  readonly reasonPlace: Place | null;
  /** Of the gradient; null where there is none. */
  readonly norm: number | null;
  /** Root mean square of the gradient; null where there is none. */
  readonly size: number | null;
  /** The outline of a histogram, a digit for each bin; empty where no numbers were kept. */
  readonly outline: string;
  /** What the outline is of. */
  readonly outlineOf: "gradient" | "value";
}

const OUTLINE_BINS = 16;
/** Numbers that are read for all outlines together, and at least for each. */
const ALL_READS = 1 << 21;
const FEWEST_READS = 64;

/** Every tensor that the user can name, in one line each. */
export function tensorLines(recording: Recording, tensors: readonly TensorInfo[]): TensorLineInfo[] {
  const numbers = new KeptNumbers(recording);
  const reads = Math.max(FEWEST_READS, Math.floor(ALL_READS / Math.max(1, tensors.length)));
  return tensors.map((tensor) => {
    const grad = numbers.grad(tensor.id);
    const shown = grad ?? numbers.value(tensor.id);
    return {
      id: tensor.id,
      name: tensor.module ?? tensor.name ?? "",
      place: plain(tensor.place),
      shape: tensor.shape,
      dtype: tensor.dtype,
      role: roleOf(tensor),
      isLeaf: tensor.isLeaf,
      requiresGrad: tensor.requiresGrad,
      listing: listingOf(tensor),
      reason: tensor.requiresGrad ? (tensor.gradReason?.text ?? null) : null,
      reasonPlace: tensor.requiresGrad ? plain(tensor.gradReason?.place ?? null) : null,
      norm: tensor.grad?.norm ?? null,
      size: tensor.grad === null ? null : tensor.grad.norm / Math.sqrt(Math.max(1, tensor.grad.numel)),
      outline: shown === null ? "" : outlineOf(histogramOf(shown.numbers, OUTLINE_BINS, reads)),
      outlineOf: grad === null ? "value" : "gradient",
    };
  });
}

/** Places in a recording are rows that say more. */
function plain(place: Place | null): Place | null {
  return place && { file: place.file, line: place.line, column: place.column };
}

function listingOf({ grad, gradStatus, requiresGrad }: TensorInfo): GradListing {
  return grad === null && !requiresGrad ? "not-required" : gradStatus;
}

/** Where the time of a run went, in milliseconds, and how much it computed and held. */
export interface RunTotals {
  readonly forwardOps: number;
  readonly backwardNodes: number;
  readonly backwards: number;
  readonly steps: number;
  readonly forwardMs: number;
  readonly backwardMs: number;
  readonly optimizerMs: number;
  /** Bytes of the parameters, of what ops made in the whole run, and of the most that waited for one backward. */
  readonly parameterBytes: number;
  readonly madeBytes: number;
  readonly keptBytes: number;
}

/** Adds up what the events of a run took. */
export function runTotals(recording: Recording): RunTotals {
  const { events, tensors, kept } = recording.tables;
  const { kind, start, end } = events.column;
  const totals = { forward: 0, backward: 0, optimizer: 0, ops: 0, nodes: 0, backwards: 0, steps: 0, most: 0 };
  const open: number[] = [];
  const counted = new Uint32Array(tensors.rows);
  let stepStart = Number.NaN;
  let lastEnd = 0;
  let keptRow = 0;
  let keptBytes = 0;
  for (let i = 1; i < events.rows; i++) {
    for (; keptRow < kept.rows && kept.column.event[keptRow] <= i; keptRow++) {
      const tensor = kept.column.tensor[keptRow];
      if (counted[tensor] === totals.backwards + 1) continue;
      counted[tensor] = totals.backwards + 1;
      keptBytes += tensors.column.bytes[tensor];
    }
    if (keptBytes > totals.most) totals.most = keptBytes;
    if (kind[i] === EventKind.op) {
      totals.ops++;
      // An op inside an op or inside backward is part of the time of that.
      if (open.length === 0 && Number.isNaN(stepStart) && end[i] > lastEnd) {
        totals.forward += end[i] - Math.max(start[i], lastEnd);
        lastEnd = end[i];
      }
    } else if (kind[i] === EventKind.node) totals.nodes++;
    else if (kind[i] === EventKind.backwardStart) open.push(start[i]);
    else if (kind[i] === EventKind.backwardEnd) {
      const began = open.pop() ?? end[i];
      if (open.length > 0) continue;
      totals.backward += end[i] - began;
      totals.backwards++;
      keptBytes = 0;
    } else if (kind[i] === EventKind.optimizerStart) stepStart = start[i];
    else if (kind[i] === EventKind.optimizerEnd) {
      totals.steps++;
      if (!Number.isNaN(stepStart)) totals.optimizer += end[i] - stepStart;
      stepStart = Number.NaN;
    }
  }
  const { unlisted } = recording.meta;
  return {
    forwardOps: totals.ops + unlisted.forward,
    backwardNodes: totals.nodes + unlisted.backward,
    backwards: totals.backwards,
    steps: totals.steps,
    forwardMs: totals.forward,
    backwardMs: totals.backward,
    optimizerMs: totals.optimizer,
    ...bytesOf(recording),
    keptBytes: totals.most,
  };
}

function bytesOf({ tables }: Recording): { parameterBytes: number; madeBytes: number } {
  const { rows, column } = tables.tensors;
  let parameterBytes = 0;
  let madeBytes = 0;
  for (let i = 1; i < rows; i++) {
    const flags = column.flags[i];
    if ((flags & TensorFlag.parameter) !== 0) parameterBytes += column.bytes[i];
    if (column.event[i] !== 0 && (flags & TensorFlag.view) === 0) madeBytes += column.bytes[i];
  }
  return { parameterBytes, madeBytes };
}

/** As many steps as a chart can show: of each stretch the one with the largest gradient, and every one that is not finite. */
export function thinnedSteps(steps: readonly TrainingStep[], most: number): TrainingStep[] {
  if (steps.length <= most) return [...steps];
  const stretch = Math.ceil(steps.length / most);
  const chosen: TrainingStep[] = [];
  for (let from = 0; from < steps.length; from += stretch) {
    const some = steps.slice(from, from + stretch);
    chosen.push(some.reduce((peak, step) => (isAbove(step, peak) ? step : peak)));
  }
  const last = steps[steps.length - 1];
  if (chosen[chosen.length - 1] !== last) chosen.push(last);
  return chosen;
}

function isAbove(step: TrainingStep, peak: TrainingStep): boolean {
  if (!Number.isFinite(peak.loss) || !Number.isFinite(peak.gradNorm)) return false;
  return !Number.isFinite(step.loss) || !Number.isFinite(step.gradNorm) || step.gradNorm > peak.gradNorm;
}
