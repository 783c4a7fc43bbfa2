import { grad as gradOfOne } from "../autograd/backward.ts";
import { type Differentiable, type GradOptions, listOf } from "../autograd/backwardArguments.ts";
import { GradientEdge } from "../autograd/gradientEdge.ts";
import type { Gradients } from "../autograd/node.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { stack } from "../ops/joining.ts";
import { nodesBehind, runsUnseen, vmapped } from "./vmap.ts";

type Some = Differentiable | readonly Differentiable[];

/**
 * The gradients of the sum of `outputs` (each times its vector in `gradOutputs`) for each of `inputs`, in their shapes.
 * Never touches `.grad`. Only with `allowUnused` can one of them be null. With `isGradsBatched` all vectors along the
 * first dimension of `gradOutputs` at once: one backward instead of many, and results with that dimension in front.
 *
 * @throws AutogradError when an input does not require grad, or was not used and `allowUnused` is not set.
 */
export const grad = ((outputs: Some, inputs: Some, options: GradOptions = {}) => {
  const { isGradsBatched = false, ...rest } = options ?? {};
  return isGradsBatched ? gradOfMany(outputs, inputs, rest) : gradOfOne(outputs, inputs, rest);
}) as typeof gradOfOne;

function gradOfMany(outputs: Some, inputs: Some, options: GradOptions): Gradients {
  const { retainGraph = options.createGraph ?? false } = options;
  const roots = listOf(outputs);
  const given = vectorsOf(options);
  const size = sizeOfBatch(roots, given);
  const one = (list: readonly (Tensor | null)[], retain: boolean): Gradients =>
    gradOfOne(outputs, inputs, { ...options, gradOutputs: list, retainGraph: retain });
  if (runsUnseen(nodesBehind(roots.map((x) => (x instanceof GradientEdge ? x.node : x.gradFn)))))
    return vmapped(given, (list) => one(list, retainGraph)).map((result) => result?.contiguous() ?? null);
  const results = Array.from({ length: size }, (_, k) =>
    one(
      given.map((vector) => vector?.select(0, k) ?? null),
      retainGraph || k < size - 1,
    ),
  );
  return results[0].map((first, i) => first && stack(results.map((result) => result[i] as Tensor)));
}

const vectorsOf = ({ gradOutputs }: GradOptions): readonly (Tensor | null)[] =>
  gradOutputs instanceof Tensor ? [gradOutputs] : (gradOutputs ?? []);

/** How many vectors there are for each output. */
function sizeOfBatch(roots: readonly Differentiable[], vectors: readonly (Tensor | null)[]): number {
  const sizes = new Set<number>();
  vectors.forEach((vector, i) => {
    if (vector === null || i >= roots.length) return;
    const [size = 0, ...shape] = vector.shape;
    sizes.add(size);
    const root = roots[i];
    const wanted = root instanceof GradientEdge ? root.meta.shape : root.shape;
    if (vector.ndim > 0 && sameShape(shape, wanted)) return;
    throw new AutogradError(
      `With isGradsBatched: true, we interpret the first dimension of each gradOutput as the batch dimension, and a mismatch was detected: gradOutput[${i}] has a shape of ${showShape(vector.shape)} and should have one of [${["batch", ...wanted].join(", ")}], as output[${i}] has ${showShape(wanted)}.`,
    );
  });
  const [size = 0] = sizes;
  if (sizes.size === 1 && size > 0) return size;
  throw new ArgumentError(
    "grad",
    sizes.size > 1
      ? `all of gradOutputs must have the same size in their first dimension, the batch, but got ${[...sizes].join(" and ")}`
      : "isGradsBatched: true needs gradOutputs with a batch as their first dimension, which must not be empty",
  );
}
