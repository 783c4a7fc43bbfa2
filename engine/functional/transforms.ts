import { enableGrad } from "../autograd/modes.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { AutogradError, checkOptions } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import {
  call,
  type FunctionalOptions,
  finish,
  gradients,
  like,
  type One,
  OPTIONS,
  prepare,
  type TensorFunction,
  toList,
  transposed,
} from "./functionGradients.ts";

/** [outputs, vᵀ J]: the product of a vector with the Jacobian of `fn` at `inputs`. */
export function vjp(
  fn: TensorFunction,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [One<Tensor>, One<Tensor>] {
  checkOptions("vjp", options, OPTIONS);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const outputs = call("vjp", fn, xs);
    const products = gradients("vjp", outputs, xs, vectorsFor("vjp", v, outputs, "output"), createGraph, strict);
    const results = finish(outputs, createGraph);
    return [results.length === 1 ? results[0] : results, like(finish(products, createGraph), inputs)];
  });
}

/**
 * [outputs, J v]: the product of the Jacobian of `fn` at `inputs` with a vector, by differentiating vᵀJ with respect to
 * its vector (the double-backward trick).
 */
export function jvp(
  fn: TensorFunction,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [One<Tensor>, One<Tensor>] {
  checkOptions("jvp", options, OPTIONS);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const vectors = vectorsFor("jvp", v, xs, "input");
    const outputs = call("jvp", fn, xs);
    const pulled = transposed("jvp", outputs, xs, strict);
    const products = gradients("jvp", pulled.products, pulled.vectors, vectors, createGraph, false);
    const results = finish(outputs, createGraph);
    const tangents = finish(products, createGraph);
    return results.length === 1 ? [results[0], tangents[0]] : [results, tangents];
  });
}

/** [value, vᵀ H] for a scalar function: one backward through the gradient. */
export function vhp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [Tensor, One<Tensor>] {
  checkOptions("vhp", options, OPTIONS);
  const { createGraph = false, strict = false } = options;
  return enableGrad(() => {
    const xs = prepare(toList(inputs), createGraph);
    const vectors = vectorsFor("vhp", v, xs, "input");
    const out = call("vhp", fn, xs)[0];
    if (out.elements !== 1)
      throw new AutogradError(
        `vhp(): the function must return a single element, but returned shape ${showShape(out.shape)}`,
        "vhp",
      );
    const first = gradients("vhp", [out], xs, [out.detach().onesLike()], true, strict);
    const products = gradients("vhp", first, xs, vectors, createGraph, strict);
    return [finish([out], createGraph)[0], like(finish(products, createGraph), inputs)];
  });
}

/** [value, H v] for a scalar function; H is symmetric, so this is `vhp`. */
export function hvp(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: One<Tensor>,
  v?: One<Tensor>,
  options: FunctionalOptions = {},
): [Tensor, One<Tensor>] {
  return vhp(fn, inputs, v, options);
}

function vectorsFor(op: string, given: One<Tensor> | undefined, tensors: readonly Tensor[], what: string): Tensor[] {
  if (given === undefined) {
    if (tensors.length !== 1 || tensors[0].elements !== 1) {
      throw new AutogradError(
        `${op}(): the vector v can only be left out when the ${what} is a single tensor with a single element`,
        op,
      );
    }
    return [tensors[0].detach().onesLike()];
  }
  const list = toList(given);
  if (list.length !== tensors.length)
    throw new AutogradError(`${op}(): got ${list.length} vectors for ${tensors.length} ${what}s`, op);
  list.forEach((v, i) => {
    if (!sameShape(v.shape, tensors[i].shape)) {
      throw new AutogradError(
        `${op}(): v[${i}] has shape ${showShape(v.shape)} but the ${what} has shape ${showShape(tensors[i].shape)}`,
        op,
      );
    }
  });
  return [...list];
}
