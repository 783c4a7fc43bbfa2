import { enableGrad } from "../autograd/modes.ts";
import { type RemovableHandle, register } from "../autograd/node.ts";
import { watch } from "../autograd/observer.ts";
import { densely, empty, type Tensor } from "../autograd/tensor.ts";
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
    return packState(this.paramGroups, this.state);
  }

  /** Goes on where another optimizer of the same parameters was. Tensors are copied. */
  loadStateDict(dict: OptimizerStateDict): void {
    unpackState(this.constructor.name, dict, this.paramGroups, this.state);
  }

  /** Calls `hook` before each step. */
  registerStepPreHook(hook: StepHook): RemovableHandle {
    return register(this.beforeStep, hook);
  }

  /** Calls `hook` after each step. */
  registerStepPostHook(hook: StepHook): RemovableHandle {
    return register(this.afterStep, hook);
  }

  /** The printed form, as PyTorch prints it. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const options = Object.entries(group).filter(([key]) => key !== "params");
      const rows = options.map(
        ([key, value]) => `    ${key}: ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`,
      );
      return `Parameter Group ${i}\n${rows.sort().join("\n")}\n`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }

  /** What `console.log` prints: the same as `toString`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Changes one parameter by its gradient. */
  protected update(_p: Tensor, _grad: Tensor, _group: ParamGroup<O>): void {
    throw new AutogradError(`${this.constructor.name} overrides neither step() nor update()`);
  }

  /** Refuses options out of range. */
  protected checkOptions(_options: O): void {}

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
