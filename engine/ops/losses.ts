import { apply } from "../autograd/dispatch.ts";
import { densely, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import { expandsTo, sameShape, showShape } from "../base/shape.ts";
import * as kernels from "../kernels/losses.ts";
import { hardtanh } from "./activations.ts";
import { general } from "./define.ts";
import {
  checkReduction,
  gradPerElement,
  type LossOptions,
  type Reduction,
  reduced,
  reduceLoss,
  sameSize,
} from "./lossReduction.ts";
import { spread } from "./matrixBatches.ts";
import type { GeneralOp } from "./op.ts";
import { arranged, mixed, normal, positive, type Sample } from "./samples.ts";

interface PairLoss {
  readonly reduction: Reduction;
  /** The loss's one number: beta, delta. */
  readonly parameter: number;
}

interface Description {
  readonly name: string;
  readonly node: string;
  readonly summary: string;
  readonly kernel: kernels.PairLoss;
  /** Derivatives of an element's loss in its input and its target. */
  readonly slope: (x: Tensor, target: Tensor, parameter: number) => Tensor;
  readonly targetSlope: (x: Tensor, target: Tensor, parameter: number) => Tensor;
  readonly accepts: readonly Sample[];
}

/** A loss of an element and its target, reduced in the same op. */
function pairLossOp({ kernel, slope, targetSlope, ...description }: Description): GeneralOp<PairLoss> {
  return general<PairLoss>()({
    ...description,
    inputs: ["x", "target"],
    saves: ["x", "target"],
    forward: ([input, wanted], { reduction, parameter }) => {
      const x = densely(input as Tensor);
      const target = densely(wanted as Tensor);
      const losses = new Float64Array(x.elements);
      kernel(x.storage.values, x.offset, target.storage.values, target.offset, x.elements, parameter, losses);
      return reduced(losses, x.shape, x.dtype, reduction);
    },
    backward: {
      x: ({ grad, x, target, attrs }) =>
        gradPerElement(grad, attrs.reduction, x.elements).mul(slope(x, target, attrs.parameter)),
      target: ({ grad, x, target, attrs }) =>
        gradPerElement(grad, attrs.reduction, x.elements).mul(targetSlope(x, target, attrs.parameter)),
    },
    rejects: [normal([[2], [3]])],
  });
}

const pairs = (...more: readonly object[]): Sample[] => [
  normal([
    [2, 3],
    [2, 3],
  ]),
  normal([[3], [3]], { reduction: "sum" }),
  normal(
    [
      [2, 1],
      [2, 1],
    ],
    { reduction: "none" },
  ),
  normal([[], []]),
  ...more.map((options) => normal([[5], [5]], options)),
];

const mseLossOp = pairLossOp({
  name: "mseLoss",
  node: "MseLossBackward0",
  summary: "Square of the difference.",
  kernel: kernels.squared,
  slope: (x, target) => x.sub(target).mul(2),
  targetSlope: (x, target) => target.sub(x).mul(2),
  accepts: pairs(),
});

type LossArgs<O extends LossOptions = LossOptions> = [options?: O];

/** Mean (or sum, or each) of the squared differences. */
export const mseLoss: (input: Tensor, target: Tensor, ...args: LossArgs) => Tensor = (input, target, ...args) => {
  const { reduction = "mean" } = readArguments<LossOptions>("mseLoss", args, ["reduction"]);
  checkReduction("mseLoss", reduction);
  return apply(mseLossOp, sameSize("mseLoss", input, target), { reduction, parameter: 0 });
};

/** Mean (or sum, or each) of the absolute differences. */
export const l1Loss: (input: Tensor, target: Tensor, ...args: LossArgs) => Tensor = (input, target, ...args) => {
  const { reduction = "mean" } = readArguments<LossOptions>("l1Loss", args, ["reduction"]);
  checkReduction("l1Loss", reduction);
  const [x, wanted] = sameSize("l1Loss", input, target);
  return reduceLoss(x.sub(wanted).abs(), reduction);
};

// hardtanh, not clamp: where parabola and line meet, the second derivative is that of the line.

const smoothL1Op = pairLossOp({
  name: "smoothL1Loss",
  node: "SmoothL1LossBackward0",
  summary: "Square of the difference where that is below beta, its absolute value above.",
  kernel: kernels.smoothL1,
  slope: (x, target, beta) => hardtanh(x.sub(target).div(beta)),
  targetSlope: (x, target, beta) => hardtanh(target.sub(x).div(beta)),
  accepts: pairs({ beta: 0.4 }),
});

/** Options of `smoothL1Loss`. */
export interface SmoothL1Options extends LossOptions {
  /** Where the parabola meets the line. Default 1. */
  readonly beta?: number;
}

/** d² / 2β where the difference d is below β, |d| − β / 2 above. */
export const smoothL1Loss: (input: Tensor, target: Tensor, ...args: LossArgs<SmoothL1Options>) => Tensor = (
  input,
  target,
  ...args
) => {
  const { reduction = "mean", beta = 1 } = readArguments<SmoothL1Options>("smoothL1Loss", args, ["reduction", "beta"]);
  checkReduction("smoothL1Loss", reduction);
  if (!(beta >= 0))
    throw new ArgumentError("smoothL1Loss", `does not support negative values for beta, but got ${beta}`);
  if (beta === 0) return l1Loss(input, target, { reduction });
  return apply(smoothL1Op, sameSize("smoothL1Loss", input, target), { reduction, parameter: beta });
};

const huberOp = pairLossOp({
  name: "huberLoss",
  node: "HuberLossBackward0",
  summary: "Half the square of the difference up to delta, a line above.",
  kernel: kernels.huber,
  slope: (x, target, delta) => hardtanh(x.sub(target), -delta, delta),
  targetSlope: (x, target, delta) => hardtanh(target.sub(x), -delta, delta),
  accepts: pairs({ delta: 0.7 }),
});

/** The target in the input's dtype, which the result has too where others would promote. */
const likeInput = (input: Tensor, target: Tensor): Tensor => (isFloat(input.dtype) ? target.to(input.dtype) : target);

/** Options of `huberLoss`. */
export interface HuberOptions extends LossOptions {
  /** Where the parabola meets the line. Default 1. */
  readonly delta?: number;
}

/** d² / 2 where the difference d is at most δ, δ (|d| − δ / 2) above. */
export const huberLoss: (input: Tensor, target: Tensor, ...args: LossArgs<HuberOptions>) => Tensor = (
  input,
  target,
  ...args
) => {
  const { reduction = "mean", delta = 1 } = readArguments<HuberOptions>("huberLoss", args, ["reduction", "delta"]);
  checkReduction("huberLoss", reduction);
  if (!(delta > 0))
    throw new ArgumentError("huberLoss", `does not support non-positive values for delta, but got ${delta}`);
  return apply(huberOp, sameSize("huberLoss", input, likeInput(input, target)), { reduction, parameter: delta });
};

const softMarginOp = pairLossOp({
  name: "softMarginLoss",
  node: "SoftMarginLossBackward0",
  summary: "log(1 + exp(−target · input)).",
  kernel: kernels.softMargin,
  slope: (x, target) => target.neg().mul(target.neg().mul(x).sigmoid()),
  targetSlope: (x, target) => x.neg().mul(target.neg().mul(x).sigmoid()),
  accepts: pairs(),
});

/** log(1 + exp(−target · input)) for targets of 1 and −1. */
export const softMarginLoss: (input: Tensor, target: Tensor, ...args: LossArgs) => Tensor = (
  input,
  target,
  ...args
) => {
  const { reduction = "mean" } = readArguments<LossOptions>("softMarginLoss", args, ["reduction"]);
  checkReduction("softMarginLoss", reduction);
  if (!expandsTo(target.shape, input.shape)) {
    throw new ShapeError(
      "softMarginLoss",
      `output with shape ${showShape(input.shape)} doesn't match the broadcast shape: the target, ${showShape(target.shape)}, must broadcast to the input`,
    );
  }
  return apply(softMarginOp, sameSize("softMarginLoss", input, likeInput(input, target)), { reduction, parameter: 0 });
};

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Multiplies each element's loss; broadcasts. */
  readonly weight?: Tensor | null;
}

interface Reducing {
  readonly reduction: Reduction;
}

const binaryCrossEntropyOp = general<Reducing>()({
  name: "binaryCrossEntropy",
  summary: "Minus the log-likelihood of targets between 0 and 1, given their probabilities.",
  inputs: ["x", "target", "weight"],
  saves: ["x", "target", "weight"],
  forward: ([input, wanted, weight], { reduction }) => {
    const x = densely(input as Tensor);
    const target = densely(wanted as Tensor);
    const n = x.elements;
    checkProbabilities(x);
    const losses = new Float64Array(n);
    kernels.binaryCrossEntropy(x.storage.values, x.offset, target.storage.values, target.offset, n, 0, losses);
    weigh(losses, weight, x);
    return reduced(losses, x.shape, x.dtype, reduction);
  },
  backward: {
    // (x − t) / (x (1 − x)), with a denominator of at least 1e-12.
    x: ({ grad, x, target, weight, attrs }) => {
      const spreadGrad = weighted(gradPerElement(grad, attrs.reduction, x.elements), weight);
      return spreadGrad.mul(x.sub(target).div(x.mul(x.neg().add(1)).clamp({ min: 1e-12 })));
    },
    target: ({ grad, x, target: _target, weight, attrs }) => {
      const spreadGrad = weighted(gradPerElement(grad, attrs.reduction, x.elements), weight);
      return spreadGrad.mul(
        x
          .neg()
          .log1p()
          .clamp({ min: -100 })
          .sub(x.log().clamp({ min: -100 })),
      );
    },
    weight: null,
  },
  accepts: [
    arranged(
      normal([
        [2, 3],
        [2, 3],
      ]),
      "as probabilities",
      ([x, t]) => [x.sigmoid(), t.sigmoid()],
    ),
    arranged(normal([[3], [3]]), "one by one", ([x, t]) => [x.sigmoid(), t.sigmoid(), null, { reduction: "none" }]),
  ],
  rejects: [normal([[2, 1], [2]]), positive([[9], [9]])],
});

const weighted = (grad: Tensor, weight: Tensor | null): Tensor => (weight === null ? grad : grad.mul(weight));

function weigh(losses: Float64Array, weight: Tensor | null, x: Tensor): void {
  if (weight === null) return;
  const factors = spread(weight, x.shape);
  kernels.weigh(losses, factors.storage.values, factors.offset);
}

function checkProbabilities(x: Tensor): void {
  const { values } = x.storage;
  for (let i = x.offset; i < x.offset + x.elements; i++) {
    if (values[i] < 0 || values[i] > 1) {
      throw new ArgumentError(
        "binaryCrossEntropy",
        `all elements of input should be between 0 and 1, but got ${values[i]}: use sigmoid first, or binaryCrossEntropyWithLogits`,
      );
    }
  }
}

/** −target · log(input) − (1 − target) · log(1 − input), for probabilities; logarithms are at least −100. */
export const binaryCrossEntropy: (
  input: Tensor,
  target: Tensor,
  ...args: [options?: BinaryCrossEntropyOptions] | [weight: Tensor | null, options?: BinaryCrossEntropyOptions]
) => Tensor = (input, target, ...args) => {
  const names = ["weight", "reduction"] as const;
  const options = readArguments<BinaryCrossEntropyOptions>("binaryCrossEntropy", args, names);
  const { weight = null, reduction = "mean" } = options;
  checkReduction("binaryCrossEntropy", reduction);
  checkTargetSize("binaryCrossEntropy", input, target);
  if (isFloat(input.dtype) && isFloat(target.dtype) && input.dtype !== target.dtype) {
    throw new DTypeError(
      "binaryCrossEntropy",
      `Found dtype ${target.dtype} but expected ${input.dtype}, the input's: convert the target with .to("${input.dtype}")`,
    );
  }
  checkWeight("binaryCrossEntropy", "weight", weight, input);
  const [x, wanted] = sameSize("binaryCrossEntropy", input, target);
  return apply(binaryCrossEntropyOp, [x, wanted, weight], { reduction });
};

/** Losses of probabilities refuse to broadcast at all. */
function checkTargetSize(op: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  throw new ShapeError(
    op,
    `Target size (${showShape(target.shape)}) must be the same as input size (${showShape(input.shape)}): reshape one of them, for example with squeeze or unsqueeze`,
  );
}

function checkWeight(op: string, name: string, weight: Tensor | null, input: Tensor): void {
  if (weight === null || expandsTo(weight.shape, input.shape)) return;
  throw new ShapeError(
    op,
    `${name} of shape ${showShape(weight.shape)} does not broadcast to the input's ${showShape(input.shape)}`,
  );
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** How much more positive targets count; broadcasts. */
  readonly posWeight?: Tensor | null;
}

const withLogitsOp = general<Reducing>()({
  name: "binaryCrossEntropyWithLogits",
  summary: "Minus the log-likelihood of targets between 0 and 1, given log-odds.",
  inputs: ["x", "target", "weight", "posWeight"],
  saves: ["x", "target", "weight", "posWeight"],
  forward: ([input, wanted, weight, posWeight], { reduction }) => {
    const x = densely(input as Tensor);
    const target = densely(wanted as Tensor);
    const positive = posWeight === null ? null : spread(posWeight, x.shape);
    const losses = new Float64Array(x.elements);
    kernels.binaryCrossEntropyWithLogits(
      x.storage.values,
      x.offset,
      target.storage.values,
      target.offset,
      positive?.storage.values ?? null,
      positive?.offset ?? 0,
      x.elements,
      losses,
    );
    weigh(losses, weight, x);
    return reduced(losses, x.shape, x.dtype, reduction);
  },
  backward: {
    // With q = 1 + (p − 1) t for a weight p of positives: q sigmoid(x) − p t.
    x: ({ grad, x, target, weight, posWeight, attrs }) => {
      const spreadGrad = weighted(gradPerElement(grad, attrs.reduction, x.elements), weight);
      if (posWeight === null) return spreadGrad.mul(x.sigmoid().sub(target));
      const factor = posWeight.sub(1).mul(target).add(1);
      return spreadGrad.mul(factor.mul(x.sigmoid()).sub(posWeight.mul(target)));
    },
    // −x + (p − 1) log(1 + exp(−x))
    target: ({ grad, x, weight, posWeight, attrs }) => {
      const spreadGrad = weighted(gradPerElement(grad, attrs.reduction, x.elements), weight);
      if (posWeight === null) return spreadGrad.mul(x.neg());
      return spreadGrad.mul(posWeight.sub(1).mul(x.logsigmoid().neg()).sub(x));
    },
    weight: null,
    posWeight: null,
  },
  accepts: [
    mixed([
      ["normal", [2, 3]],
      ["unit", [2, 3]],
    ]),
    mixed(
      [
        ["normal", [3]],
        ["unit", [3]],
      ],
      { reduction: "none" },
    ),
    mixed(
      [
        ["normal", [3]],
        ["unit", [3]],
      ],
      { reduction: "sum" },
    ),
  ],
  rejects: [normal([[2, 1], [2]])],
});

/** `binaryCrossEntropy` of sigmoid(input), without its overflow: targets between 0 and 1, input any number. */
export const binaryCrossEntropyWithLogits: (
  input: Tensor,
  target: Tensor,
  ...args:
    | [options?: BinaryCrossEntropyWithLogitsOptions]
    | [weight: Tensor | null, options?: BinaryCrossEntropyWithLogitsOptions]
) => Tensor = (input, target, ...args) => {
  const op = "binaryCrossEntropyWithLogits";
  const names = ["weight", "reduction", "posWeight"] as const;
  const options = readArguments<BinaryCrossEntropyWithLogitsOptions>(op, args, names);
  const { weight = null, reduction = "mean", posWeight = null } = options;
  checkReduction(op, reduction);
  checkTargetSize(op, input, target);
  checkWeight(op, "weight", weight, input);
  checkWeight(op, "posWeight", posWeight, input);
  const [x, wanted] = sameSize(op, input, target);
  return apply(withLogitsOp, [x, wanted, weight, posWeight], { reduction });
};
