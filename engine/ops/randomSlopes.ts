import { inPlace as overwriting } from "../autograd/inplace.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { ArgumentError } from "../base/errors.ts";
import { defaultGenerator } from "../base/random.ts";
import { leakyRelu } from "./activations.ts";

/** Options of `rrelu`. */
export interface RreluOptions {
  /** The smallest slope that is drawn. Default 1/8. */
  readonly lower?: number | undefined;
  /** The largest slope that is drawn. Default 1/3. */
  readonly upper?: number | undefined;
  /** Draw a slope per element; else all have the mean of both. Default false. */
  readonly training?: boolean | undefined;
  /** Write the result over the input. Default false. */
  readonly inplace?: boolean | undefined;
}

type RreluArgs =
  | [options?: RreluOptions]
  | [lower: number, upper?: number, training?: boolean | RreluOptions, inplace?: boolean];

/** Leaky ReLU whose slopes are random in training: after the same seed PyTorch's, one drawn per element that is not positive. */
export const rrelu: (self: Tensor, ...args: RreluArgs) => Tensor = (self, ...args) => {
  const names = ["lower", "upper", "training", "inplace"] as const;
  const {
    lower = 1 / 8,
    upper = 1 / 3,
    training = false,
    inplace = false,
  } = readArguments<RreluOptions>("rrelu", args, names);
  if (!(lower <= upper)) throw new ArgumentError("rrelu", `lower must not exceed upper, but got ${lower} and ${upper}`);
  if (!inplace) return sloped(self, lower, upper, training);
  return overwriting("rrelu_", self, () => sloped(self, lower, upper, training));
};

/** `rrelu`, in place. */
export const rrelu_: (
  self: Tensor,
  ...args: [options?: Omit<RreluOptions, "inplace">] | [lower: number, upper?: number, training?: boolean]
) => Tensor = (self, ...args) => {
  const names = ["lower", "upper", "training"] as const;
  return rrelu(self, { ...readArguments<RreluOptions>("rrelu_", args, names), inplace: true });
};

function sloped(x: Tensor, lower: number, upper: number, training: boolean): Tensor {
  if (!training) return leakyRelu(x, (lower + upper) / 2);
  const slopes = x.detach().onesLike();
  const { values } = slopes.storage;
  x.detach()
    .toArray()
    .forEach((value, i) => {
      if (value <= 0) values[i] = defaultGenerator.uniformDouble() * (upper - lower) + lower;
    });
  return x.mul(slopes);
}
