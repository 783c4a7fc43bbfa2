import { runThen } from "../autograd/settled.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError, checkOptions } from "../base/errors.ts";
import type { Module } from "./module.ts";
import { own, ownBuffers, ownParameters, propertyOf, setProperty } from "./own.ts";
import { collect } from "./tree.ts";

/** Tensors by path, in place of parameters and buffers. */
type Tensors = { [path: string]: Tensor };

/** Options of `functionalCall`. */
export interface FunctionalCallOptions {
  /** What `forward` takes as its last argument, an object of options. */
  readonly kwargs?: object | undefined;
  /** Give all names of a tensor the value that one of them is given. Default true. */
  readonly tieWeights?: boolean | undefined;
  /** Throw unless every parameter and buffer is given, and nothing else. Default false. */
  readonly strict?: boolean | undefined;
}

/**
 * What `module` gives for `args`, a list of them or the only one, with other parameters and buffers, by path. Gradients flow to
 * those; afterwards the module has its own again. What `forward` assigns to such a property stands in the object then.
 *
 * @throws ArgumentError for a path into a module that is not there, a name in two objects, or two values for a tensor with two
 * names.
 */
export function functionalCall<M extends Module>(
  module: M,
  parametersAndBuffers: Tensors | readonly Tensors[],
  args: unknown = [],
  options: FunctionalCallOptions = {},
): ReturnType<M["forward"]> {
  checkOptions("functionalCall", options, ["kwargs", "tieWeights", "strict"]);
  const { kwargs, tieWeights = true, strict = false } = options;
  const given = merged(parametersAndBuffers);
  const tensors = tieWeights ? untied(module, given) : given;
  if (strict) checkKeys(module, tensors);
  const inputs = [...(Array.isArray(args) ? args : [args]), ...(kwargs === undefined ? [] : [kwargs])];
  return withTensors(module, tensors, given, () => module.forward(...inputs)) as ReturnType<M["forward"]>;
}

/** One object, the same that came where it was one. */
function merged(given: Tensors | readonly Tensors[]): Tensors {
  if (!Array.isArray(given)) return given as Tensors;
  const all: Tensors = {};
  for (const [path, tensor] of given.flatMap((each) => Object.entries<Tensor>(each))) {
    if (Object.hasOwn(all, path)) {
      throw new ArgumentError(
        "functionalCall",
        `'${path}' appeared in multiple dictionaries; behavior of functional call is ambiguous`,
      );
    }
    all[path] = tensor;
  }
  return all;
}

const namedTensors = (module: Module): [path: string, tensor: Tensor][] =>
  collect<Tensor>(module, (each) => [...ownParameters(each), ...ownBuffers(each)], { removeDuplicate: false });

/** The same with a value for each name of a tensor of which one name is given. */
function untied(module: Module, given: Tensors): Tensors {
  const names = new Map<Tensor, string[]>();
  for (const [path, tensor] of namedTensors(module)) names.set(tensor, [...(names.get(tensor) ?? []), path]);
  const all = { ...given };
  for (const tied of names.values()) {
    const values = new Set(tied.filter((path) => Object.hasOwn(given, path)).map((path) => given[path]));
    if (values.size > 1) {
      throw new ArgumentError(
        "functionalCall",
        `got multiple values for keys ${tied.join(", ")}, which are tied. Consider using tieWeights: false`,
      );
    }
    for (const value of values) for (const path of tied) all[path] = value;
  }
  return all;
}

function checkKeys(module: Module, tensors: Tensors): void {
  const known = new Set(namedTensors(module).map(([path]) => path));
  const unexpected = Object.keys(tensors).filter((path) => !known.has(path));
  const missing = [...known].filter((path) => !Object.hasOwn(tensors, path));
  if (unexpected.length + missing.length === 0) return;
  const problems = [
    ...(unexpected.length > 0 ? [`Unexpected key(s): ${unexpected.join(", ")}.`] : []),
    ...(missing.length > 0 ? [`Missing key(s): ${missing.join(", ")}.`] : []),
  ];
  throw new AutogradError(
    `Error(s) in reparametrizing for ${module.constructor.name}:\n\t${problems.join("\n\t")}`,
    "functionalCall",
  );
}

/** A property that was given another tensor, and what it was. */
interface Swap {
  readonly path: string;
  readonly owner: Module;
  readonly name: string;
  /** Undefined where the module has none of its own: what a parametrization computes stands on its class. */
  readonly before: PropertyDescriptor | undefined;
  /** Whether another call had put a tensor there already. */
  readonly stoodIn: boolean;
}

/** Runs `call`, sync or async, while `tensors` stand in the module; what stands there after it goes into `given`. */
function withTensors(module: Module, tensors: Tensors, given: Tensors, call: () => unknown): unknown {
  const swaps: Swap[] = [];
  const restore = (): void => {
    // Backwards: a module that is there twice gets what it had at first.
    for (const swap of swaps.reverse()) putBack(swap, given);
  };
  return runThen(() => {
    for (const [path, tensor] of Object.entries(tensors)) swaps.push(swapped(module, path, tensor));
    return call();
  }, restore);
}

function swapped(module: Module, path: string, tensor: Tensor): Swap {
  if (!(tensor instanceof Tensor) && tensor !== null)
    throw new ArgumentError("functionalCall", `the value for '${path}' is not a Tensor, but ${typeof tensor}`);
  const dot = path.lastIndexOf(".");
  const owner = module.getSubmodule(path.slice(0, Math.max(dot, 0)));
  const name = path.slice(dot + 1);
  const before = Object.getOwnPropertyDescriptor(owner, name);
  const standing: unknown = propertyOf(owner, name);
  if (standing !== undefined && standing !== null && !(standing instanceof Tensor))
    throw new ArgumentError("functionalCall", `attribute '${path}' is not a Tensor, but ${typeof standing}`);
  ownParameters(owner); // learns the names
  const { parameterNames, standIns } = owner[own];
  const stoodIn = standIns.has(name);
  if (parameterNames.has(name)) standIns.add(name);
  setProperty(owner, name, tensor);
  return { path, owner, name, before, stoodIn };
}

function putBack({ path, owner, name, before, stoodIn }: Swap, given: Tensors): void {
  if (Object.hasOwn(given, path)) given[path] = propertyOf(owner, name) as Tensor;
  if (!stoodIn) owner[own].standIns.delete(name);
  if (before === undefined) Reflect.deleteProperty(owner, name);
  else Object.defineProperty(owner, name, before);
}
