import { grad } from "../autograd/backward.ts";
import { fromBuffer, type Tensor } from "../autograd/tensor.ts";
import { type Checked, elementOffsets, outputsOf } from "./jacobian.ts";
import { unitVector } from "./pseudoRandom.ts";

/** vᵀ J u of one output and one input, both ways, with directions u and v chosen at random. */
export interface Projection {
  readonly output: number;
  readonly input: number;
  readonly analytical: number;
  readonly numerical: number;
  /** The directions' sums scale the absolute tolerance: that many elements' errors add up. */
  readonly scale: number;
}

/** Two runs of `fn` per input and one backward per output, instead of one of each per element. */
export function projections(
  fn: Checked,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  eps: number,
): Projection[] {
  const directions = outputs.map((out, o) => unitVector(out.elements, 1000 + o));
  const wanted = inputs.filter((x) => x.requiresGrad);
  const pulled = outputs.map((out, o) => pulledBack(out, directions[o], wanted));
  return wanted.flatMap((x, k) => {
    const u = unitVector(x.elements, 1 + k);
    const slopes = slopesAlong(fn, inputs, x, u, eps);
    return outputs.map((_, o) => ({
      output: o,
      input: inputs.indexOf(x),
      analytical: inner(pulled[o][k], u),
      numerical: inner(slopes[o], directions[o]),
      scale: sum(u) * sum(directions[o]),
    }));
  });
}

/** vᵀ J per input; zeros where no gradient flows. */
function pulledBack(output: Tensor, v: Float64Array, inputs: readonly Tensor[]): ArrayLike<number>[] {
  if (!output.requiresGrad) return inputs.map((x) => new Float64Array(x.elements));
  const vector = fromBuffer(v, output.shape, "float64").to(output.dtype);
  const gradients = grad(output, inputs, { gradOutputs: vector, retainGraph: true, allowUnused: true });
  return gradients.map((g, i) => g?.toArray() ?? new Float64Array(inputs[i].elements));
}

/** J u per output by one central difference: the whole input moves along u. */
function slopesAlong(
  fn: Checked,
  inputs: readonly Tensor[],
  input: Tensor,
  u: Float64Array,
  eps: number,
): Float64Array[] {
  const { values } = input.storage;
  const offsets = elementOffsets(input);
  const before = offsets.map((at) => values[at]);
  const evaluate = (step: number): ArrayLike<number>[] => {
    offsets.forEach((at, i) => {
      values[at] = before[i] + step * u[i];
    });
    return outputsOf(fn, inputs).map((out) => out.toArray());
  };
  try {
    const above = evaluate(eps);
    const below = evaluate(-eps);
    return above.map((out, o) => Float64Array.from(out, (value, k) => (value - below[o][k]) / (2 * eps)));
  } finally {
    offsets.forEach((at, i) => {
      values[at] = before[i];
    });
  }
}

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
