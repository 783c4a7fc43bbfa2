import { apply, applyAll } from "../autograd/dispatch.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { isFloat, type TypedArray } from "../base/dtype.ts";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "../base/errors.ts";
import { elementCount, type Shape, sameShape, showShape } from "../base/shape.ts";
import { type NllSizes, negativeLikelihood, spreadLikelihood } from "../kernels/nllLoss.ts";
import { general } from "./define.ts";
import { meanOfTargets } from "./hazards.ts";
import { checkReduction, type LossOptions, type Reduction, reduced, reduceLoss } from "./lossReduction.ts";
import type { GeneralOp } from "./op.ts";
import { mixed } from "./samples.ts";

/** Options of `nllLoss`. */
export interface NllLossOptions extends LossOptions {
  /** Weight of each class. */
  readonly weight?: Tensor | null;
  /** Targets of this class count nothing. Default -100. */
  readonly ignoreIndex?: number;
}

interface Nll extends NllSizes {
  readonly reduction: Reduction;
  /** Of the log-probabilities. */
  readonly shape: Shape;
}

interface NllOps {
  readonly forward: GeneralOp<Nll>;
  readonly adjoint: GeneralOp<Nll>;
}

/** The loss is linear in the log-probabilities, so the loss and its gradient are each other's adjoint. */
function nllOps(overload: string, node: string): NllOps {
  const forward: GeneralOp<Nll> = general<Nll>()({
    name: "nllLoss",
    overload,
    node,
    summary: "Minus the log-probability of the target's class.",
    inputs: ["x", "target", "weight"],
    outputs: ["out", "totalWeight"],
    saves: ["target", "weight", "totalWeight"],
    hazards: meanOfTargets,
    forward: ([x, target, weight], attrs) => likelihood(x as Tensor, target as Tensor, weight, attrs),
    backward: {
      x: ({ grad, target, weight, totalWeight, attrs }) => apply(adjoint, [grad, target, weight, totalWeight], attrs),
      target: null,
      weight: null,
    },
    accepts:
      overload === "rows"
        ? [
            mixed([
              ["normal", [4, 3]],
              [{ index: 3 }, [4]],
            ]),
            mixed(
              [
                ["normal", [2, 3]],
                [{ index: 3 }, [2]],
              ],
              { reduction: "none" },
            ),
            mixed([
              ["normal", [3]],
              [{ index: 3 }, []],
            ]),
          ]
        : [
            mixed(
              [
                ["normal", [2, 3, 2, 2]],
                [{ index: 3 }, [2, 2, 2]],
              ],
              { reduction: "sum" },
            ),
          ],
    rejects:
      overload === "rows"
        ? [
            mixed([
              ["normal", [2, 3]],
              [{ index: 3 }, [3]],
            ]),
          ]
        : [],
  });
  const adjoint: GeneralOp<Nll> = general<Nll>()({
    name: "nllLossBackward",
    overload,
    summary: "Gradient of nllLoss.",
    inputs: ["grad", "target", "weight", "totalWeight"],
    saves: ["target", "weight", "totalWeight"],
    forward: ([grad, target, weight, total], attrs) =>
      spreadGradient(grad as Tensor, target as Tensor, weight, total as Tensor, attrs),
    backward: {
      grad: ({ grad, target, weight, attrs }) => applyAll(forward, [grad, target, weight], attrs)[0],
      target: null,
      weight: null,
      totalWeight: null,
    },
  });
  return { forward, adjoint };
}

function likelihood(input: Tensor, wanted: Tensor, weight: Tensor | null, attrs: Nll): Tensor[] {
  const x = densely(input);
  const target = densely(wanted);
  const losses = new Float64Array(target.elements);
  const total = negativeLikelihood(
    x.storage.values,
    x.offset,
    target.storage.values,
    target.offset,
    valuesOf(weight),
    attrs,
    losses,
  );
  const out = reduced(losses, wanted.shape, x.dtype, attrs.reduction === "mean" ? "sum" : attrs.reduction);
  // Without a single target that counts the mean is 0 / 0.
  if (attrs.reduction === "mean") out.storage.values[0] /= total;
  const totalWeight = empty([], x.dtype);
  totalWeight.storage.values[0] = total;
  return [out, totalWeight];
}

const valuesOf = (x: Tensor | null): TypedArray | null => (x === null ? null : x.toArray());

function spreadGradient(grad: Tensor, wanted: Tensor, weight: Tensor | null, total: Tensor, attrs: Nll): Tensor {
  const gradient = densely(grad);
  const target = densely(wanted);
  const out = empty(attrs.shape, grad.dtype);
  spreadLikelihood(
    gradient.storage.values,
    gradient.offset,
    attrs.reduction === "none" ? 1 : 0,
    attrs.reduction === "mean" ? 1 / total.item() : 1,
    target.storage.values,
    target.offset,
    valuesOf(weight),
    attrs,
    out.storage.values,
  );
  return out;
}

const rowOps = nllOps("rows", "NllLossBackward0");
const spatialOps = nllOps("spatial", "NllLoss2DBackward0");

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllLossOptions {
  /** How much of each target is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/** Minus the log-probability of each target's class, for log-probabilities [N, C, …] (or [C]) and classes [N, …]. */
export const nllLoss: (
  input: Tensor,
  target: Tensor,
  ...args: [options?: NllLossOptions] | [weight: Tensor | null, options?: NllLossOptions]
) => Tensor = (input, target, ...args) => {
  const options = readArguments<NllLossOptions>("nllLoss", args, ["weight", "ignoreIndex", "reduction"]);
  return likelihoodLoss("nllLoss", input, target, options);
};

/** One vector of classes takes its target also as a vector of one. */
const classesOf = (input: Tensor, target: Tensor): Tensor =>
  input.ndim === 1 && sameShape(target.shape, [1]) ? target.reshape([]) : target;

function likelihoodLoss(op: string, input: Tensor, given: Tensor, options: NllLossOptions): Tensor {
  const { weight = null, ignoreIndex = -100, reduction = "mean" } = options;
  checkReduction(op, reduction);
  const target = classesOf(input, given);
  checkClassShapes(op, input, target, weight);
  const classes = input.ndim === 1 ? input.shape[0] : input.shape[1];
  checkClasses(op, target, classes, ignoreIndex);
  const batch = input.ndim === 1 ? 1 : input.shape[0];
  const positions = elementCount(input.shape.slice(2));
  const { forward } = input.ndim > 2 ? spatialOps : rowOps;
  const attrs: Nll = { batch, classes, positions, ignoreIndex, reduction, shape: input.shape };
  return applyAll(forward, [input, target, weight], attrs)[0];
}

function checkClassShapes(op: string, input: Tensor, target: Tensor, weight: Tensor | null): void {
  if (input.ndim === 0) throw new ShapeError(op, "the input needs a dimension for the classes");
  const wanted = input.ndim === 1 ? [] : [input.shape[0], ...input.shape.slice(2)];
  if (!sameShape(target.shape, wanted)) {
    const batch =
      input.ndim === 2 && target.ndim === 1
        ? `Expected input batch_size (${input.shape[0]}) to match target batch_size (${target.shape[0]}). `
        : "";
    throw new ShapeError(
      op,
      `${batch}Expected target size ${showShape(wanted)}, got ${showShape(target.shape)} (input ${showShape(input.shape)}: classes come second)`,
    );
  }
  const classes = input.shape[input.ndim === 1 ? 0 : 1];
  if (weight !== null && !sameShape(weight.shape, [classes])) {
    throw new ShapeError(
      op,
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${showShape(weight.shape)}`,
    );
  }
}

function checkClasses(op: string, target: Tensor, classes: number, ignoreIndex: number): void {
  if (target.dtype !== "int64" && target.dtype !== "int32") {
    throw new DTypeError(
      op,
      `expected target to have dtype int64, since it holds classes, but got ${target.dtype}: convert it with .to("int64")`,
    );
  }
  for (const value of target.toArray()) {
    if ((value < 0 || value >= classes) && value !== ignoreIndex) {
      throw new IndexError(
        op,
        `Target ${value} is out of bounds. There are ${classes} classes, from 0 to ${classes - 1}`,
      );
    }
  }
}

/**
 * Minus the log-likelihood of targets given unnormalized log-probabilities [N, C, …] (or [C]). Targets are classes
 * [N, …], or probabilities of the input's shape.
 */
export const crossEntropy: (
  input: Tensor,
  target: Tensor,
  ...args: [options?: CrossEntropyOptions] | [weight: Tensor | null, options?: CrossEntropyOptions]
) => Tensor = (input, given, ...args) => {
  const names = ["weight", "ignoreIndex", "reduction", "labelSmoothing"] as const;
  const options = readArguments<CrossEntropyOptions>("crossEntropy", args, names);
  const { labelSmoothing = 0, reduction = "mean" } = options;
  checkReduction("crossEntropy", reduction);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError("crossEntropy", `label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  if (sameShape(input.shape, given.shape) && input.ndim > 0) return softTargets(input, given, options);
  const target = classesOf(input, given);
  checkClassShapes("crossEntropy", input, target, options.weight ?? null);
  checkClasses("crossEntropy", target, input.shape[classDim(input)], options.ignoreIndex ?? -100);
  const logs = input.logSoftmax(classDim(input));
  const { weight = null, ignoreIndex = -100 } = options;
  const hard = likelihoodLoss("crossEntropy", logs, target, { weight, ignoreIndex, reduction });
  return labelSmoothing === 0 ? hard : smoothed(logs, target, hard, options, labelSmoothing);
};

const classDim = (input: Tensor): number => (input.ndim === 1 ? 0 : 1);

/** A weight per class in a shape that broadcasts with [N, C, …]. */
function perClass(weight: Tensor, input: Tensor): Tensor {
  return weight.reshape(input.shape.map((size, d) => (d === classDim(input) ? size : 1)));
}

/** The loss of probabilities as targets. */
function softTargets(input: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  if (!isFloat(target.dtype)) {
    throw new DTypeError(
      "crossEntropy",
      `Expected floating point type for target with class probabilities, got ${target.dtype}: classes need one dimension less than the input`,
    );
  }
  const { weight = null, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  if (ignoreIndex >= 0) {
    throw new ArgumentError("crossEntropy", "ignore_index is not supported for floating point target");
  }
  const dim = classDim(input);
  const classes = input.shape[dim];
  const even = labelSmoothing / classes;
  const probabilities = labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(even);
  const likelihoods = input.logSoftmax(dim).mul(probabilities);
  const weighted = weight === null ? likelihoods : likelihoods.mul(perClass(weight, input));
  if (reduction === "none") return weighted.sum(dim).neg();
  const total = weighted.sum().neg();
  return reduction === "sum" ? total : total.div(input.elements / classes);
}

/** The loss of classes of which a part is spread evenly over all of them. */
function smoothed(
  logs: Tensor,
  target: Tensor,
  hard: Tensor,
  { weight = null, ignoreIndex = -100, reduction = "mean" }: CrossEntropyOptions,
  smoothing: number,
): Tensor {
  const dim = classDim(logs);
  const ignored = target.eq(ignoreIndex);
  const weighted = weight === null ? logs : logs.mul(perClass(weight, logs));
  const even = weighted.sum(dim).neg().maskedFill(ignored, 0);
  const soft = reduction === "mean" ? even.sum().div(countOf(target, ignored, weight)) : reduceLoss(even, reduction);
  return hard.mul(1 - smoothing).add(soft.mul(smoothing / logs.shape[dim]));
}

/** The sum of the weights of all targets that count. */
function countOf(target: Tensor, ignored: Tensor, weight: Tensor | null): Tensor | number {
  const counted = target.maskedSelect(ignored.logicalNot());
  return weight === null ? counted.elements : weight.indexSelect(0, counted).sum();
}
