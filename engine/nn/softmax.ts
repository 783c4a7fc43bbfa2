import type { Tensor } from "../autograd/tensor.ts";
import { ShapeError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { showShape } from "../base/shape.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface DimOptions {
  /** Along which the results sum to 1. PyTorch guesses when it is left out; here it must be said. */
  dim: number | null;
}

/** What the three share: a dimension. */
abstract class AlongDim extends Module {
  readonly dim: number | null;

  constructor(...options: PositionalArgs<[dim: number], DimOptions>) {
    super();
    this.dim = settings<DimOptions>(new.target.name, options, { dim: null }).dim;
  }

  /** The dimension, or PyTorch's guess: the first of 0, 1 or 3 dimensions, else the second. */
  protected dimFor(input: Tensor): number {
    return this.dim ?? (input.ndim === 0 || input.ndim === 1 || input.ndim === 3 ? 0 : 1);
  }

  override extraRepr(): string {
    return showOptions({ dim: this.dim });
  }
}

/** Exponentials that sum to 1 along a dimension. */
export class Softmax extends AlongDim {
  override forward(input: Tensor): Tensor {
    return F.softmax(input, this.dimFor(input));
  }
}

/** The logarithm of softmax, computed safely. */
export class LogSoftmax extends AlongDim {
  override forward(input: Tensor): Tensor {
    return F.logSoftmax(input, this.dimFor(input));
  }
}

/** Softmax of −x. */
export class Softmin extends AlongDim {
  override forward(input: Tensor): Tensor {
    return F.softmin(input, this.dimFor(input));
  }
}

/** Softmax over the channels at each place of an image. */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) {
      throw new ShapeError("Softmax2d", `expected input to be 3D or 4D, but got ${showShape(input.shape)}`);
    }
    return F.softmax(input, -3);
  }
}
