import { Tensor } from "../../autograd/tensor.ts";
import { isFloat } from "../../base/dtype.ts";
import { AutogradError } from "../../base/errors.ts";
import { leavesOf } from "./trees.ts";

/** What a function gave, with `hasAux` a pair, as that pair. */
export function split(call: string, result: unknown, hasAux: boolean): [output: unknown, aux: unknown] {
  if (!hasAux) return [result, undefined];
  if (Array.isArray(result) && result.length === 2) return [result[0], result[1]];
  throw new AutogradError(`${call}: output of function f should be a tuple: [output, aux] if hasAux is true`);
}

/** The scalar that a gradient is of. */
export function scalarOf(output: unknown): Tensor {
  const expected = "gradAndValue(f)(...args): Expected f(...args) to return a";
  if (!(output instanceof Tensor)) throw new AutogradError(`${expected} Tensor, got ${typeof output}`);
  if (output.ndim === 0) return output;
  throw new AutogradError(
    `${expected} scalar Tensor, got tensor with ${output.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?`,
  );
}

/** The tensors in what a function gave, all of which can be differentiated. */
export function tensorsOf(call: string, output: unknown): Tensor[] {
  const leaves = leavesOf(output);
  if (leaves.length === 0)
    throw new AutogradError(`${call}: Expected f to be a function that has non-empty output (got output = [])`);
  return leaves.map((leaf) => {
    if (!(leaf instanceof Tensor))
      throw new AutogradError(`${call}: Expected f(...primals) to return only tensors, got ${typeof leaf}`);
    if (isFloat(leaf.dtype)) return leaf;
    throw new AutogradError(
      `${call}: All outputs of f must be floating-point Tensors, got Tensor with dtype ${leaf.dtype}`,
    );
  });
}
