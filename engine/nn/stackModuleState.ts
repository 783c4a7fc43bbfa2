import type { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { stack } from "../ops/joining.ts";
import type { Module } from "./module.ts";

/** Tensors by path. */
type Tensors = { [path: string]: Tensor };

/**
 * [params, buffers] of several modules of one class: each tensor by its path, those of all modules stacked, as `vmap` over
 * `functionalCall` takes them to run the modules as one. The parameters are leaves of their own.
 *
 * @throws ArgumentError without modules, or for modules that differ in class, mode or what requires grad.
 */
export function stackModuleState(modules: readonly Module[]): [params: Tensors, buffers: Tensors] {
  if (modules.length === 0) throw refused("Expected at least one model, got 0.");
  const [first] = modules;
  if (modules.some(({ training }) => training !== first.training))
    throw refused("Expected all models to have the same training/eval mode.");
  if (modules.some((module) => module.constructor !== first.constructor))
    throw refused("Expected all models to be of the same class.");
  return [
    stacked(modules.map((module) => Object.fromEntries(module.namedParameters()))),
    stacked(modules.map((module) => Object.fromEntries(module.namedBuffers()))),
  ];
}

const refused = (why: string): ArgumentError => new ArgumentError("stackModuleState", why);

const stacked = (states: readonly Tensors[]): Tensors =>
  Object.fromEntries(
    Object.keys(states[0]).map((path) => [
      path,
      leaf(
        path,
        states.map((state) => state[path]),
      ),
    ]),
  );

function leaf(path: string, tensors: readonly Tensor[]): Tensor {
  const requiring = tensors.filter((x) => x.requiresGrad).length;
  if (requiring !== 0 && requiring !== tensors.length)
    throw refused(`Expected ${path} from each model to have the same requiresGrad`);
  const result = stack(tensors);
  return requiring === 0 ? result : result.detach().requiresGrad_();
}
