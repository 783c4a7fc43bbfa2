import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { show } from "./describe.ts";
import * as F from "./functional.ts";
import { Module } from "./module.ts";

/** As many on every side, or a number per side: [left, right, top, bottom, front, back]. */
type Margin = number | readonly number[];

/** Continues its input on all sides of the last `dims` dimensions. */
abstract class Pad extends Module {
  readonly padding: readonly number[];

  constructor(dims: number, padding: Margin) {
    super();
    this.padding = typeof padding === "number" ? new Array<number>(2 * dims).fill(padding) : [...padding];
    if (this.padding.length !== 2 * dims) {
      throw new ArgumentError(
        new.target.name,
        `padding is a number or a list of ${2 * dims}, but got ${show(this.padding)}`,
      );
    }
  }

  override extraRepr(): string {
    return show(this.padding);
  }
}

abstract class ConstantPad extends Pad {
  readonly value: number;

  constructor(dims: number, padding: Margin, value: number) {
    super(dims, padding);
    this.value = value;
  }

  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { mode: "constant", value: this.value });
  }

  override extraRepr(): string {
    return `padding=${show(this.padding)}, value=${this.value}`;
  }
}

/** Continues with one value along one dimension. */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: Margin, value: number) {
    super(1, padding, value);
  }
}

/** Continues with one value over two dimensions. */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: Margin, value: number) {
    super(2, padding, value);
  }
}

/** Continues with one value over three dimensions. */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: Margin, value: number) {
    super(3, padding, value);
  }
}

/** Continues with zeros along one dimension. */
export class ZeroPad1d extends ConstantPad {
  constructor(padding: Margin) {
    super(1, padding, 0);
  }
}

/** Continues with zeros over two dimensions. */
export class ZeroPad2d extends ConstantPad {
  constructor(padding: Margin) {
    super(2, padding, 0);
  }
}

/** Continues with zeros over three dimensions. */
export class ZeroPad3d extends ConstantPad {
  constructor(padding: Margin) {
    super(3, padding, 0);
  }
}

abstract class ReflectionPad extends Pad {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { mode: "reflect" });
  }
}

/** Continues as in a mirror along one dimension. */
export class ReflectionPad1d extends ReflectionPad {
  constructor(padding: Margin) {
    super(1, padding);
  }
}

/** Continues as in a mirror over two dimensions. */
export class ReflectionPad2d extends ReflectionPad {
  constructor(padding: Margin) {
    super(2, padding);
  }
}

/** Continues as in a mirror over three dimensions. */
export class ReflectionPad3d extends ReflectionPad {
  constructor(padding: Margin) {
    super(3, padding);
  }
}

abstract class ReplicationPad extends Pad {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { mode: "replicate" });
  }
}

/** Continues with what stands at the border along one dimension. */
export class ReplicationPad1d extends ReplicationPad {
  constructor(padding: Margin) {
    super(1, padding);
  }
}

/** Continues with what stands at the border over two dimensions. */
export class ReplicationPad2d extends ReplicationPad {
  constructor(padding: Margin) {
    super(2, padding);
  }
}

/** Continues with what stands at the border over three dimensions. */
export class ReplicationPad3d extends ReplicationPad {
  constructor(padding: Margin) {
    super(3, padding);
  }
}

abstract class CircularPad extends Pad {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, { mode: "circular" });
  }
}

/** Continues with the other end along one dimension. */
export class CircularPad1d extends CircularPad {
  constructor(padding: Margin) {
    super(1, padding);
  }
}

/** Continues with the other end over two dimensions. */
export class CircularPad2d extends CircularPad {
  constructor(padding: Margin) {
    super(2, padding);
  }
}

/** Continues with the other end over three dimensions. */
export class CircularPad3d extends CircularPad {
  constructor(padding: Margin) {
    super(3, padding);
  }
}
