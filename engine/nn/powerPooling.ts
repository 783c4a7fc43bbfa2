import type { Tensor } from "../autograd/tensor.ts";
import { wholeNumbers } from "../base/arguments.ts";
import type { PositionalArgs } from "../base/options.ts";
import type { Size } from "./convolution.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface PowerOptions {
  /** The kernel size when null. */
  stride: Size | null;
  /** Let the last window reach outside. */
  ceilMode: boolean;
}

/** What the three share: which norm, and the windows. */
abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Size;
  readonly options: PowerOptions;

  constructor(
    normType: number,
    kernelSize: Size,
    ...options: PositionalArgs<[stride: Size | null, ceilMode: boolean], PowerOptions>
  ) {
    super();
    this.normType = normType;
    this.kernelSize = wholeNumbers(new.target.name, "kernelSize", kernelSize, 1);
    this.options = settings<PowerOptions>(new.target.name, options, { stride: null, ceilMode: false });
    if (this.options.stride !== null) wholeNumbers(new.target.name, "stride", this.options.stride, 1);
  }

  override extraRepr(): string {
    return showOptions({ normType: this.normType, kernelSize: this.kernelSize, ...this.options });
  }
}

/** (Σ xᵖ)^(1/p) over each window along one dimension. */
export class LPPool1d extends LPPool {
  override forward(input: Tensor): Tensor {
    return F.lpPool1d(input, this.normType, this.kernelSize, this.options);
  }
}

/** (Σ xᵖ)^(1/p) over each window of images. */
export class LPPool2d extends LPPool {
  override forward(input: Tensor): Tensor {
    return F.lpPool2d(input, this.normType, this.kernelSize, this.options);
  }
}

/** (Σ xᵖ)^(1/p) over each window of volumes. */
export class LPPool3d extends LPPool {
  override forward(input: Tensor): Tensor {
    return F.lpPool3d(input, this.normType, this.kernelSize, this.options);
  }
}
