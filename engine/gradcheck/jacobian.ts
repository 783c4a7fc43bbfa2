import { grad } from "../autograd/backward.ts";
import type { JacobianPair } from "../autograd/observer.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { GradlensError } from "../base/errors.ts";

/** A function under check: from its inputs to one tensor or several. */
export type Checked = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** The differentiable outputs of a call. */
export function outputsOf(fn: Checked, inputs: readonly Tensor[]): Tensor[] {
  const result = fn(...inputs);
  const list = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  return list.filter((out) => typeof out === "object" && out !== null && "storage" in out && out.isFloatingPoint());
}

/** Both Jacobians of every output with respect to every input that requires grad. */
export function jacobianPairs(
  fn: Checked,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  eps: number,
): JacobianPair[] {
  return inputs.flatMap((input, i) => {
    if (!input.requiresGrad) return [];
    const numerical = numericalJacobians(fn, inputs, input, eps);
    return outputs.map((output, o) => ({
      output: o,
      input: i,
      rows: input.elements,
      cols: output.elements,
      inputShape: input.shape,
      outputShape: output.shape,
      analytical: analyticalJacobian(output, input),
      numerical: numerical[o],
      slopes: null,
    }));
  });
}

/**
 * d(output)/d(input) by central differences, (f(x+ε) − f(x−ε)) / 2ε, as [elements of input, elements of output],
 * one matrix per output. Perturbs the input's storage and puts every element back.
 */
export function numericalJacobians(fn: Checked, inputs: readonly Tensor[], input: Tensor, eps: number): Float64Array[] {
  const evaluate = (): ArrayLike<number>[] => outputsOf(fn, inputs).map((out) => out.toArray());
  const offsets = elementOffsets(input);
  const jacobians = evaluate().map((out) => new Float64Array(offsets.length * out.length));
  const values = input.storage.values;
  offsets.forEach((at, row) => {
    const before = values[at];
    try {
      values[at] = before + eps;
      const above = evaluate();
      values[at] = before - eps;
      const below = evaluate();
      checkSizes(above, below, jacobians, offsets.length);
      above.forEach((out, o) => {
        for (let col = 0; col < out.length; col++)
          jacobians[o][row * out.length + col] = (out[col] - below[o][col]) / (2 * eps);
      });
    } finally {
      values[at] = before;
    }
  });
  return jacobians;
}

function checkSizes(
  above: ArrayLike<number>[],
  below: ArrayLike<number>[],
  jacobians: Float64Array[],
  rows: number,
): void {
  const same =
    above.length === jacobians.length &&
    above.every((out, o) => out.length === below[o]?.length && out.length * rows === jacobians[o].length);
  if (!same) {
    throw new GradlensError(
      "Expected the function to return outputs with the same shape when inputs are perturbed, but it gave other shapes.",
      "gradcheck",
    );
  }
}

/** d(output)/d(input) by one backward per element of the output, as [elements of input, elements of output]; null where no gradient flows. */
export function analyticalJacobian(output: Tensor, input: Tensor): Float64Array {
  const rows = input.elements;
  const cols = output.elements;
  const jacobian = new Float64Array(rows * cols);
  if (!output.requiresGrad) return jacobian;
  for (let col = 0; col < cols; col++) {
    const vector = output.detach().zerosLike();
    vector.storage.values[col] = 1;
    const [gradient] = grad(output, input, { gradOutputs: vector, retainGraph: true, allowUnused: true });
    if (gradient === null) continue;
    const values = gradient.toArray();
    for (let row = 0; row < rows; row++) jacobian[row * cols + col] = values[row];
  }
  return jacobian;
}

/** Where each element lies in the storage, row-major. */
export function elementOffsets(x: Tensor): number[] {
  let offsets = [x.offset];
  x.shape.forEach((size, d) => {
    offsets = offsets.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * x.strides[d]));
  });
  return offsets;
}
