import type { Tensor } from "../autograd/tensor.ts";
import type { PositionalArgs } from "../base/options.ts";
import type { Shape } from "../base/shape.ts";
import { showOptions } from "./describe.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface FlattenOptions {
  startDim: number;
  endDim: number;
}

/** Joins dimensions into one; all but the first by default. */
export class Flatten extends Module {
  /** The first dimension that is flattened. */
  readonly startDim: number;
  /** The last dimension that is flattened. */
  readonly endDim: number;

  constructor(...options: PositionalArgs<[startDim: number, endDim: number], FlattenOptions>) {
    super();
    const { startDim, endDim } = settings<FlattenOptions>("Flatten", options, { startDim: 1, endDim: -1 });
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return showOptions({ startDim: this.startDim, endDim: this.endDim });
  }
}

/** Splits one dimension into several. */
export class Unflatten extends Module {
  /** The dimension that is split. */
  readonly dim: number;
  /** The sizes it is split into. */
  readonly unflattenedSize: Shape;

  constructor(dim: number, unflattenedSize: Shape) {
    super();
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return showOptions({ dim: this.dim, unflattenedSize: this.unflattenedSize });
  }
}
