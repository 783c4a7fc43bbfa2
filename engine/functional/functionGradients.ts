import { grad } from "../autograd/backward.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { AutogradError } from "../base/errors.ts";

// What all functional transforms begin and end with.

/** One, or several. */
export type One<T> = T | readonly T[];

/** A function from one or several tensors to one or several. */
export type TensorFunction = (...inputs: Tensor[]) => One<Tensor>;

/** Options of the functional transforms. */
export interface FunctionalOptions {
  /** Make the result differentiable again. Default false. */
  readonly createGraph?: boolean;
  /** Throw when an output does not depend on an input, instead of giving zeros. Default false. */
  readonly strict?: boolean;
}

export const OPTIONS = ["createGraph", "strict"];

export const isList = (x: unknown): x is readonly Tensor[] => Array.isArray(x);
export const toList = (x: One<Tensor>): readonly Tensor[] => (isList(x) ? x : [x as Tensor]);
export const like = (results: readonly Tensor[], shape: One<Tensor>): One<Tensor> =>
  isList(shape) ? results : results[0];

/** Inputs as they are differentiated: fresh views of theirs, so that nobody's `.grad` is touched. */
export function prepare(inputs: readonly Tensor[], createGraph: boolean): Tensor[] {
  return inputs.map((x) => (createGraph && x.requiresGrad ? x.reshape(x.shape) : x.detach().requiresGrad_()));
}

export function finish(results: readonly Tensor[], createGraph: boolean): Tensor[] {
  return results.map((x) => (createGraph ? x : x.detach()));
}

export function call(op: string, fn: TensorFunction, inputs: Tensor[]): readonly Tensor[] {
  const outputs = toList(fn(...inputs));
  for (const out of outputs) {
    if (typeof out !== "object" || out === null || !("storage" in out))
      throw new AutogradError(`${op}(): the function must return tensors, but returned ${typeof out}`, op);
  }
  return outputs;
}

/** Gradients that are never null: zeros where the outputs do not depend on the input. */
export function gradients(
  op: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  vectors: readonly Tensor[],
  createGraph: boolean,
  strict: boolean,
): Tensor[] {
  const connected = outputs.map((out, i) => [out, vectors[i]] as const).filter(([out]) => out.requiresGrad);
  if (strict && connected.length < outputs.length)
    throw new AutogradError(`${op}(): an output is independent of the inputs, which strict does not allow`, op);
  if (connected.length === 0) return inputs.map((x) => x.detach().zerosLike());
  const found = grad(
    connected.map(([out]) => out),
    inputs,
    { gradOutputs: connected.map(([, v]) => v), createGraph, retainGraph: true, allowUnused: true },
  );
  return found.map((g, i) => {
    if (g === null && strict)
      throw new AutogradError(`${op}(): the outputs are independent of input ${i}, which strict does not allow`, op);
    return g ?? inputs[i].detach().zerosLike();
  });
}

/** v ↦ vᵀJ with its v, one for each output: linear in v, so that its derivatives for v are products and columns of J. */
export function transposed(
  op: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  strict: boolean,
): { readonly vectors: Tensor[]; readonly products: Tensor[] } {
  const vectors = outputs.map((out) => out.detach().zerosLike().requiresGrad_());
  return { vectors, products: gradients(op, outputs, inputs, vectors, true, strict) };
}
