import { isOptions } from "../base/arguments.ts";
import { AutogradError, checkOptions } from "../base/errors.ts";
import { elementCount, sameShape, showShape } from "../base/shape.ts";
import { edgeOf, GradientEdge } from "./gradientEdge.ts";
import { withGrad } from "./modes.ts";
import type { Gradients } from "./node.ts";
import { watch } from "./observer.ts";
import { SHARED } from "./storage.ts";
import { empty, type Tensor } from "./tensor.ts";

/** What can be differentiated, or with respect to which: a tensor, or its place in the graph. */
export type Differentiable = Tensor | GradientEdge;

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep saved tensors, so that backward can run again. Default: `createGraph`. */
  readonly retainGraph?: boolean | undefined;
  /** Record a graph of the gradients, so that they can be differentiated again. */
  readonly createGraph?: boolean | undefined;
  /** Accumulate into these tensors only. Of edges, only those of leaves have a `.grad` to accumulate into. */
  readonly inputs?: Differentiable | readonly Differentiable[] | undefined;
}

/** Options of `backward` in place of its second argument. */
export interface BackwardCall extends BackwardOptions {
  /** The vector of the vector-Jacobian product, one per output; 1 for scalars when left out. */
  readonly gradTensors?: Tensor | readonly (Tensor | null)[] | null | undefined;
}

/** Options of `Tensor.backward` in place of its first argument. */
export interface TensorBackwardCall extends BackwardOptions {
  /** What the gradient of the tensor is; 1 for a scalar when left out. */
  readonly gradient?: Tensor | null | undefined;
}

/** Options of `autograd.grad`. */
export interface GradOptions {
  /** The vector of the vector-Jacobian product, one per output; 1 for scalars when left out. */
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[] | null | undefined;
  /** Keep saved tensors, so that backward can run again. Default: `createGraph`. */
  readonly retainGraph?: boolean | undefined;
  /** Record a graph of the gradients, so that they can be differentiated again. Default false. */
  readonly createGraph?: boolean | undefined;
  /** Give null for inputs that the outputs do not depend on, instead of an error. */
  readonly allowUnused?: boolean | undefined;
  /** Give zeros for such inputs; implies `allowUnused`. */
  readonly materializeGrads?: boolean | undefined;
  /** Each of `gradOutputs` holds many vectors along its first dimension, and each result their gradients. Default false. */
  readonly isGradsBatched?: boolean | undefined;
}

/** Where the gradients of inputs come through; each must require one. */
export function edgesTo(inputs: readonly Differentiable[]): readonly GradientEdge[] {
  for (const input of inputs) {
    if (!isEdge(input) && !input.requiresGrad) {
      throw new AutogradError(
        `One of the differentiated Tensors does not require grad${named(input)}. Create it with { requiresGrad: true }, and differentiate with respect to that very tensor.`,
      );
    }
  }
  return inputs.map(edgeOf);
}

const isEdge = (x: Differentiable): x is GradientEdge => x instanceof GradientEdge;

type Vectors = Tensor | readonly (Tensor | null)[] | null | undefined;

/**
 * The gradients and the options of a call of `backward`, which takes either both or all by name in one object.
 * `name` is what that object calls the gradients.
 */
export function readCall<V extends Vectors>(
  second: V | object | undefined,
  third: BackwardOptions,
  name: "gradient" | "gradTensors",
): [gradients: V, options: BackwardOptions] {
  const known = ["retainGraph", "createGraph", "inputs"];
  checkOptions("backward", third, known);
  if (!isOptions(second)) return [second as V, third];
  checkOptions("backward", second, [name, ...known]);
  const { [name]: gradients, ...options } = second as { readonly [name: string]: V };
  return [gradients, { ...options, ...third } as BackwardOptions];
}

/** ` ('w1')`, or nothing. */
export const named = (x: Tensor | null): string => (x?.name === null || x === null ? "" : ` ('${x.name}')`);

/** One, or several. */
export function listOf(x: Differentiable | readonly Differentiable[]): readonly Differentiable[] {
  return Array.isArray(x) ? x : [x as Differentiable];
}

/** Checks the gradients given for the roots and fills in 1 for scalars. Whoever watches hears of a refusal. */
export function startingGradients(...args: Parameters<typeof rootGradients>): Gradients {
  try {
    return rootGradients(...args);
  } catch (error) {
    watch.observer?.refused?.(
      args[0].map((root) => (isEdge(root) ? root.tensor : root)),
      error,
    );
    throw error;
  }
}

function rootGradients(
  roots: readonly Differentiable[],
  given: Tensor | readonly (Tensor | null)[] | null | undefined,
  createGraph: boolean,
): Gradients {
  const list: readonly (Tensor | null | undefined)[] =
    given === null || given === undefined ? [] : Array.isArray(given) ? given : [given as Tensor];
  if (list.length > 0 && list.length !== roots.length) {
    throw new AutogradError(`got ${roots.length} tensors and ${list.length} gradients`);
  }
  return roots.map((root, i) => {
    const gradient = list[i] ?? null;
    const { shape, dtype } = isEdge(root) ? root.meta : root;
    if (gradient === null) {
      if (!isEdge(root) && !root.requiresGrad) throw noGradFn(root, i);
      if (elementCount(shape) !== 1) {
        throw new AutogradError(
          `grad can be implicitly created only for scalar outputs, but this one has shape ${showShape(shape)}. Reduce it with sum() or mean(), or pass a gradient of that shape to backward().`,
        );
      }
      return withGrad(createGraph, () => (isEdge(root) ? empty(shape, dtype).fill_(1) : root.onesLike()));
    }
    if (typeof gradient !== "object" || !("storage" in gradient)) {
      throw new AutogradError(`gradients can be either Tensors or null, but got ${typeof gradient}`);
    }
    if (!sameShape(gradient.shape, shape)) {
      throw new AutogradError(
        `Mismatch in shape: gradOutput[${i}] has a shape of ${showShape(gradient.shape)} and output[${i}] has a shape of ${showShape(shape)}.`,
      );
    }
    if (!isEdge(root) && !root.requiresGrad) throw noGradFn(root, i);
    gradient.storage.handed = SHARED;
    if (gradient.dtype === dtype) return gradient;
    return createGraph ? gradient.to(dtype) : withGrad(false, () => gradient.to(dtype));
  });
}

function noGradFn(root: Tensor, i: number): AutogradError {
  return new AutogradError(
    `element ${i} of tensors does not require grad and does not have a grad_fn${named(root)}. No op that recorded a graph leads to it: check requiresGrad of its inputs, and for detach(), noGrad, item() or comparisons on the way.`,
  );
}
