import { type Gradients, type RemovableHandle, register } from "../autograd/node.ts";
import { ArgumentError, checkOptions } from "../base/errors.ts";
import { wrapMethod } from "../base/wrapMethod.ts";
import { watchedForward } from "./call.ts";
import type { Module } from "./module.ts";
import { own } from "./own.ts";

/** Runs before `forward`; what it returns replaces the arguments (a single value stands for one argument). */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown;
/** Runs after `forward`; what it returns, unless undefined, replaces the output. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;
/** Runs when the gradients of outputs and inputs are known; a list that it returns replaces those of the inputs. */
export type BackwardHook = (
  module: Module,
  gradInput: Gradients,
  gradOutput: Gradients,
) => Gradients | null | undefined | void;
/** Runs when the gradients of the outputs are known; a list that it returns replaces them. */
export type BackwardPreHook = (module: Module, gradOutput: Gradients) => Gradients | null | undefined | void;

/** The hooks of one module. */
export interface ModuleHooks {
  readonly forwardPre: ForwardPreHook[];
  readonly forward: ForwardHook[];
  readonly backwardPre: BackwardPreHook[];
  readonly backward: BackwardHook[];
}

/** The hooks of a module, to add to. */
export function hooksOf(module: Module): ModuleHooks {
  const owned = module[own];
  wrapMethod(module, "forward", watchedForward); // where forward is a property of the module itself
  owned.hooks ??= { forwardPre: [], forward: [], backwardPre: [], backward: [] };
  return owned.hooks;
}

/** Options of all methods that register a hook. */
export interface HookOptions {
  /** Run before the hooks that are there already. Default false. */
  readonly prepend?: boolean | undefined;
}

/** Adds a hook and gives the handle that takes it out again. */
export function addHook<T>(list: T[], hook: T, options: HookOptions | undefined): RemovableHandle {
  checkOptions("registerHook", options, ["prepend"]);
  if (typeof hook !== "function")
    throw new ArgumentError("registerHook", `a hook is a function, but got ${typeof hook}`);
  return register(list, hook, options?.prepend === true);
}
