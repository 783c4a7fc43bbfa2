import { watch } from "../autograd/observer.ts";
import { type Method, wrapMethod } from "../base/wrapMethod.ts";
import { BackwardHooks } from "./backwardHooks.ts";
import type { Module } from "./module.ts";
import { checkParameters, own, ownModules, ownParameters } from "./own.ts";
import { join } from "./tree.ts";

type Forward = (this: Module, ...inputs: unknown[]) => unknown;

/** Puts hooks and observer around whatever `forward` a class has. Without either it costs a look at the parameters. */
export function watchedForward(method: Method): Method {
  const forward = method as unknown as Forward;
  const watched: Forward = function (...inputs) {
    checkParameters(this);
    if (this[own].hooks === null && watch.observer === null) return forward.apply(this, inputs);
    // A call of `super.forward(…)` is part of the call that is running.
    if (this.forward !== watched) return forward.apply(this, inputs);
    return watch.observer === null ? callWithHooks(this, forward, inputs) : callInScope(this, forward, inputs);
  };
  return watched as unknown as Method;
}

/** Learns the names of the parameters as soon as a layer has made them. */
export function learningReset(method: Method): Method {
  const reset = method as unknown as Forward;
  const learning: Forward = function (...inputs) {
    const result = reset.apply(this, inputs);
    ownParameters(this);
    return result;
  };
  return learning as unknown as Method;
}

function callWithHooks(module: Module, forward: Forward, inputs: unknown[]): unknown {
  const { hooks } = module[own];
  if (hooks === null) return forward.apply(module, inputs);
  let args: readonly unknown[] = inputs;
  for (const hook of [...hooks.forwardPre]) {
    const changed = hook(module, args);
    if (changed !== undefined && changed !== null) args = Array.isArray(changed) ? changed : [changed];
  }
  const backward = hooks.backward.length + hooks.backwardPre.length > 0 ? new BackwardHooks(module, hooks) : null;
  if (backward !== null) args = backward.tieInputs(args);
  let output = forward.apply(module, [...args]);
  for (const hook of [...hooks.forward]) {
    const changed = hook(module, args, output);
    if (changed !== undefined) output = changed;
  }
  return backward === null ? output : backward.tieOutput(output);
}

/** Tells the observer where the call begins and ends, by the name that the caller has for the module. */
function callInScope(module: Module, forward: Forward, inputs: unknown[]): unknown {
  nameChildren(module, "");
  const { observer } = watch;
  observer?.scopeStart(module, module[own].name ?? module.constructor.name);
  try {
    return callWithHooks(module, forward, inputs);
  } finally {
    observer?.scopeEnd();
  }
}

/** `fc`, or `layers.0` for those of a list, which itself is never called. */
function nameChildren(module: Module, prefix: string): void {
  for (const [name, child] of ownModules(module)) {
    const path = join(prefix, name);
    child[own].name = path;
    wrapMethod(child, "forward", watchedForward); // where forward is a property of the child itself
    if (!child.isCallable) nameChildren(child, path);
  }
}
