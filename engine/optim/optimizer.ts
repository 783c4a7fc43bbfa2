import { enableGrad } from "../autograd/modes.ts";
import { type RemovableHandle, register } from "../autograd/node.ts";
import { watch } from "../autograd/observer.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
import { aboutToWrite } from "../autograd/writes.ts";
import type { TypedArray } from "../base/dtype.ts";
import { ArgumentError, AutogradError, checkOptions } from "../base/errors.ts";
import { type Method, wrapMethod } from "../base/wrapMethod.ts";
import { scatter } from "../kernels/copy.ts";
import { type ParamGroup, type Params, readGroup, readGroups } from "./paramGroups.ts";
import { type OptimizerState, type OptimizerStateDict, packState, unpackState } from "./stateDict.ts";

/** Computes the loss again, for optimizers that ask for it more than once. */
export type Closure = () => Tensor | number;

/** Runs around `step()`. */
export type StepHook = (optimizer: Optimizer<object>) => void;

/** Runs before a state dict is made, and after one was loaded. */
export type StateHook = (optimizer: Optimizer<object>) => void;

/** Runs with a state dict that was made, or is about to be loaded; it may change it in place or give another one. */
export type StateDictHook = (
  optimizer: Optimizer<object>,
  stateDict: OptimizerStateDict,
) => OptimizerStateDict | null | undefined | void;

/** Options of the methods that register a hook around state dicts. */
export interface StateHookOptions {
  /** Run before the hooks that are there already. Default false. */
  readonly prepend?: boolean | undefined;
}

/** What every optimizer takes in a group besides its own options. */
const GROUP_KEYS = ["params", "name"];

/**
 * Changes parameters by their gradients. Own optimizers extend it, pass their defaults to `super` and override `step()`,
 * reading `this.paramGroups` and keeping what they need in `this.state`.
 */
export class Optimizer<O extends object = { [option: string]: unknown }> {
  /** Parameters with the options that hold for them; change an option here to change it for the next step. */
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What the optimizer remembers of each parameter. */
  readonly state = new Map<Tensor, OptimizerState>();
  /** The options of groups that don't set them. */
  readonly defaults: O;
  /** How many steps were taken. */
  stepCount = 0;
  private readonly beforeStep: StepHook[] = [];
  private readonly afterStep: StepHook[] = [];
  private readonly beforeSave: StateHook[] = [];
  private readonly afterSave: StateDictHook[] = [];
  private readonly beforeLoad: StateDictHook[] = [];
  private readonly afterLoad: StateHook[] = [];

  constructor(params: Params<O>, defaults: O) {
    wrapMethod(new.target.prototype, "step", Optimizer.watched);
    this.defaults = defaults;
    const groups = readGroups(this.constructor.name, params);
    if (groups.length === 0) throw new ArgumentError(this.constructor.name, "optimizer got an empty parameter list");
    for (const group of groups) this.addParamGroup(group);
  }

  /** Adds parameters with options of their own. */
  addParamGroup(group: Partial<O> & { readonly params: Tensor | Iterable<Tensor> }): void {
    const op = this.constructor.name;
    if (this.knowsItsOptions()) checkOptions(op, group, [...Object.keys(this.defaults), ...GROUP_KEYS]);
    const taken = new Set(this.paramGroups.flatMap((each) => each.params));
    const added = readGroup(op, group, this.defaults, taken);
    this.checkOptions(added);
    this.checkParameters(added.params);
    this.paramGroups.push(added);
  }

  /** Forgets all gradients: sets them to null, or to zero with `setToNone: false`. */
  zeroGrad(options: { readonly setToNone?: boolean | undefined } = {}): void {
    checkOptions("zeroGrad", options, ["setToNone"]);
    for (const { params } of this.paramGroups) for (const p of params) clearGrad(p, options.setToNone ?? true);
    watch.observer?.zeroGrad(this);
  }

  /** Changes every parameter that has a gradient. Gives what `closure`, which is called first, gave. */
  step(closure?: Closure): Tensor | number | null {
    const loss = closure === undefined ? null : enableGrad(closure);
    for (const group of this.paramGroups) {
      for (const p of group.params) {
        const { grad } = p;
        if (grad !== null) this.update(p, grad, group);
      }
    }
    return loss;
  }

  /** What is remembered and the options, with tensors as they are; parameters are numbered in order. */
  stateDict(): OptimizerStateDict {
    for (const hook of this.beforeSave) hook(this);
    return this.throughHooks(this.afterSave, this.pack());
  }

  /** Goes on where another optimizer of the same parameters was. Tensors are copied. */
  loadStateDict(dict: OptimizerStateDict): void {
    this.unpack(this.throughHooks(this.beforeLoad, { ...dict }));
    for (const hook of this.afterLoad) hook(this);
  }

  /** Calls `hook` before each step. */
  registerStepPreHook(hook: StepHook): RemovableHandle {
    return register(this.beforeStep, hook);
  }

  /** Calls `hook` after each step. */
  registerStepPostHook(hook: StepHook): RemovableHandle {
    return register(this.afterStep, hook);
  }

  /** Calls `hook` before a state dict is made. */
  registerStateDictPreHook(hook: StateHook, options?: StateHookOptions): RemovableHandle {
    return registerStateHook(this.beforeSave, hook, options);
  }

  /** Calls `hook` with each state dict that is made; it may change it in place or give another one. */
  registerStateDictPostHook(hook: StateDictHook, options?: StateHookOptions): RemovableHandle {
    return registerStateHook(this.afterSave, hook, options);
  }

  /** Calls `hook` with a shallow copy of each state dict before it is loaded; it may change it in place or give another one. */
  registerLoadStateDictPreHook(hook: StateDictHook, options?: StateHookOptions): RemovableHandle {
    return registerStateHook(this.beforeLoad, hook, options);
  }

  /** Calls `hook` after a state dict was loaded. */
  registerLoadStateDictPostHook(hook: StateHook, options?: StateHookOptions): RemovableHandle {
    return registerStateHook(this.afterLoad, hook, options);
  }

  /** The printed form, as PyTorch prints it. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const options = Object.entries(group).filter(([key]) => key !== "params");
      const rows = options.map(
        ([key, value]) => `    ${key}: ${Array.isArray(value) ? `[${value.map(String).join(", ")}]` : String(value)}`,
      );
      return `Parameter Group ${i}\n${rows.sort().join("\n")}\n`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }

  /** What `console.log` prints: the same as `toString`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** The state dict before hooks see it. */
  protected pack(): OptimizerStateDict {
    return packState(this.paramGroups, this.state);
  }

  /** Loads a state dict that hooks have seen. */
  protected unpack(dict: OptimizerStateDict): void {
    unpackState(this.constructor.name, dict, this.paramGroups, this.state);
  }

  private throughHooks(hooks: readonly StateDictHook[], dict: OptimizerStateDict): OptimizerStateDict {
    return hooks.reduce((current, hook) => hook(this, current) ?? current, dict);
  }

  /** Changes one parameter by its gradient. */
  protected update(_p: Tensor, _grad: Tensor, _group: ParamGroup<O>): void {
    throw new AutogradError(`${this.constructor.name} overrides neither step() nor update()`);
  }

  /** Refuses options out of range. */
  protected checkOptions(_options: O): void {}

  /** Refuses parameters that it cannot change. */
  protected checkParameters(_params: readonly Tensor[]): void {}

  /** Optimizers of the engine refuse unknown options in groups; others may keep there what they like. */
  protected knowsItsOptions(): boolean {
    return false;
  }

  /** The state of a parameter, made on its first step. */
  protected stateOf<S extends OptimizerState>(p: Tensor, make: () => S): S {
    const found = this.state.get(p);
    if (found !== undefined) return found as S;
    const made = make();
    this.state.set(p, made);
    return made;
  }

  /** Tells hooks and observer of each step, also where a class overrides `step`. */
  private static watched(step: Method): Method {
    const watched = function (this: Optimizer<object>, ...args: unknown[]): unknown {
      const run = (): unknown => (step as (...args: unknown[]) => unknown).apply(this, args);
      // A call of `super.step()` is part of the step that is running.
      return this.step === (watched as unknown) ? this.around(run) : run();
    };
    return watched as unknown as Method;
  }

  private around(run: () => unknown): unknown {
    const { observer } = watch;
    this.stepCount++;
    for (const hook of this.beforeStep) hook(this);
    observer?.optimizerStart(this, this.constructor.name);
    try {
      return run();
    } finally {
      observer?.optimizerEnd(this);
      for (const hook of this.afterStep) hook(this);
    }
  }
}

function registerStateHook<T>(list: T[], hook: T, options: StateHookOptions | undefined): RemovableHandle {
  checkOptions("registerHook", options, ["prepend"]);
  return register(list, hook, options?.prepend === true);
}

/** A state tensor of zeros. */
export const zerosFor = (p: Tensor): Tensor => empty(p.shape, p.dtype);

/** An update of the elements `from` to `to` of a parameter, which begins at `at`, and its gradient. */
type Kernel = (values: TypedArray, at: number, grads: TypedArray, gradsAt: number, from: number, to: number) => void;

/** Few enough elements that a kernel is called often and so compiled well, and that a block stays in the cache. */
const BLOCK = 8192;

/** Runs a kernel on the elements of a parameter and of its gradient, and counts the write. */
export function overwrite(p: Tensor, grad: Tensor, kernel: Kernel): void {
  const g = densely(grad);
  const values = densely(p);
  aboutToWrite(p.storage);
  for (let from = 0; from < p.elements; from += BLOCK) {
    const to = Math.min(from + BLOCK, p.elements);
    kernel(values.storage.values, values.offset, g.storage.values, g.offset, from, to);
  }
  if (values !== p) scatter(values.storage.values, values.offset, p);
  p.storage.version++;
}

function clearGrad(p: Tensor, toNull: boolean): void {
  const { grad } = p;
  if (grad === null) return;
  if (toNull) p.grad = null;
  else p.grad = grad.gradFn === null ? grad.requiresGrad_(false).zero_() : grad.detach().zero_();
}
