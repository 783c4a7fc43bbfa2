import { apply } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { general } from "./define.ts";
import { pairwiseDistance } from "./distances.ts";
import { checkReduction, type LossOptions, type Reduction, reduceLoss } from "./lossReduction.ts";
import { where } from "./where.ts";

/** Options of losses with a margin. */
export interface MarginOptions extends LossOptions {
  readonly margin?: number;
}

function marginOptions(op: string, args: readonly unknown[], margin: number): { margin: number; reduction: Reduction } {
  const options = readArguments<MarginOptions>(op, args, ["margin", "reduction"]);
  const reduction = options.reduction ?? "mean";
  checkReduction(op, reduction);
  return { margin: options.margin ?? margin, reduction };
}

const positivePart = (x: Tensor): Tensor => x.clamp({ min: 0 });

/** The input where the target is 1, max(0, margin − input) where it is −1. Default margin 1. */
export const hingeEmbeddingLoss: (input: Tensor, target: Tensor, options?: MarginOptions) => Tensor = (
  input,
  target,
  options,
) => {
  const { margin, reduction } = marginOptions("hingeEmbeddingLoss", [options], 1);
  const far = where(target.ne(1), positivePart(input.neg().add(margin)), 0);
  const near = where(target.ne(-1), input, 0);
  return reduceLoss(far.add(near), reduction);
};

/** 1 − cos of the angle where the target is 1, max(0, cos − margin) where it is −1. Default margin 0. */
export const cosineEmbeddingLoss: (input1: Tensor, input2: Tensor, target: Tensor, options?: MarginOptions) => Tensor =
  (input1, input2, target, options) => {
    const { margin, reduction } = marginOptions("cosineEmbeddingLoss", [options], 0);
    if (target.ndim > 1) {
      throw new ShapeError(
        "cosineEmbeddingLoss",
        `0D or 1D target tensor expected, multi-target not supported, but got ${showShape(target.shape)}`,
      );
    }
    if (input1.ndim !== target.ndim + 1 || input2.ndim !== target.ndim + 1) {
      throw new ShapeError(
        "cosineEmbeddingLoss",
        `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with sizes ${showShape(input1.shape)} and ${showShape(input2.shape)}`,
      );
    }
    const dot = input1.mul(input2).sum(-1);
    // A little is added to the squared norms, so that vectors of zeros have a cosine.
    const square = (x: Tensor): Tensor => x.mul(x).sum(-1).add(1e-12);
    const cosine = dot.div(square(input1).mul(square(input2)).sqrt());
    const near = where(target.eq(1), cosine.neg().add(1), 0);
    const far = where(target.eq(-1), positivePart(cosine.sub(margin)), 0);
    return reduceLoss(near.add(far), reduction);
  };

/** max(0, −target · (input1 − input2) + margin): the first should rank higher where the target is 1. Default margin 0. */
export const marginRankingLoss: (input1: Tensor, input2: Tensor, target: Tensor, options?: MarginOptions) => Tensor = (
  input1,
  input2,
  target,
  options,
) => {
  const { margin, reduction } = marginOptions("marginRankingLoss", [options], 0);
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
    throw new ShapeError(
      "marginRankingLoss",
      `All input tensors should have same dimension but got sizes: input1: ${showShape(input1.shape)}, input2: ${showShape(input2.shape)}, target: ${showShape(target.shape)}`,
    );
  }
  const behind = target.neg().mul(input1.sub(input2));
  return reduceLoss(positivePart((isFloat(behind.dtype) ? behind : behind.to("float32")).add(margin)), reduction);
};

/** Options of `tripletMarginLoss`. */
export interface TripletMarginOptions extends MarginOptions {
  /** Which norm. Default 2. */
  readonly p?: number;
  /** Added to every difference. Default 1e-6. */
  readonly eps?: number;
  /** Also measure from the positive to the negative, and take the smaller. Default false. */
  readonly swap?: boolean;
}

/** max(0, distance to the positive − distance to the negative + margin). Default margin 1. */
export const tripletMarginLoss: (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginOptions,
) => Tensor = (anchor, positive, negative, options) => {
  const names = ["margin", "p", "eps", "swap", "reduction"] as const;
  const { p = 2, eps = 1e-6, ...rest } = readArguments<TripletMarginOptions>("tripletMarginLoss", [options], names);
  const distanceFunction = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, { p, eps });
  return tripletLoss("tripletMarginLoss", anchor, positive, negative, { ...rest, distanceFunction });
};

/** Options of `tripletMarginWithDistanceLoss`. */
export interface TripletDistanceOptions extends MarginOptions {
  /** Default: `pairwiseDistance`. */
  readonly distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null;
  /** Also measure from the positive to the negative, and take the smaller. Default false. */
  readonly swap?: boolean;
}

/** `tripletMarginLoss` with a distance of one's own. */
export const tripletMarginWithDistanceLoss: (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletDistanceOptions,
) => Tensor = (anchor, positive, negative, options) => {
  const op = "tripletMarginWithDistanceLoss";
  const names = ["distanceFunction", "margin", "swap", "reduction"] as const;
  return tripletLoss(op, anchor, positive, negative, readArguments<TripletDistanceOptions>(op, [options], names));
};

function tripletLoss(
  op: string,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { distanceFunction, margin = 1, swap = false, reduction = "mean" }: TripletDistanceOptions,
): Tensor {
  checkReduction(op, reduction);
  if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim) {
    throw new ShapeError(
      op,
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got ${showShape(anchor.shape)}, ${showShape(positive.shape)} and ${showShape(negative.shape)}`,
    );
  }
  const distance = distanceFunction ?? ((a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b));
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const farthest = swap ? far.minimum(distance(positive, negative)) : far;
  return reduceLoss(positivePart(near.sub(farthest).add(margin)), reduction);
}

/** Options of `multiMarginLoss`. */
export interface MultiMarginOptions extends MarginOptions {
  /** 1 or 2. Default 1. */
  readonly p?: number;
  /** Weight of each class. */
  readonly weight?: Tensor | null;
}

/** Mean over the other classes of max(0, margin − score of the target + score)ᵖ. Default margin 1. */
export const multiMarginLoss: (input: Tensor, target: Tensor, options?: MultiMarginOptions) => Tensor = (
  input,
  target,
  options,
) => {
  const names = ["p", "margin", "weight", "reduction"] as const;
  const read = readArguments<MultiMarginOptions>("multiMarginLoss", [options], names);
  const { p = 1, margin = 1, weight = null, reduction = "mean" } = read;
  checkReduction("multiMarginLoss", reduction);
  if (p !== 1 && p !== 2) throw new ArgumentError("multiMarginLoss", `only p == 1 and p == 2 supported, but got ${p}`);
  const rows = rowsOfScores("multiMarginLoss", input);
  checkRows("multiMarginLoss", input, rows, target);
  const classes = rows.shape[1];
  const index = target.reshape(-1, 1);
  const excess = rows.sub(rows.gather(1, index)).add(margin).relu();
  // The target itself does not count.
  const own = index.zerosLike();
  const others = excess.scatter(1, index, own.to(excess.dtype));
  const powered = p === 1 ? others : others.mul(others);
  if (weight !== null && !sameShape(weight.shape, [classes])) {
    throw new ShapeError(
      "multiMarginLoss",
      `inconsistent weight size, expected one for each of ${classes} classes but got ${showShape(weight.shape)}`,
    );
  }
  const weighted = weight === null ? powered : powered.mul(weight.indexSelect(0, target).unsqueeze(1));
  return reduceLoss(weighted.sum(1).div(classes).reshape(target.shape), reduction);
};

/** Scores as rows of classes: a vector, or a number, is one row. */
function rowsOfScores(op: string, input: Tensor): Tensor {
  if (input.ndim > 2 || input.shape[input.ndim - 1] === 0) {
    throw new ShapeError(
      op,
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${showShape(input.shape)}`,
    );
  }
  return input.ndim === 2 ? input : input.reshape(1, -1);
}

function checkRows(op: string, input: Tensor, rows: Tensor, target: Tensor): void {
  if (target.ndim > 1 || target.elements !== rows.shape[0]) {
    throw new ShapeError(
      op,
      `target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [${rows.shape[0]}], but got ${showShape(target.shape)}. Input has shape ${showShape(input.shape)}.`,
    );
  }
  checkClassDType(op, target);
  for (const value of target.toArray()) {
    if (value < 0 || value >= rows.shape[1]) throw new IndexError(op, `Target ${value} is out of bounds.`);
  }
}

function checkClassDType(op: string, target: Tensor): void {
  if (target.dtype === "int64") return;
  throw new DTypeError(
    op,
    `expected target to have dtype int64, but got ${target.dtype}: convert it with .to("int64")`,
  );
}

const multilabelMarginOp = general()({
  name: "multilabelMarginLoss",
  summary: "Sum over targets and other classes of max(0, 1 − (score of the target − score)), over the classes.",
  inputs: ["x", "counts"],
  saves: ["x", "counts"],
  forward: ([x, counts]) => {
    const scores = densely(x as Tensor);
    const [rows, classes] = scores.shape;
    const out = empty([rows], scores.dtype);
    const { values } = scores.storage;
    const listed = (counts as Tensor).toArray();
    for (let r = 0; r < rows; r++) {
      let total = 0;
      for (let i = 0; i < classes; i++) {
        const times = listed[r * classes + i];
        if (times === 0) continue;
        for (let j = 0; j < classes; j++) {
          const z = 1 - values[scores.offset + r * classes + i] + values[scores.offset + r * classes + j];
          if (listed[r * classes + j] === 0 && z > 0) total += times * z;
        }
      }
      out.storage.values[r] = total / classes;
    }
    return out;
  },
  backward: {
    x: ({ grad, x, counts }) => {
      const classes = x.shape[1];
      // pairs[i][j]: how often target i is listed, where it and another class j are closer than the margin.
      const close = x.unsqueeze(1).sub(x.unsqueeze(2)).gt(-1).logicalAnd(counts.eq(0).unsqueeze(1));
      const pairs = close.to(x.dtype).mul(counts.unsqueeze(2));
      return grad
        .unsqueeze(1)
        .mul(pairs.sum(1).sub(pairs.sum(2)))
        .div(classes);
    },
    counts: null,
  },
});

/** Every target class should score at least 1 higher than every other; `target` lists classes, ended by −1. */
export const multilabelMarginLoss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor = (
  input,
  target,
  options,
) => {
  const { reduction = "mean" } = readArguments<LossOptions>("multilabelMarginLoss", [options], ["reduction"]);
  checkReduction("multilabelMarginLoss", reduction);
  const rows = rowsOfScores("multilabelMarginLoss", input);
  // A number may stand for a vector of one, on both sides.
  const fits = input.ndim === 2 ? sameShape(input.shape, target.shape) : target.ndim < 2;
  if (!fits || target.elements !== input.elements) {
    throw new ShapeError(
      "multilabelMarginLoss",
      `inconsistent target size: ${showShape(target.shape)} for input of size: ${showShape(input.shape)}`,
    );
  }
  checkClassDType("multilabelMarginLoss", target);
  const losses = apply(multilabelMarginOp, [rows, targetCounts(target, rows.shape[1])], undefined);
  return reduceLoss(input.ndim < 2 ? losses.reshape([]) : losses, reduction);
};

/** How often each row lists each class before its first −1. */
function targetCounts(target: Tensor, classes: number): Tensor {
  const listed = target.toArray();
  const counts = empty([listed.length / classes, classes], "int64");
  for (let row = 0; row < listed.length; row += classes) {
    for (let i = row; i < row + classes && listed[i] !== -1; i++) {
      if (listed[i] < 0 || listed[i] >= classes) {
        throw new IndexError("multilabelMarginLoss", `Target ${listed[i]} is out of bounds.`);
      }
      counts.storage.values[row + listed[i]]++;
    }
  }
  return counts;
}

/** Options of `multilabelSoftMarginLoss`. */
export interface WeightedLossOptions extends LossOptions {
  /** Weight of each class. */
  readonly weight?: Tensor | null;
}

/** Mean over classes of the binary cross entropy of sigmoid(input). */
export const multilabelSoftMarginLoss: (input: Tensor, target: Tensor, options?: WeightedLossOptions) => Tensor = (
  input,
  target,
  options,
) => {
  const read = readArguments<WeightedLossOptions>("multilabelSoftMarginLoss", [options], ["weight", "reduction"]);
  const { weight = null, reduction = "mean" } = read;
  checkReduction("multilabelSoftMarginLoss", reduction);
  if (input.ndim === 0) {
    throw new IndexError(
      "multilabelSoftMarginLoss",
      "Dimension specified as -1 but tensor has no dimensions: the input needs one for the classes",
    );
  }
  const positive = target.mul(input.logsigmoid());
  const losses = positive.add(target.neg().add(1).mul(input.neg().logsigmoid())).neg();
  const weighted = weight === null ? losses : losses.mul(weight);
  // The classes are the input's last dimension, also where the target has more dimensions.
  return reduceLoss(weighted.sum(input.ndim - 1).div(input.shape[input.ndim - 1]), reduction);
};
