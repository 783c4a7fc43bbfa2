/** `nn.utils.parametrize.*` of the public surface: parameters that are computed from others each time they are read. */
import { noGrad } from "../autograd/modes.ts";
import { runThen } from "../autograd/settled.ts";
import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, AutogradError, checkOptions } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { ModuleDict, ModuleList } from "./containers.ts";
import type { Module } from "./module.ts";
import { own, ownBuffers, ownParameters, propertyOf, setProperty } from "./own.ts";
import { isParameter, Parameter } from "./parameter.ts";
import { setData } from "./setData.ts";

/**
 * What a parameter is computed by: `forward` takes what is trained and gives what the layer uses. With `rightInverse` one may
 * also assign to the parameter: it gives what to train so that `forward` of it is the assigned value. It may give several tensors.
 */
export interface Parametrization extends Module {
  forward(...originals: Tensor[]): Tensor;
  /** What to train so that `forward` of it gives `value`. */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}

/** A module of whose parameters or buffers some are computed. */
export interface Parametrized {
  /** By what, by the name of the parameter. */
  readonly parametrizations: ModuleDict<ParametrizationList>;
}

/** Options of `registerParametrization`. */
export interface ParametrizationOptions {
  /** Do not check that the parametrization keeps shape and dtype. */
  readonly unsafe?: boolean | undefined;
}

/**
 * The parametrizations of one parameter, one after the other, and what they start from: `original`, or `original0`,
 * `original1` … where the `rightInverse` of the first one gives several tensors.
 */
export class ParametrizationList extends ModuleList<Parametrization> {
  private readonly count: number | null;

  /** For `registerParametrization`: `start` is what `first` computes `value` from. */
  constructor(first: Parametrization, start: Tensor | readonly Tensor[], value: Tensor) {
    super([first]);
    if (start instanceof Tensor) {
      this.count = null;
      if (start.dtype !== value.dtype) {
        throw changes("When rightInverse outputs one tensor, it may not change the dtype", value.dtype, start.dtype);
      }
      // The same object, so that an optimizer goes on training it.
      if (start !== value) setData(value, start.detach());
      keep(this, "original", value);
      return;
    }
    this.count = start.length;
    start.forEach((part, i) => {
      if (!(part instanceof Tensor))
        throw new ArgumentError("registerParametrization", `rightInverse must return tensors, but got ${typeof part}`);
      const fresh = part.detach().clone();
      keep(
        this,
        `original${i}`,
        isParameter(value) ? new Parameter(fresh, { requiresGrad: value.requiresGrad }) : fresh,
      );
    });
  }

  /** What is trained. */
  get originals(): Tensor[] {
    const names = this.count === null ? ["original"] : Array.from({ length: this.count }, (_, i) => `original${i}`);
    return names.map((name) => propertyOf(this, name) as Tensor);
  }

  /** Whether it starts from one tensor, `original`. */
  get isTensor(): boolean {
    return this.count === null;
  }

  /** The parameter as it is now. */
  override forward(): Tensor {
    const [first, ...others] = this;
    return others.reduce((x, next) => next.forward(x), first.forward(...this.originals));
  }

  /** Makes the parameter this value, by the inverse of each parametrization, the last one first. */
  rightInverse(value: Tensor): void {
    noGrad(() => {
      const start = [...this].reverse().reduce<Tensor | readonly Tensor[]>((x, each) => {
        if (!(x instanceof Tensor))
          throw new AutogradError("rightInverse must return a tensor, except of the first parametrization");
        return inverted(each, x, true);
      }, value);
      const parts = start instanceof Tensor ? [start] : start;
      const targets = this.originals;
      if (parts.length !== targets.length)
        throw new ArgumentError(
          "rightInverse",
          `must return ${targets.length} tensors, as the first time, but got ${parts.length}`,
        );
      parts.forEach((part, i) => {
        const target = targets[i];
        if (part.dtype !== target.dtype)
          throw changes("The tensor returned by rightInverse has another dtype", target.dtype, part.dtype);
        if (!sameShape(part.shape, target.shape))
          throw changes(
            "The tensor returned by rightInverse has another shape",
            showShape(target.shape),
            showShape(part.shape),
          );
      });
      parts.forEach((part, i) => void targets[i].copy_(part));
    });
  }
}

/** What the inverse of a parametrization gives, or the value itself where there is none and none is needed. */
function inverted(parametrization: Parametrization, value: Tensor, isNeeded: boolean): Tensor | readonly Tensor[] {
  if (parametrization.rightInverse !== undefined) return parametrization.rightInverse(value);
  if (!isNeeded) return value;
  throw new AutogradError(
    `parametrization ${parametrization.constructor.name} does not implement rightInverse, so nothing can be assigned to what it computes`,
  );
}

function changes(what: string, before: string, after: string): ArgumentError {
  return new ArgumentError("registerParametrization", `${what}: ${before} became ${after}`);
}

function keep(module: Module, name: string, x: Tensor): void {
  if (isParameter(x)) module.registerParameter(name, x);
  else module.registerBuffer(name, x);
}

/**
 * Makes a parameter or buffer of a module the result of `parametrization`, computed whenever it is read; gradients go through to
 * what is trained, `module.parametrizations.weight.original`. Several may be registered; each gets what the one before gave.
 *
 * @throws ArgumentError when there is no such parameter or buffer, or, unless `unsafe`, when shape or dtype would change.
 */
export function registerParametrization<M extends Module>(
  module: M,
  name: string,
  parametrization: Parametrization,
  options: ParametrizationOptions = {},
): M & Parametrized {
  checkOptions("registerParametrization", options, ["unsafe"]);
  const { unsafe = false } = options;
  parametrization.train(module.training);
  if (isParametrized(module, name)) {
    const value = propertyOf(module, name) as Tensor;
    if (!unsafe) checkKeeps(parametrization, value, value);
    listOf(module, name).append(parametrization);
    return module as M & Parametrized;
  }
  const value = new Map([...ownParameters(module), ...ownBuffers(module)]).get(name);
  if (value === undefined) {
    throw new ArgumentError(
      "registerParametrization",
      `Module '${module.constructor.name}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
    );
  }
  const start = noGrad(() => inverted(parametrization, value, false));
  if (!unsafe) checkKeeps(parametrization, start, value);
  const list = new ParametrizationList(parametrization, start, value);
  module[own].parameterNames.delete(name);
  module[own].buffers.delete(name);
  Reflect.deleteProperty(module, name);
  if (listsOf(module) === null) {
    Object.setPrototypeOf(module, parametrizedClass(module));
    setProperty(module, "parametrizations", new ModuleDict());
  }
  listsOf(module)?.set(name, list);
  readThrough(Object.getPrototypeOf(module), name);
  return module as M & Parametrized;
}

/** Whether what a parametrization computes from `start` could stand for `value`. */
function checkKeeps(parametrization: Parametrization, start: Tensor | readonly Tensor[], value: Tensor): void {
  noGrad(() => {
    const result: unknown = parametrization.forward(...(start instanceof Tensor ? [start] : start));
    if (!(result instanceof Tensor)) {
      throw new ArgumentError(
        "registerParametrization",
        `A parametrization must return a tensor. Got ${typeof result}`,
      );
    }
    const rule = "Registering a parametrization may not change the";
    const remedy = "of the tensor, unless the unsafe flag is enabled";
    if (result.dtype !== value.dtype) throw changes(`${rule} dtype ${remedy}`, value.dtype, result.dtype);
    if (!sameShape(result.shape, value.shape))
      throw changes(`${rule} shape ${remedy}`, showShape(value.shape), showShape(result.shape));
  });
}

function listsOf(module: Module): ModuleDict<ParametrizationList> | null {
  const found = propertyOf(module, "parametrizations");
  return found instanceof ModuleDict ? (found as unknown as ModuleDict<ParametrizationList>) : null;
}

function listOf(module: Module, name: string): ParametrizationList {
  return (listsOf(module) as ModuleDict<ParametrizationList>).get(name);
}

/** The prototype of a class of its own, `ParametrizedLinear`, on which the parameters can be accessors. */
function parametrizedClass(module: Module): object {
  const Class = module.constructor as new () => Module;
  const name = `Parametrized${Class.name}`;
  return { [name]: class extends Class {} }[name].prototype;
}

function readThrough(prototype: object, name: string): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: Module): Tensor {
      return cachedResult(this, name, listOf(this, name));
    },
    set(this: Module, value: Tensor): void {
      listOf(this, name).rightInverse(value);
    },
  });
}

/** Whether something of a module, or the parameter or buffer of that name, is parametrized. */
export function isParametrized(module: Module, name?: string): boolean {
  const lists = listsOf(module);
  return lists !== null && (name === undefined ? lists.size > 0 : lists.has(name));
}

/**
 * Makes what was parametrized a plain parameter or buffer again: with the value it has now, or, `leaveParametrized: false`, with
 * what was trained.
 */
export function removeParametrizations<M extends Module>(
  module: M,
  name: string,
  options: { readonly leaveParametrized?: boolean | undefined } = {},
): M {
  checkOptions("removeParametrizations", options, ["leaveParametrized"]);
  const { leaveParametrized = true } = options;
  if (!isParametrized(module, name)) {
    throw new ArgumentError(
      "removeParametrizations",
      `Module ${module.constructor.name} does not have a parametrization on ${name}`,
    );
  }
  const list = listOf(module, name);
  if (!list.isTensor && !leaveParametrized) {
    throw new ArgumentError(
      "removeParametrizations",
      "Cannot leave unparametrized (leaveParametrized: false) a tensor that is parametrized in terms of a sequence of tensors",
    );
  }
  const plain = left(list, leaveParametrized);
  listsOf(module)?.pop(name);
  if (!isParametrized(module)) {
    Reflect.deleteProperty(module, "parametrizations");
    Object.setPrototypeOf(module, Object.getPrototypeOf(Object.getPrototypeOf(module)));
  }
  setProperty(module, name, plain);
  if (isParameter(plain)) module[own].parameterNames.add(name);
  else module[own].buffers.set(name, true);
  return module;
}

/** What stays of a parametrized tensor: the object that an optimizer holds where there is one. */
function left(list: ParametrizationList, leaveParametrized: boolean): Tensor {
  const [original] = list.originals;
  if (!leaveParametrized) return original;
  const value = noGrad(() => list.forward());
  if (list.isTensor) {
    setData(original, value.detach().clone());
    return original;
  }
  return isParameter(original) ? new Parameter(value.clone(), { requiresGrad: original.requiresGrad }) : value.clone();
}

/** How many `cached` run. */
let caching = 0;
let cache = new WeakMap<Module, Map<string, Tensor>>();

/** Runs `fn`, sync or async; inside of it each parametrized tensor is computed only the first time that it is read. */
export function cached<R>(fn: () => R): R {
  caching++;
  return runThen(fn, () => {
    if (--caching === 0) cache = new WeakMap();
  });
}

function cachedResult(module: Module, name: string, list: ParametrizationList): Tensor {
  if (caching === 0) return list.forward();
  const results = cache.get(module) ?? new Map<string, Tensor>();
  const found = results.get(name) ?? list.forward();
  cache.set(module, results.set(name, found));
  return found;
}
