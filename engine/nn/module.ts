import type { RemovableHandle } from "../autograd/node.ts";
import { watch } from "../autograd/observer.ts";
import type { Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError, AutogradError, checkOptions } from "../base/errors.ts";
import { wrapMethod } from "../base/wrapMethod.ts";
import { isBuffer } from "./buffer.ts";
import { learningReset, watchedForward } from "./call.ts";
import { convert, type Target, targetOf } from "./convertModule.ts";
import { describeModule } from "./describe.ts";
import {
  addHook,
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookOptions,
  hooksOf,
} from "./hooks.ts";
import {
  isModule,
  type Named,
  nothingOwned,
  type Own,
  own,
  ownBuffers,
  ownModules,
  ownParameters,
  propertyOf,
  setProperty,
} from "./own.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import {
  type IncompatibleKeys,
  type LoadOptions,
  loadState,
  type StateDict,
  type StateDictOptions,
  saveState,
} from "./stateDict.ts";
import {
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type StateDictPostHook,
  type StateDictPreHook,
  stateHooksOf,
} from "./stateHooks.ts";
import { collect, type WalkOptions, walk } from "./tree.ts";

/** Whether to go into sub-modules, as it is or as an option. */
type Recurse = boolean | { readonly recurse?: boolean | undefined };

/**
 * A part of a model: what it does in `forward`, its parameters and sub-modules as properties. Subclasses call `super()`,
 * set properties and implement `forward`; everything is found by looking at the properties.
 */
export class Module {
  /** Whether dropout, batch norm and the like act as in training; see `train` and `eval`. */
  training = true;
  /** What the module keeps about itself. For the engine. */
  declare readonly [own]: Own;

  constructor() {
    Object.defineProperty(this, own, { value: nothingOwned() });
    wrapMethod(new.target.prototype, "forward", watchedForward);
    wrapMethod(new.target.prototype, "resetParameters", learningReset);
  }

  /** What the module computes. Call it as it is: hooks and observers are told of the call. */
  forward(..._inputs: readonly unknown[]): unknown {
    throw new AutogradError(`Module [${this.constructor.name}] is missing the required "forward" function`);
  }

  /** Whether it has a `forward`; lists of modules have none. */
  get isCallable(): boolean {
    return this.forward !== Module.prototype.forward;
  }

  /** All parameters, those of sub-modules included. */
  parameters(recurse: Recurse = true): Parameter[] {
    return this.namedParameters({ recurse: isRecursive(recurse) }).map(([, parameter]) => parameter);
  }

  /** All parameters with their paths, such as `layers.0.weight`. */
  namedParameters(options: WalkOptions = {}): Named<Parameter>[] {
    checkOptions("namedParameters", options, WALK);
    return collect(this, ownParameters, options);
  }

  /** All buffers, those of sub-modules included. */
  buffers(recurse: Recurse = true): Tensor[] {
    return this.namedBuffers({ recurse: isRecursive(recurse) }).map(([, buffer]) => buffer);
  }

  /** All buffers with their paths. */
  namedBuffers(options: WalkOptions = {}): Named<Tensor>[] {
    checkOptions("namedBuffers", options, WALK);
    return collect(this, ownBuffers, options);
  }

  /** The modules among the properties. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** The modules among the properties, with the names of those; the same module counts once. */
  namedChildren(): Named<Module>[] {
    const seen = new Set<Module>();
    return ownModules(this).filter(([, child]) => !seen.has(child) && seen.add(child));
  }

  /** This module and all below it. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** This module and all below it, with their paths; that of this module is the prefix. */
  namedModules(options: Omit<WalkOptions, "recurse"> = {}): Named<Module>[] {
    checkOptions("namedModules", options, ["prefix", "removeDuplicate"]);
    return walk(this, options);
  }

  /** The module at a path such as `layers.0`. */
  getSubmodule(path: string): Module {
    let found: Module = this;
    for (const name of path === "" ? [] : path.split(".")) {
      const child = propertyOf(found, name);
      if (!isModule(child)) {
        throw new ArgumentError("getSubmodule", `${found.constructor.name} has no module '${name}' (in '${path}')`);
      }
      found = child;
    }
    return found;
  }

  /** Puts a module at a path such as `layers.0`, in place of the one there; `strict` refuses a name that is not there yet. */
  setSubmodule(path: string, module: Module, options: { readonly strict?: boolean | undefined } = {}): void {
    checkOptions("setSubmodule", options, ["strict"]);
    const [owner, name] = splitPath(path);
    if (path === "") throw new ArgumentError("setSubmodule", "Cannot set the submodule without a target name!");
    if (!isModule(module)) throw new ArgumentError("setSubmodule", "the new `module` is not an nn.Module");
    const parent = this.getSubmodule(owner);
    if (name in parent ? !isModule(propertyOf(parent, name)) : options.strict === true)
      throw new ArgumentError("setSubmodule", unfitPlace(parent, name));
    setProperty(parent, name, module);
  }

  /** The parameter at a path such as `layers.0.weight`. */
  getParameter(path: string): Parameter {
    const [owner, name] = splitPath(path);
    const found = propertyOf(this.getSubmodule(owner), name);
    if (!isParameter(found))
      throw new ArgumentError("getParameter", `'${path}' is not a parameter of ${this.constructor.name}`);
    return found;
  }

  /** The buffer at a path such as `norm.runningMean`. */
  getBuffer(path: string): Tensor {
    const [owner, name] = splitPath(path);
    const found = new Map(ownBuffers(this.getSubmodule(owner))).get(name);
    if (found === undefined)
      throw new ArgumentError("getBuffer", `'${path}' is not a buffer of ${this.constructor.name}`);
    return found;
  }

  /** Makes a tensor part of the state without being trained. `persistent: false` keeps it out of the state dict. */
  registerBuffer(
    name: string,
    tensor: Tensor | null,
    options: { readonly persistent?: boolean | undefined } = {},
  ): void {
    checkOptions("registerBuffer", options, ["persistent"]);
    checkName("registerBuffer", this, name, new Map(ownBuffers(this)).has(name) || this[own].buffers.has(name));
    const persistent = options.persistent ?? true;
    this[own].buffers.set(name, persistent);
    if (isBuffer(tensor)) tensor.persistent = persistent;
    setProperty(this, name, tensor);
  }

  /** Sets a parameter under a name that is only known when the program runs. */
  registerParameter(name: string, parameter: Parameter | null): void {
    checkName("registerParameter", this, name, this[own].parameterNames.has(name));
    if (parameter !== null && !isParameter(parameter)) {
      throw new ArgumentError(
        "registerParameter",
        `cannot assign this value to parameter '${name}' (Parameter or null required)`,
      );
    }
    this[own].parameterNames.add(name);
    setProperty(this, name, parameter);
  }

  /** Sets a sub-module under a name that is only known when the program runs. */
  registerModule(name: string, module: Module | null): void {
    checkName("registerModule", this, name, isModule(propertyOf(this, name)));
    if (module !== null && !isModule(module))
      throw new ArgumentError("registerModule", `the value for '${name}' is not a Module`);
    setProperty(this, name, module);
  }

  /** The same as `registerModule`. */
  addModule(name: string, module: Module | null): void {
    this.registerModule(name, module);
  }

  /** Calls `fn` with every module below, then with this one. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Makes dropout, batch norm and the like act as in training, or (`false`) as in use. */
  train(mode = true): this {
    if (typeof mode !== "boolean") throw new ArgumentError("train", "training mode is expected to be boolean");
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** The same as `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Switches gradients of all parameters on or off. */
  requiresGrad_(flag = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(flag);
    return this;
  }

  /** Forgets the gradients of all parameters: sets them to null, or to zero with `setToNone: false`. */
  zeroGrad(options: { readonly setToNone?: boolean | undefined } = {}): void {
    checkOptions("zeroGrad", options, ["setToNone"]);
    for (const parameter of this.parameters()) {
      const { grad } = parameter;
      if (grad !== null) parameter.grad = options.setToNone === false ? grad.detach().zero_() : null;
    }
    watch.observer?.zeroGrad(this);
  }

  /** Converts parameters and buffers of floating point to a dtype, in place: optimizers keep holding them. */
  to(target: Target): this {
    const dtype = targetOf(target);
    if (dtype !== null) for (const module of this.modules()) convert(module, dtype);
    return this;
  }

  /** Converts floating point parameters and buffers to float32, in place. */
  float(): this {
    return this.to("float32");
  }

  /** Converts floating point parameters and buffers to float64, in place. */
  double(): this {
    return this.to("float64");
  }

  /** Converts parameters and buffers to a dtype, in place. */
  type(dtype: DType): this {
    return this.to(dtype);
  }

  /** Nothing to do: everything is on the CPU. */
  cpu(): this {
    return this;
  }

  /** Parameters and persistent buffers by path, outside the graph; the storage is shared. */
  stateDict(options: StateDictOptions = {}): StateDict {
    return saveState(this, options, Module.prototype);
  }

  /** Copies values by path into parameters and buffers. Throws with all missing, unexpected and misfit keys unless `strict: false`. */
  loadStateDict(dict: StateDict, options: LoadOptions = {}): IncompatibleKeys {
    return loadState(this, dict, options, Module.prototype);
  }

  /** What the state dict is to hold besides tensors. A subclass that overrides it overrides `setExtraState`, too. */
  getExtraState(): unknown {
    throw noExtraState(this, "getExtraState");
  }

  /** Takes what `getExtraState` gave from a state dict that is loaded. */
  setExtraState(_state: unknown): void {
    throw noExtraState(this, "setExtraState");
  }

  /** Calls `hook` before this module writes into a state dict. */
  registerStateDictPreHook(hook: StateDictPreHook): RemovableHandle {
    return addHook(stateHooksOf(this).beforeSave, hook, undefined);
  }

  /** Calls `hook` when this module and those below it are in a state dict; it may change the dict in place. */
  registerStateDictPostHook(hook: StateDictPostHook): RemovableHandle {
    return addHook(stateHooksOf(this).afterSave, hook, undefined);
  }

  /** Calls `hook` before this module reads its part of a state dict; it may change that part, a copy, in place. */
  registerLoadStateDictPreHook(hook: LoadStateDictPreHook): RemovableHandle {
    return addHook(stateHooksOf(this).beforeLoad, hook, undefined);
  }

  /** Calls `hook` when this module and those below it are loaded; it may change the lists of missing and unexpected keys in place. */
  registerLoadStateDictPostHook(hook: LoadStateDictPostHook): RemovableHandle {
    return addHook(stateHooksOf(this).afterLoad, hook, undefined);
  }

  /** Calls `hook` before each forward; what it returns replaces the arguments. */
  registerForwardPreHook(hook: ForwardPreHook, options?: HookOptions): RemovableHandle {
    return addHook(hooksOf(this).forwardPre, hook, options);
  }

  /** Calls `hook` after each forward; what it returns, unless undefined, replaces the output. */
  registerForwardHook(hook: ForwardHook, options?: HookOptions): RemovableHandle {
    return addHook(hooksOf(this).forward, hook, options);
  }

  /** Calls `hook` in each backward once the gradients of inputs and outputs are known; it may replace those of the inputs. */
  registerFullBackwardHook(hook: BackwardHook, options?: HookOptions): RemovableHandle {
    return addHook(hooksOf(this).backward, hook, options);
  }

  /** Calls `hook` in each backward once the gradients of the outputs are known; it may replace them. */
  registerFullBackwardPreHook(hook: BackwardPreHook, options?: HookOptions): RemovableHandle {
    return addHook(hooksOf(this).backwardPre, hook, options);
  }

  /** What stands in the brackets of the printed form. */
  extraRepr(): string {
    return "";
  }

  /** The printed form, as PyTorch prints it. */
  toString(): string {
    return describeModule(this);
  }

  /** What `console.log` prints: the same as `toString`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return describeModule(this);
  }
}

const WALK = ["prefix", "recurse", "removeDuplicate"];

const isRecursive = (recurse: Recurse): boolean => (typeof recurse === "boolean" ? recurse : (recurse.recurse ?? true));

/** The path of the module, and the name within it. */
function splitPath(path: string): [owner: string, name: string] {
  const dot = path.lastIndexOf(".");
  return [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)];
}

const unfitPlace = (parent: Module, name: string): string =>
  name in parent ? `\`${name}\` is not an nn.Module` : `${parent.constructor.name} has no attribute \`${name}\``;

const noExtraState = (module: Module, method: string): AutogradError =>
  new AutogradError(
    `Reached a code path in Module.${method}() that should never be called: ${module.constructor.name} does not override it.`,
  );

function checkName(op: string, module: Module, name: string, again: boolean): void {
  if (name === "" || name.includes("."))
    throw new ArgumentError(op, `a name is not empty and has no dots, but got '${name}'`);
  if (name in module && !again) throw new ArgumentError(op, `attribute '${name}' already exists`);
}
