import { grad as gradOfOne } from "../autograd/backward.ts";
import { type Differentiable, type GradOptions, listOf } from "../autograd/backwardArguments.ts";
import { edgeOf, GradientEdge } from "../autograd/gradientEdge.ts";
import { withGrad } from "../autograd/modes.ts";
import type { Gradients } from "../autograd/node.ts";
import { nodesBehind, runUnseen } from "../autograd/nodesBehind.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { runBatched, runEach } from "./batchedTensors.ts";

type Some = Differentiable | readonly Differentiable[];

/**
 * `autograd.grad`. With `isGradsBatched` it takes all vectors along the first dimension of each of `gradOutputs`: one
 * backward instead of many, and results with that dimension in front.
 *
 * @throws AutogradError as for one vector, and when a gradient has no batch dimension.
 */
export const grad = ((outputs: Some, inputs: Some, options?: GradOptions) => {
  if (options?.isGradsBatched !== true) return gradOfOne(outputs, inputs, options);
  const { isGradsBatched, ...rest } = options;
  return withGrad(rest.createGraph ?? false, () => gradOfMany(outputs, inputs, rest));
}) as typeof gradOfOne;

function gradOfMany(outputs: Some, inputs: Some, options: GradOptions): Gradients {
  const { retainGraph = options.createGraph ?? false } = options;
  const roots = listOf(outputs);
  const given = vectorsOf(options);
  const size = sizeOfBatch(roots, given);
  const nodes = nodesBehind(roots.map((x) => edgeOf(x).node));
  const gradOf = (list: readonly (Tensor | null)[], retain: boolean): Gradients =>
    gradOfOne(outputs, inputs, { ...options, gradOutputs: list, retainGraph: retain });
  const atOnce = runUnseen(nodes) ? runBatched(given, (list) => gradOf(list, true)) : null;
  if (atOnce === null) return runEach(given, (list, k) => gradOf(list, retainGraph || k < size - 1));
  if (!retainGraph) for (const node of atOnce.ran) node.release();
  return atOnce.grads.map((result) => result?.contiguous() ?? null);
}

function vectorsOf({ gradOutputs = [] }: GradOptions): readonly (Tensor | null)[] {
  const list: unknown = Array.isArray(gradOutputs) ? gradOutputs : [gradOutputs];
  for (const x of list as readonly unknown[]) {
    if (x !== null && !(x instanceof Tensor))
      throw new AutogradError(`gradients can be either Tensors or null, but got ${typeof x}`);
  }
  return list as readonly (Tensor | null)[];
}

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
