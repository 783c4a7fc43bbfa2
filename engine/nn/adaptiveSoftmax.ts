import type { Tensor } from "../autograd/tensor.ts";
import { byPosition, wholeNumber } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError, IndexError, ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { tensor, zeros } from "../ops/creation.ts";
import { checkIndex } from "../ops/indexTensors.ts";
import { cat } from "../ops/joining.ts";
import { type NamedResult, namedResult } from "../ops/namedResult.ts";
import { ModuleList, Sequential } from "./containers.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface AdaptiveOptions {
  /** By how much the hidden layer of a cluster is smaller than that of the cluster before. */
  divValue: number;
  /** Whether the head has a bias. */
  headBias: boolean;
  dtype: DType;
}

interface Sizes {
  /** Size of each input vector. */
  readonly inFeatures: number;
  /** How many classes there are in all. */
  readonly nClasses: number;
  readonly cutoffs: readonly number[];
}

/** Log probability of each target, and minus their mean. */
type OutputAndLoss = NamedResult<readonly ["output", "loss"]>;

const DEFAULTS: AdaptiveOptions = { divValue: 4, headBias: false, dtype: "float32" };

/**
 * Softmax over many classes, sorted from frequent to rare: the head has the first ones and an entry for each cluster of others,
 * which has a smaller network of its own (Grave and others, arXiv:1609.04309).
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  /** Size of each input vector. */
  readonly inFeatures: number;
  /** How many classes there are in all. */
  readonly nClasses: number;
  /** Where clusters begin, and the number of classes. */
  readonly cutoffs: readonly number[];
  /** By how much each cluster's vectors are shorter than those of the one before. */
  readonly divValue: number;
  /** Whether the head has a bias. */
  readonly headBias: boolean;
  /** How many classes the head has. */
  readonly shortlistSize: number;
  /** How many clusters of rarer classes there are. */
  readonly nClusters: number;
  /** Classes and clusters that the head tells apart. */
  readonly headSize: number;
  /** Scores of the frequent classes and of the clusters. */
  head: Linear;
  /** A projection and a layer for each cluster. */
  tail: ModuleList<Sequential>;

  constructor(options: Sizes & Loose<AdaptiveOptions>);
  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    ...options: PositionalArgs<[divValue: number, headBias: boolean], AdaptiveOptions>
  );
  constructor(...args: readonly unknown[]) {
    super();
    const op = "AdaptiveLogSoftmaxWithLoss";
    const [inFeatures, nClasses, cutoffs, ...options] = byPosition(op, args, ["inFeatures", "nClasses", "cutoffs"]) as [
      number,
      number,
      readonly number[],
      ...unknown[],
    ];
    const { divValue, headBias, dtype } = settings(op, options, DEFAULTS);
    this.inFeatures = wholeNumber(op, "inFeatures", inFeatures, 0);
    this.nClasses = wholeNumber(op, "nClasses", nClasses, 1);
    checkCutoffs(op, cutoffs, nClasses);
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.shortlistSize = this.cutoffs[0];
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, dtype });
    const clusters = cutoffs.map((low, i) => {
      const hidden = Math.floor(inFeatures / divValue ** (i + 1));
      const layer = { bias: false, dtype };
      return new Sequential(
        new Linear(inFeatures, hidden, layer),
        new Linear(hidden, this.cutoffs[i + 1] - low, layer),
      );
    });
    this.tail = new ModuleList(clusters);
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    for (const module of this.modules()) if (module instanceof Linear) module.resetParameters();
  }

  /** Of `input` [n, inFeatures] and `target` [n], or a single one of each. */
  override forward(input: Tensor, target: Tensor): OutputAndLoss {
    this.checkShapes(input, target);
    const single = target.ndim === 0;
    const rows = single ? input.unsqueeze(0) : input;
    const classes = [...(single ? target.unsqueeze(0) : target).toArray()].map(Number);
    this.checkClasses(classes);
    const columns = classes.map((at) => (at < this.shortlistSize ? at : this.shortlistSize + this.clusterOf(at)));
    const head = this.head.forward(rows).logSoftmax(1);
    let output = head.gather(1, indices(columns).unsqueeze(1)).squeeze(1);
    for (let i = 0; i < this.nClusters; i++) output = this.addCluster(output, rows, classes, i);
    return namedResult(["output", "loss"], [single ? output.squeeze(0) : output, output.neg().mean()]);
  }

  /** Log probabilities of all classes: [n, nClasses]. */
  logProb(input: Tensor): Tensor {
    return this.fullLogProb(input, this.head.forward(input));
  }

  /** The most probable class of each row. Where the head does not say it, the clusters are asked. */
  predict(input: Tensor): Tensor {
    const scores = this.head.forward(input);
    const best = scores.argmax(1);
    const unsure = indices(
      [...best.toArray()].map(Number).flatMap((at, row) => (at < this.shortlistSize ? [] : [row])),
    );
    if (unsure.elements === 0) return best;
    const full = this.fullLogProb(input.indexSelect(0, unsure), scores.indexSelect(0, unsure));
    return best.indexCopy(0, unsure, full.argmax(1));
  }

  private fullLogProb(input: Tensor, scores: Tensor): Tensor {
    const head = scores.logSoftmax(1);
    const clusters = [...this.tail].map((cluster, i) => {
      const own = (cluster.forward(input) as Tensor).logSoftmax(1);
      return own.add(head.narrow(1, this.shortlistSize + i, 1));
    });
    return cat([head.narrow(1, 0, this.shortlistSize), ...clusters], 1);
  }

  /** Adds the log probabilities within cluster `i` to those rows whose class lies there. */
  private addCluster(output: Tensor, rows: Tensor, classes: readonly number[], i: number): Tensor {
    const inside = classes.flatMap((at, row) => (this.clusterOf(at) === i ? [row] : []));
    if (inside.length === 0) return output;
    const at = indices(inside);
    const own = (this.tail[i].forward(rows.indexSelect(0, at)) as Tensor).logSoftmax(1);
    const columns = indices(inside.map((row) => classes[row] - this.cutoffs[i]));
    return output.indexAdd(0, at, own.gather(1, columns.unsqueeze(1)).squeeze(1));
  }

  /** The cluster of a class; -1 for one of the head. */
  private clusterOf(at: number): number {
    return this.cutoffs.findIndex((end) => at < end) - 1;
  }

  private checkClasses(classes: readonly number[]): void {
    if (classes.every((at) => at >= 0 && at < this.nClasses)) return;
    throw new IndexError(
      this.constructor.name,
      `Target values should be in [0, ${this.nClasses - 1}], but values in range [${Math.min(...classes)}, ${Math.max(...classes)}] were found.`,
    );
  }

  private checkShapes(input: Tensor, target: Tensor): void {
    const op = this.constructor.name;
    checkIndex(op, target);
    if (target.ndim > 1) throw new ShapeError(op, "0D or 1D target tensor expected, multi-target not supported");
    if (target.ndim === 1 && input.shape[0] !== target.shape[0])
      throw new ShapeError(op, "Input and target should have the same size in the batch dimension.");
    if (input.ndim === target.ndim + 1) return;
    throw new ShapeError(
      op,
      `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size ${showShape(input.shape)}`,
    );
  }
}

const indices = (values: readonly number[]): Tensor =>
  values.length === 0 ? zeros([0], { dtype: "int64" }) : tensor(values, { dtype: "int64" });

function checkCutoffs(op: string, cutoffs: readonly number[], nClasses: number): void {
  if (!Array.isArray(cutoffs) || cutoffs.length === 0)
    throw new ArgumentError(op, "cutoffs should be a sequence of length larger than 0");
  const rising = cutoffs.every((cutoff, i) => Number.isInteger(cutoff) && cutoff > (i === 0 ? 0 : cutoffs[i - 1]));
  if (rising && cutoffs[cutoffs.length - 1] < nClasses) return;
  throw new ArgumentError(
    op,
    `cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and nClasses-1, but got [${cutoffs.join(", ")}] for ${nClasses} classes`,
  );
}
