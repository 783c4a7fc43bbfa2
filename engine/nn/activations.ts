import type { Tensor } from "../autograd/tensor.ts";
import type { PositionalArgs } from "../base/options.ts";
import { showOptions } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";
import { settings } from "./settings.ts";

/** 1 / (1 + e⁻ˣ) */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.sigmoid(input);
  }
}

/** tanh(x) */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    return F.tanh(input);
  }
}

/** x · sigmoid(x) */
export class SiLU extends Module {
  override forward(input: Tensor): Tensor {
    return F.silu(input);
  }
}

/** x · tanh(softplus(x)) */
export class Mish extends Module {
  override forward(input: Tensor): Tensor {
    return F.mish(input);
  }
}

/** A sigmoid of three straight lines. */
export class Hardsigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.hardsigmoid(input);
  }
}

/** x · hardsigmoid(x) */
export class Hardswish extends Module {
  override forward(input: Tensor): Tensor {
    return F.hardswish(input);
  }
}

/** log(sigmoid(x)) */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

/** x / (1 + |x|) */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/** x − tanh(x) */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}

interface GeluOptions {
  /** Exact, or by tanh. */
  approximate: "none" | "tanh";
}

/** x · Φ(x), Φ being the normal distribution function. */
export class GELU extends Module {
  /** `"none"` for the exact formula, `"tanh"` for the approximation by tanh. */
  readonly approximate: "none" | "tanh";

  constructor(...options: PositionalArgs<[approximate: "none" | "tanh"], GeluOptions>) {
    super();
    this.approximate = settings<GeluOptions>("GELU", options, { approximate: "none" }).approximate;
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, this.approximate);
  }

  override extraRepr(): string {
    return showOptions({ approximate: this.approximate });
  }
}

interface SoftplusOptions {
  beta: number;
  /** Above it the function is taken as linear. */
  threshold: number;
}

/** log(1 + e^(beta·x)) / beta */
export class Softplus extends Module {
  /** How sharply it bends: softplus(x) = log(1 + exp(beta x)) / beta. */
  readonly beta: number;
  /** Where beta x is above this, the result is x itself. */
  readonly threshold: number;

  constructor(...options: PositionalArgs<[beta: number, threshold: number], SoftplusOptions>) {
    super();
    const { beta, threshold } = settings<SoftplusOptions>("Softplus", options, { beta: 1, threshold: 20 });
    this.beta = beta;
    this.threshold = threshold;
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return showOptions({ beta: this.beta, threshold: this.threshold });
  }
}

interface ShrinkOptions {
  lambd: number;
}

/** x, or 0 where |x| is at most lambd. */
export class Hardshrink extends Module {
  /** Elements between -lambd and lambd become 0. */
  readonly lambd: number;

  constructor(...options: PositionalArgs<[lambd: number], ShrinkOptions>) {
    super();
    this.lambd = settings<ShrinkOptions>("Hardshrink", options, { lambd: 0.5 }).lambd;
  }

  override forward(input: Tensor): Tensor {
    return F.hardshrink(input, this.lambd);
  }

  override extraRepr(): string {
    return showOptions({ lambd: this.lambd });
  }
}

/** x moved by lambd toward 0, where it stops. */
export class Softshrink extends Module {
  /** Elements between -lambd and lambd become 0. */
  readonly lambd: number;

  constructor(...options: PositionalArgs<[lambd: number], ShrinkOptions>) {
    super();
    this.lambd = settings<ShrinkOptions>("Softshrink", options, { lambd: 0.5 }).lambd;
  }

  override forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }

  override extraRepr(): string {
    return showOptions({ lambd: this.lambd });
  }
}

interface DimOptions {
  dim: number;
}

/** The first half of a dimension times the sigmoid of the second. */
export class GLU extends Module {
  /** The dimension that is halved. */
  readonly dim: number;

  constructor(...options: PositionalArgs<[dim: number], DimOptions>) {
    super();
    this.dim = settings<DimOptions>("GLU", options, { dim: -1 }).dim;
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return showOptions({ dim: this.dim });
  }
}
