import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError, AutogradError, IndexError, ShapeError } from "../base/errors.ts";
import { showShape } from "../base/shape.ts";
import { type CtcSequence, ctcLoss as sequenceLoss } from "../kernels/ctcLoss.ts";
import { tensor } from "./creation.ts";
import { general } from "./define.ts";
import { checkReduction, type LossOptions, reduceLoss } from "./lossReduction.ts";
import type { GeneralOp } from "./op.ts";
import { mixed } from "./samples.ts";

/** Options of `ctcLoss`. */
export interface CtcLossOptions extends LossOptions {
  /** The class that means "no label". Default 0. */
  readonly blank?: number;
  /** Take losses of sequences that are too short for their labels, which are infinite, for zero. Default false. */
  readonly zeroInfinity?: boolean;
}

type CtcLossArgs =
  | [options?: CtcLossOptions]
  | [blank: number, reduction?: CtcLossOptions["reduction"], zeroInfinity?: boolean];

interface Sequences {
  readonly labels: readonly (readonly number[])[];
  readonly steps: readonly number[];
  readonly blank: number;
  readonly zeroInfinity: boolean;
}

function sequenceOf(x: Tensor, i: number, { labels, steps, blank }: Sequences, offset: number): CtcSequence {
  const [, batch, classes] = x.shape;
  const { values: logs } = x.storage;
  return {
    logs,
    offset: offset + i * classes,
    stride: batch * classes,
    steps: steps[i],
    classes,
    labels: labels[i],
    blank,
  };
}

const ctcLossOp: GeneralOp<Sequences> = general<Sequences>()({
  name: "ctcLoss",
  summary: "Minus the log-likelihood of labels over all their alignments with a sequence.",
  inputs: ["x"],
  saves: ["x"],
  forward: ([input], attrs) => {
    const x = densely(input as Tensor);
    const out = empty([x.shape[1]], x.dtype);
    for (let i = 0; i < out.elements; i++) {
      const loss = sequenceLoss(sequenceOf(x, i, attrs, x.offset), null, 0);
      out.storage.values[i] = attrs.zeroInfinity && loss === Number.POSITIVE_INFINITY ? 0 : loss;
    }
    return out;
  },
  backward: { x: ({ grad, x, attrs }) => apply(gradientOp, [grad, x], attrs) },
  rejects: [
    mixed(
      [
        ["normal", [4, 2, 3]],
        [{ index: 3 }, [2, 2]],
      ],
      [4],
      [2, 2],
    ),
    mixed(
      [
        ["normal", [3]],
        [{ index: 3 }, [2]],
      ],
      4,
      2,
    ),
  ],
});

const notTwice = (): never => {
  throw new AutogradError("the derivative for 'ctcLoss' is not implemented beyond the first");
};

const gradientOp: GeneralOp<Sequences> = general<Sequences>()({
  name: "ctcLossBackward",
  summary: "Gradient of ctcLoss.",
  inputs: ["grad", "x"],
  forward: ([gradient, input], attrs) => {
    const grad = densely(gradient as Tensor);
    const x = densely(input as Tensor);
    const out = empty(x.shape, x.dtype);
    // The sequence's places in x are its places in the gradient, which starts at 0.
    const dense = x.offset === 0 ? x : x.detach().clone();
    for (let i = 0; i < x.shape[1]; i++) {
      sequenceLoss(sequenceOf(dense, i, attrs, 0), out.storage.values, grad.storage.values[grad.offset + i]);
    }
    return out;
  },
  backward: { grad: notTwice, x: notTwice },
});

/**
 * Connectionist temporal classification: minus the log-likelihood of labels, over all alignments with a sequence of
 * log-probabilities [T, N, C] (or [T, C]). Targets are [N, S], or all labels one after another; lengths say how many of
 * each are meant. "mean" divides each loss by its number of labels first.
 */
export const ctcLoss: (
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly number[] | number,
  targetLengths: Tensor | readonly number[] | number,
  ...args: CtcLossArgs
) => Tensor = (logProbs, targets, inputLengths, targetLengths, ...args) => {
  const options = readArguments<CtcLossOptions>("ctcLoss", args, ["blank", "reduction", "zeroInfinity"]);
  const { blank = 0, reduction = "mean", zeroInfinity = false } = options;
  checkReduction("ctcLoss", reduction);
  if (logProbs.ndim !== 2 && logProbs.ndim !== 3) {
    throw new ShapeError(
      "ctcLoss",
      `expected log-probabilities [T, N, C] or [T, C], but got ${showShape(logProbs.shape)}`,
    );
  }
  const x = logProbs.ndim === 2 ? logProbs.unsqueeze(1) : logProbs;
  const steps = listOf(inputLengths);
  const counts = listOf(targetLengths);
  checkLengths(x, steps, counts, blank);
  const labels = labelsOf(targets, counts, x.shape[2]);
  const losses = apply(ctcLossOp, [x], { labels, steps, blank, zeroInfinity });
  const batched = logProbs.ndim === 2 ? losses.reshape([]) : losses;
  if (reduction !== "mean") return reduceLoss(batched, reduction);
  const perLabel = tensor(
    counts.map((n) => Math.max(n, 1)),
    { dtype: x.dtype },
  );
  return losses.div(perLabel).mean();
};

function listOf(lengths: Tensor | readonly number[] | number): number[] {
  if (typeof lengths === "number") return [lengths];
  return "storage" in lengths ? [...lengths.toArray()] : [...lengths];
}

function checkLengths(x: Tensor, steps: readonly number[], counts: readonly number[], blank: number): void {
  const [time, batch, classes] = x.shape;
  if (steps.length !== batch || counts.length !== batch) {
    throw new ShapeError(
      "ctcLoss",
      `input_lengths and target_lengths must be of size batch_size (${batch}), but got ${steps.length} and ${counts.length}`,
    );
  }
  const long = steps.find((n) => n < 0 || n > time);
  if (long !== undefined) {
    throw new ArgumentError("ctcLoss", `Expected input_lengths to have value at most ${time}, but got value ${long}`);
  }
  if (blank < 0 || blank >= classes)
    throw new ArgumentError("ctcLoss", `blank must be in label range (${classes} classes)`);
}

function labelsOf(targets: Tensor, counts: readonly number[], classes: number): number[][] {
  const padded = targets.ndim === 2;
  if ((targets.ndim !== 1 && !padded) || (padded && targets.shape[0] !== counts.length)) {
    throw new ShapeError(
      "ctcLoss",
      `Expected 1 to 2 dimensions: targets [N, S], or all labels in a row, for a batch of ${counts.length}, but got ${showShape(targets.shape)}`,
    );
  }
  const flat = [...targets.toArray()];
  const total = counts.reduce((sum, n) => sum + n, 0);
  const longest = padded ? targets.shape[1] : Number.POSITIVE_INFINITY;
  if (counts.some((n) => n < 0 || n > longest) || (!padded && total !== flat.length)) {
    throw new ShapeError(
      "ctcLoss",
      `target_lengths ${showShape(counts)} do not fit targets of shape ${showShape(targets.shape)}`,
    );
  }
  let start = 0;
  return counts.map((n, i) => {
    const from = padded ? i * longest : start;
    start += n;
    const labels = flat.slice(from, from + n);
    const wrong = labels.find((label) => label < 0 || label >= classes);
    if (wrong !== undefined) throw new IndexError("ctcLoss", `Target ${wrong} is out of bounds.`);
    return labels;
  });
}
