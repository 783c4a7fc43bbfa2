import { Function as AutogradFunction, type FunctionCtx } from "../autograd/function.ts";
import { isGradEnabled } from "../autograd/modes.ts";
import type { Gradients, Node } from "../autograd/node.ts";
import { Tensor } from "../autograd/tensor.ts";
import { AutogradError } from "../base/errors.ts";
import type { ModuleHooks } from "./hooks.ts";
import type { Module } from "./module.ts";

/** Passes tensors through: its node sees their gradients together. */
class BackwardHookFunction extends AutogradFunction {
  static forward(ctx: FunctionCtx, ...tensors: Tensor[]): Tensor[] {
    ctx.setMaterializeGrads(false);
    ctx.markNonDifferentiable(...tensors.filter((x) => !x.requiresGrad));
    return tensors;
  }

  static backward(_ctx: FunctionCtx, ...grads: Gradients): Gradients {
    return grads;
  }
}

/** Values with their tensors passed through one node; `node` is null when none of them requires grad. */
interface Tied {
  readonly values: readonly unknown[];
  readonly node: Node | null;
}

function tie(values: readonly unknown[]): Tied {
  const tensors = values.filter((value) => value instanceof Tensor);
  if (!isGradEnabled() || !tensors.some((x) => x.requiresGrad)) return { values, node: null };
  const passed = [...BackwardHookFunction.apply(...tensors)];
  const node = passed.find((x) => x.gradFn !== null)?.gradFn ?? null;
  return { values: values.map((value) => (value instanceof Tensor ? passed.shift() : value)), node };
}

/**
 * Full backward hooks around one call of a module: the arguments and the results go through a node each. The node of the
 * results hears of their gradients first and keeps them; when the node of the arguments has theirs, the hooks run with
 * both.
 */
export class BackwardHooks {
  private readonly module: Module;
  private readonly hooks: ModuleHooks;
  private gradOutput: Gradients | null = null;
  /** Which arguments are tensors, or null when none of them requires grad. */
  private inputs: readonly boolean[] | null = null;
  private inputCount = 0;

  constructor(module: Module, hooks: ModuleHooks) {
    this.module = module;
    this.hooks = hooks;
  }

  /** The arguments to call forward with. */
  tieInputs(args: readonly unknown[]): readonly unknown[] {
    const { values, node } = tie(args);
    this.inputCount = args.length;
    if (node === null) return args;
    const inputs = args.map((arg) => arg instanceof Tensor);
    this.inputs = inputs;
    node.registerHook((gradInputs) => {
      // Null when the gradient reached the input without passing the output: there is nothing to tell.
      if (this.gradOutput === null) return null;
      return onlyAt(inputs, this.runHooks(spread(inputs, gradInputs)));
    });
    return values;
  }

  /** The result to give back. */
  tieOutput(output: unknown): unknown {
    const single = !Array.isArray(output);
    const results: readonly unknown[] = single ? [output] : output;
    const { values, node } = tie(results);
    if (node === null) return output;
    const places = results.map((value) => value instanceof Tensor);
    node.registerPrehook((gradOutputs) => {
      this.gradOutput = this.runPreHooks(spread(places, gradOutputs));
      const passed = onlyAt(places, this.gradOutput);
      if (this.inputs === null) this.runWithoutInputs();
      return passed;
    });
    return single ? values[0] : keepFields(output, values);
  }

  private runPreHooks(gradOutput: Gradients): Gradients {
    let grads = gradOutput;
    for (const hook of this.hooks.backwardPre)
      grads = checked("Backward pre hook", "gradOutput", hook(this.module, grads), grads);
    return grads;
  }

  private runHooks(gradInput: Gradients): Gradients {
    const gradOutput = this.gradOutput as Gradients;
    let grads = gradInput;
    for (const hook of this.hooks.backward) {
      grads = checked("Backward hook", "gradInput", hook(this.module, grads, gradOutput), grads);
    }
    this.gradOutput = null;
    return grads;
  }

  private runWithoutInputs(): void {
    const nothing: Gradients = new Array(this.inputCount).fill(null);
    for (const hook of this.hooks.backward) {
      const result = hook(this.module, nothing, this.gradOutput as Gradients);
      if (Array.isArray(result) && result.some((grad) => grad !== null && grad !== undefined)) {
        throw new AutogradError(
          "Backward hook for Modules where no input requires gradient should always return null or null for all gradients.",
        );
      }
    }
    this.gradOutput = null;
  }
}

function checked(
  kind: string,
  what: string,
  result: Gradients | null | undefined | void,
  before: Gradients,
): Gradients {
  if (result === null || result === undefined) return before;
  const list: Gradients = Array.isArray(result) ? result : [result as Tensor];
  if (list.length !== before.length) {
    throw new AutogradError(
      `${kind} returned an invalid number of ${what}, got ${list.length}, but expected ${before.length}`,
    );
  }
  return list;
}

/** A list for all places, with gradients at the tensors. */
function spread(places: readonly boolean[], grads: Gradients): Gradients {
  let next = 0;
  return places.map((isTensor) => (isTensor ? (grads[next++] ?? null) : null));
}

const onlyAt = (places: readonly boolean[], grads: Gradients): Gradients => grads.filter((_, i) => places[i]);

/** A result that is an array may have named fields too: those of tensors that were passed through change with them. */
function keepFields(output: object, values: readonly unknown[]): unknown {
  const before = output as readonly unknown[];
  const fields = Object.entries(output).filter(([key]) => !/^\d+$/.test(key));
  const moved = fields.map(([key, value]) => [key, before.includes(value) ? values[before.indexOf(value)] : value]);
  return Object.assign([...values], Object.fromEntries(moved));
}
