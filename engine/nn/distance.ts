import type { Tensor } from "../autograd/tensor.ts";
import type { PositionalArgs } from "../base/options.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface CosineOptions {
  dim: number;
  eps: number;
}

/** The cosine of the angle between vectors along a dimension. */
export class CosineSimilarity extends Module {
  /** The dimension along which vectors lie. */
  readonly dim: number;
  /** Norms are at least this, so that nothing is divided by 0. */
  readonly eps: number;

  constructor(...options: PositionalArgs<[dim: number, eps: number], CosineOptions>) {
    super();
    const { dim, eps } = settings<CosineOptions>("CosineSimilarity", options, { dim: 1, eps: 1e-8 });
    this.dim = dim;
    this.eps = eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps });
  }

  override extraRepr(): string {
    return showOptions({ dim: this.dim, eps: this.eps });
  }
}

interface PairwiseOptions {
  p: number;
  eps: number;
  keepdim: boolean;
}

/** The p-norm of differences along the last dimension. */
export class PairwiseDistance extends Module {
  /** The degree of the norm. */
  readonly p: number;
  /** Added to each difference, so that the gradient is finite at 0. */
  readonly eps: number;
  /** Whether the last dimension stays, with size 1. */
  readonly keepdim: boolean;

  constructor(...options: PositionalArgs<[p: number, eps: number, keepdim: boolean], PairwiseOptions>) {
    super();
    const { p, eps, keepdim } = settings<PairwiseOptions>("PairwiseDistance", options, {
      p: 2,
      eps: 1e-6,
      keepdim: false,
    });
    this.p = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwiseDistance(x1, x2, { p: this.p, eps: this.eps, keepdim: this.keepdim });
  }

  override extraRepr(): string {
    return showOptions({ p: this.p, eps: this.eps, keepdim: this.keepdim });
  }
}
