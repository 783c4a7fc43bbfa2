import { emptyInOrderOf, type Tensor } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import { defaultGenerator, type Generator } from "../base/random.ts";
import { exponential } from "../kernels/random.ts";

/** Options of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** The lower the temperature, the closer to one-hot. Default 1. */
  readonly tau?: number;
  /** Give one-hot vectors, but with the gradient of the soft ones. Default false. */
  readonly hard?: boolean;
  /** Default -1. */
  readonly dim?: number;
  /** Where the randomness comes from; the generator that `manualSeed` seeds when left out. */
  readonly generator?: Generator;
}

/** Samples from categories with these unnormalized log-probabilities, softened so that they have a gradient. */
export const gumbelSoftmax: (
  logits: Tensor,
  ...args: [options?: GumbelSoftmaxOptions] | [tau: number, options?: GumbelSoftmaxOptions]
) => Tensor = (logits, ...args) => {
  const names = ["tau", "hard", "dim", "generator"] as const;
  const options = readArguments<GumbelSoftmaxOptions>("gumbelSoftmax", args, names);
  const { tau = 1, hard = false, dim = -1, generator = defaultGenerator } = options;
  const noise = emptyInOrderOf(logits);
  exponential(noise.storage.values, 1, generator);
  const soft = logits.sub(noise.log()).div(tau).softmax(dim);
  if (!hard) return soft;
  const index = soft.detach().argmax({ dim, keepdim: true });
  const oneHot = soft.detach().zerosLike().scatter(dim, index, 1);
  return oneHot.sub(soft.detach()).add(soft);
};
