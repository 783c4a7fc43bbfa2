import { AutogradError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { accumulatorOf, type PostAccumulateHook } from "./accumulate.ts";
import { type Gradients, hooksOf, type Node, type RemovableHandle, register } from "./node.ts";
import { unseen, watch } from "./observer.ts";
import type { Tensor } from "./tensor.ts";

/** Sees a gradient; what it returns replaces the gradient. */
export type TensorHook = (grad: Tensor) => Tensor | null | undefined | void;

/** What the gradient of a tensor goes into. */
export const nodeOf = (x: Tensor): Node => x.gradFn ?? accumulatorOf(x);

/** Hooks of a tensor live on its node, so they see the gradient whichever way it is asked for. */
export function registerTensorHook(x: Tensor, hook: TensorHook): RemovableHandle {
  return onArrival(x, (grad) => (grad === null ? null : runHook(x, hook, grad)));
}

/** Calls `listener` with the gradient of a tensor once it is known, with null where a backward runs through the tensor's node and brings it none. */
export function registerListener(x: Tensor, listener: (grad: Tensor | null) => void): RemovableHandle {
  return onArrival(x, (grad) => {
    if (grad !== null) return runHook(x, listener, grad);
    listener(null);
    return null;
  });
}

function onArrival(x: Tensor, run: (grad: Tensor | null) => Tensor | null): RemovableHandle {
  if (!x.requiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
  const index = x.gradFn === null ? 0 : x.outputIndex;
  return register(hooksOf(nodeOf(x)).tensor, { index, run });
}

function runHook(x: Tensor, hook: TensorHook, grad: Tensor): Tensor | null {
  const result = hook(grad);
  watch.observer?.hook("tensor", x, grad, result ?? null);
  return result === null || result === undefined ? null : replacement(hook, result, grad);
}

interface Named {
  readonly name: string;
}

const named = ({ name }: Named): string => `hook '${name || "(anonymous)"}'`;

/** What a hook gave in place of a gradient: it must be of the same kind. */
function replacement(hook: Named, given: unknown, grad: Tensor): Tensor {
  if (typeof given !== "object" || given === null || !("storage" in given)) {
    throw new AutogradError(`expected Tensor, but hook returned '${typeof given}'`);
  }
  const result = given as Tensor;
  if (result.dtype !== grad.dtype) {
    throw new AutogradError(`${named(hook)} has changed the type of value: ${grad.dtype} became ${result.dtype}`);
  }
  if (!sameShape(result.shape, grad.shape)) {
    throw new AutogradError(
      `${named(hook)} has changed the size of value: ${showShape(grad.shape)} became ${showShape(result.shape)}`,
    );
  }
  return result;
}

/** What the hook of a node gave in place of the node's gradients: as many, each of the same kind or null. */
export function replacements(hook: Named, given: unknown, before: Gradients): Gradients {
  if (!Array.isArray(given))
    throw new AutogradError(`expected a list of gradients, but hook returned '${typeof given}'`);
  if (given.length !== before.length) {
    throw new AutogradError(
      `${named(hook)} has returned an incorrect number of values (got ${given.length}, but expected ${before.length})`,
    );
  }
  return before.map((grad, i) => {
    const value: unknown = given[i] ?? null;
    if (value === null) return null;
    if (grad === null || grad === undefined)
      throw new AutogradError(`${named(hook)} can't replace a null gradient with a non-null value`);
    return replacement(hook, value, grad);
  });
}

export function registerPostAccumulateGradHook(x: Tensor, hook: PostAccumulateHook): RemovableHandle {
  if (x.gradFn !== null) throw new AutogradError("post accumulate grad hooks cannot be registered on non-leaf tensors");
  if (!x.leafRequiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
  return register(accumulatorOf(x).postHooks, hook);
}

/** After an in-place op gave `x` a new node: what retains the gradient of `x` follows it there. */
export function moveRetained(x: Tensor, from: Node | null): void {
  const at = from?.hooks?.retain.findIndex(({ owner }) => owner === x) ?? -1;
  if (from === null || from.hooks === null || at === -1 || x.gradFn === null) return;
  const [entry] = from.hooks.retain.splice(at, 1);
  hooksOf(x.gradFn).retain.push({ ...entry, index: x.outputIndex });
}

/** Makes a non-leaf keep its gradient, as it is after all its hooks. */
export function retainGrad(x: Tensor): void {
  if (!x.requiresGrad) throw new AutogradError("can't retain_grad on Tensor that has requiresGrad=false");
  const node = x.gradFn;
  if (node === null || x.retainsGrad) return;
  x.retainsGrad = true;
  hooksOf(node).retain.push({
    owner: x,
    index: x.outputIndex,
    keep: (grad) => {
      x.ownGrad = unseen(() => (x.ownGrad === null ? grad.clone() : x.ownGrad.add(grad)));
      watch.observer?.accumulate(x, grad);
    },
  });
}
