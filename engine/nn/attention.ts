import { empty, type Tensor } from "../autograd/tensor.ts";
import { byPosition, wholeNumber } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError, checkOptions, ShapeError } from "../base/errors.ts";
import type { Loose, PositionalArgs } from "../base/options.ts";
import { sameShape, showShape } from "../base/shape.ts";
import * as F from "./functional.ts";
import { xavierUniform_, zeros_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { newParameter, settings } from "./settings.ts";

interface AttentionOptions {
  /** How much of the attention weights is dropped in training. */
  dropout: number;
  bias: boolean;
  /** Features of keys and of values, when not those of queries. */
  kdim: number | null;
  vdim: number | null;
  /** Whether the batch comes before time: [n, time, features]. */
  batchFirst: boolean;
  dtype: DType;
}

const DEFAULTS: AttentionOptions = {
  dropout: 0,
  bias: true,
  kdim: null,
  vdim: null,
  batchFirst: false,
  dtype: "float32",
};

/** Options of a call of `MultiheadAttention`. In boolean masks true means "look away"; others are added to the scores. */
export interface AttentionCall {
  /** Per sample and key: [n, keys]. */
  readonly keyPaddingMask?: Tensor | null | undefined;
  /** Give the attention weights as well. Default true. */
  readonly needWeights?: boolean | undefined;
  /** Per query and key: [queries, keys], or [n · heads, queries, keys]. */
  readonly attnMask?: Tensor | null | undefined;
  /** Give the mean of the heads' weights instead of each head's. Default true. */
  readonly averageAttnWeights?: boolean | undefined;
  /** Says that `attnMask` is causal. */
  readonly isCausal?: boolean | undefined;
}

/** Looks up values by how well their keys fit queries, in several heads at once. */
export class MultiheadAttention extends Module {
  /** Size of queries and of results. */
  readonly embedDim: number;
  /** Size of keys. */
  readonly kdim: number;
  /** Size of values. */
  readonly vdim: number;
  /** How many heads; `embedDim` is a multiple. */
  readonly numHeads: number;
  /** Size of one head: `embedDim / numHeads`. */
  readonly headDim: number;
  /** Probability with which an attention weight is dropped in training. */
  readonly dropout: number;
  /** Whether the first dimension is the batch, else the sequence. */
  readonly batchFirst: boolean;
  /** The three projections one below the other, when keys and values have as many features as queries. */
  inProjWeight: Parameter | null;
  /** [embedDim, embedDim], of queries; null when `inProjWeight` holds all three. */
  qProjWeight: Parameter | null;
  /** [embedDim, kdim], of keys; null when `inProjWeight` holds all three. */
  kProjWeight: Parameter | null;
  /** [embedDim, vdim], of values; null when `inProjWeight` holds all three. */
  vProjWeight: Parameter | null;
  /** [3 embedDim]: of queries, keys, values; null without bias. */
  inProjBias: Parameter | null;
  /** What the heads together pass through. */
  outProj: Linear;

  constructor(options: { readonly embedDim: number; readonly numHeads: number } & Loose<AttentionOptions>);
  constructor(
    embedDim: number,
    numHeads: number,
    ...options: PositionalArgs<[dropout: number, bias: boolean], AttentionOptions>
  );
  constructor(...args: readonly unknown[]) {
    const [embedDim, numHeads, ...options] = byPosition(new.target.name, args, ["embedDim", "numHeads"]) as unknown as [
      number,
      number,
      ...PositionalArgs<[dropout: number, bias: boolean], AttentionOptions>,
    ];
    super();
    const { dropout, bias, kdim, vdim, batchFirst, dtype } = settings("MultiheadAttention", options, DEFAULTS);
    wholeNumber("MultiheadAttention", "embedDim", embedDim, 1);
    wholeNumber("MultiheadAttention", "numHeads", numHeads, 1);
    if (embedDim % numHeads !== 0) {
      throw new ArgumentError(
        "MultiheadAttention",
        `embedDim (${embedDim}) must be divisible by numHeads (${numHeads})`,
      );
    }
    this.embedDim = embedDim;
    this.kdim = kdim ?? embedDim;
    this.vdim = vdim ?? embedDim;
    this.numHeads = numHeads;
    this.headDim = embedDim / numHeads;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    const same = this.kdim === embedDim && this.vdim === embedDim;
    const weight = (features: number): Parameter | null => (same ? null : newParameter([embedDim, features], dtype));
    this.qProjWeight = weight(embedDim);
    this.kProjWeight = weight(this.kdim);
    this.vProjWeight = weight(this.vdim);
    this.inProjWeight = same ? newParameter([3 * embedDim, embedDim], dtype) : null;
    this.inProjBias = bias ? newParameter([3 * embedDim], dtype) : null;
    this.outProj = new Linear(embedDim, embedDim, { bias, dtype });
    this.resetParameters();
  }

  /** Draws the parameters anew, from their initial distributions. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight]) {
      if (weight !== null) xavierUniform_(weight);
    }
    if (this.inProjBias !== null) zeros_(this.inProjBias);
    if (this.outProj.bias !== null) zeros_(this.outProj.bias);
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttentionCall = {},
  ): [output: Tensor, weights: Tensor | null] {
    checkOptions("MultiheadAttention", options, [
      "keyPaddingMask",
      "needWeights",
      "attnMask",
      "averageAttnWeights",
      "isCausal",
    ]);
    if (options.isCausal === true && (options.attnMask ?? null) === null) {
      throw new ArgumentError("MultiheadAttention", "Need attnMask if specifying the isCausal hint");
    }
    this.checkInputs(query, key, value);
    const single = query.ndim === 2;
    const timeFirst = (x: Tensor): Tensor => (single ? x.unsqueeze(1) : this.batchFirst ? x.transpose(0, 1) : x);
    const [q, k, v] = this.project(timeFirst(query), timeFirst(key), timeFirst(value), query === key && key === value);
    const [queries, n] = q.shape;
    const keys = k.shape[0];
    const weights = this.weigh(q, k, this.mask(options, single, n, queries, keys));
    const dropped = this.dropout > 0 ? F.dropout(weights, { p: this.dropout, training: this.training }) : weights;
    const heads = dropped.bmm(this.split(v));
    const joined = heads.transpose(0, 1).reshape(queries * n, this.embedDim);
    const output = this.outProj.forward(joined).reshape(queries, n, this.embedDim);
    return [this.restore(output, single), this.shownWeights(weights, options, single, n)];
  }

  /** Queries, keys and values in the features of the heads. */
  private project(query: Tensor, key: Tensor, value: Tensor, same: boolean): readonly Tensor[] {
    const { embedDim, inProjWeight, inProjBias } = this;
    if (same && inProjWeight !== null) return F.linear(query, inProjWeight, inProjBias).chunk(3, -1);
    const separate = [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    return [query, key, value].map((x, i) => {
      const weight = separate[i] ?? inProjWeight?.narrow(0, i * embedDim, embedDim);
      const bias = inProjBias === null ? null : inProjBias.narrow(0, i * embedDim, embedDim);
      return F.linear(x, weight as Tensor, bias);
    });
  }

  /** [time, n, features] → [n · heads, time, features of a head] */
  private split(x: Tensor): Tensor {
    return x.reshape(x.shape[0], x.shape[1] * this.numHeads, this.headDim).transpose(0, 1);
  }

  /** softmax(q kᵀ / √d + mask) */
  private weigh(q: Tensor, k: Tensor, mask: Tensor | null): Tensor {
    const queries = this.split(q).mul(Math.sqrt(1 / this.headDim));
    const scores = queries.bmm(this.split(k).transpose(1, 2));
    return F.softmax(mask === null ? scores : scores.add(mask), -1);
  }

  /** Both masks as numbers to add to the scores. */
  private mask(options: AttentionCall, single: boolean, n: number, queries: number, keys: number): Tensor | null {
    const { keyPaddingMask = null, attnMask = null } = options;
    if (attnMask !== null) this.checkMask(attnMask, n, queries, keys);
    const padding = keyPaddingMask === null ? null : asScores(keyPaddingMask, single ? [keys] : [n, keys]);
    const spread =
      padding
        ?.reshape(n, 1, 1, keys)
        .expand(n, this.numHeads, 1, keys)
        .reshape(n * this.numHeads, 1, keys) ?? null;
    const scores = attnMask === null ? null : asScores(attnMask, attnMask.shape);
    if (scores === null || spread === null) return scores ?? spread;
    return scores.add(spread);
  }

  private checkMask(mask: Tensor, n: number, queries: number, keys: number): void {
    const expected = mask.ndim === 3 ? [n * this.numHeads, queries, keys] : [queries, keys];
    if (mask.shape.join() !== expected.join()) {
      throw new ShapeError(
        "MultiheadAttention",
        `The shape of the attnMask is ${showShape(mask.shape)}, but should be ${showShape(expected)}`,
      );
    }
  }

  private restore(output: Tensor, single: boolean): Tensor {
    if (single) return output.squeeze(1);
    return this.batchFirst ? output.transpose(0, 1) : output;
  }

  private shownWeights(weights: Tensor, options: AttentionCall, single: boolean, n: number): Tensor | null {
    if (options.needWeights === false) return null;
    const perHead = weights.reshape(n, this.numHeads, weights.shape[1], weights.shape[2]);
    const shown = (options.averageAttnWeights ?? true) ? perHead.mean(1) : perHead;
    return single ? shown.squeeze(0) : shown;
  }

  private checkInputs(query: Tensor, key: Tensor, value: Tensor): void {
    const { embedDim, kdim, vdim } = this;
    if (query.ndim !== 2 && query.ndim !== 3) {
      throw new ShapeError(
        "MultiheadAttention",
        `query should be unbatched 2D or batched 3D tensor but received ${query.ndim}-D query tensor`,
      );
    }
    [
      [query, embedDim, "query"],
      [key, kdim, "key"],
      [value, vdim, "value"],
    ].forEach(([x, features, name]) => {
      const { shape } = x as Tensor;
      if (shape.length === query.ndim && shape[shape.length - 1] === features) return;
      throw new ShapeError(
        "MultiheadAttention",
        `${name} should have ${query.ndim} dimensions and ${features} features, but its shape is ${showShape(shape)}`,
      );
    });
  }
}

/** A boolean mask as 0 and −∞; any other as it is. */
function asScores(mask: Tensor, shape: readonly number[]): Tensor {
  if (!sameShape(mask.shape, shape)) {
    throw new ShapeError(
      "MultiheadAttention",
      `expected a mask of shape ${showShape(shape)}, but got ${showShape(mask.shape)}`,
    );
  }
  return mask.dtype === "bool" ? empty(mask.shape, "float32").maskedFill(mask, Number.NEGATIVE_INFINITY) : mask;
}
