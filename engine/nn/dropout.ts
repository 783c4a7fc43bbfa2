import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import type { PositionalArgs } from "../base/options.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

interface DropoutOptions {
  /** The probability of being zeroed. */
  p: number;
  /** Overwrite the input with the result. */
  inplace: boolean;
}

/** What all of them share. */
abstract class AnyDropout extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(...options: PositionalArgs<[p: number, inplace: boolean], DropoutOptions>) {
    super();
    const { p, inplace } = settings<DropoutOptions>(new.target.name, options, { p: 0.5, inplace: false });
    if (!(p >= 0 && p <= 1)) {
      throw new ArgumentError(new.target.name, `dropout probability has to be between 0 and 1, but got ${p}`);
    }
    this.p = p;
    this.inplace = inplace;
  }

  /** As the functions of `F` take them. */
  protected get options(): { readonly p: number; readonly training: boolean; readonly inplace: boolean } {
    return { p: this.p, training: this.training, inplace: this.inplace };
  }

  override extraRepr(): string {
    return showOptions({ p: this.p, inplace: this.inplace });
  }
}

/** Zeroes elements at random in training and scales the others up, so that the mean stays. */
export class Dropout extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.options);
  }
}

/** Zeroes whole channels of sequences at random in training. */
export class Dropout1d extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.options);
  }
}

/** Zeroes whole channels of images at random in training. */
export class Dropout2d extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.options);
  }
}

/** Zeroes whole channels of volumes at random in training. */
export class Dropout3d extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.options);
  }
}

/** Dropout for SELU: keeps mean and variance. */
export class AlphaDropout extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.alphaDropout(input, this.options);
  }
}

/** Alpha dropout of whole channels. */
export class FeatureAlphaDropout extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.featureAlphaDropout(input, this.options);
  }
}
