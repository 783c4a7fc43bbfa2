import type { RemovableHandle } from "../autograd/node.ts";
import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { wrapDim } from "../base/shape.ts";
import type { Module } from "./module.ts";
import { own, propertyOf, setProperty } from "./own.ts";
import { Parameter } from "./parameter.ts";

interface Normed {
  readonly handle: RemovableHandle;
  readonly dim: number | null;
}

/** Weight-normed parameters by module and name. */
const normed = new WeakMap<Module, Map<string, Normed>>();

/**
 * Splits a parameter into direction (`weightV`) and length per slice along `dim` (`weightG`): before each forward the
 * weight is made of both. `dim: null` takes one length for all.
 */
export function weightNorm<M extends Module>(module: M, name = "weight", dim: number | null = 0): M {
  if (normed.get(module)?.has(name)) throw new ArgumentError("weightNorm", `'${name}' has a weight norm already`);
  const weight = module.getParameter(name);
  const along = dim === null ? null : wrapDim("weightNorm", dim, weight.ndim);
  module[own].parameterNames.delete(name);
  Reflect.deleteProperty(module, name);
  module.registerParameter(`${name}G`, new Parameter(lengthsAlong(weight.detach(), along).clone()));
  module.registerParameter(`${name}V`, new Parameter(weight.detach().clone()));
  const compute = (): void => setProperty(module, name, composed(module, name, along));
  compute();
  const handle = module.registerForwardPreHook(compute);
  const all = normed.get(module) ?? new Map<string, Normed>();
  normed.set(module, all.set(name, { handle, dim: along }));
  return module;
}

/** Makes direction and length one parameter again. */
export function removeWeightNorm<M extends Module>(module: M, name = "weight"): M {
  const found = normed.get(module)?.get(name);
  if (found === undefined)
    throw new ArgumentError("removeWeightNorm", `'${name}' of ${module.constructor.name} has no weight norm`);
  found.handle.remove();
  normed.get(module)?.delete(name);
  const weight = composed(module, name, found.dim).detach();
  for (const property of [name, `${name}G`, `${name}V`]) {
    module[own].parameterNames.delete(property);
    Reflect.deleteProperty(module, property);
  }
  module.registerParameter(name, new Parameter(weight));
  return module;
}

function composed(module: Module, name: string, dim: number | null): Tensor {
  const length = propertyOf(module, `${name}G`) as Tensor;
  const direction = propertyOf(module, `${name}V`) as Tensor;
  return direction.mul(length.div(lengthsAlong(direction, dim)));
}

/** One norm per slice along a dimension, or one for all. */
export function lengthsAlong(x: Tensor, dim: number | null): Tensor {
  const dims = x.shape.map((_, d) => d).filter((d) => d !== dim);
  return dim === null ? x.norm() : x.square().sum({ dim: dims, keepdim: true }).sqrt();
}
