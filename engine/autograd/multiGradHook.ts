import { backwardPassId, participates } from "./backward.ts";
import { nodeOf, registerListener } from "./hooks.ts";
import type { RemovableHandle } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/** Called once per backward with the gradients of all tensors it was registered for; null for those without one. */
export type MultiGradHook = (grads: (Tensor | null)[]) => void;

/** Calls `hook` once per backward, when the gradients of all tensors that take part in it are known. */
export function registerMultiGradHook(tensors: readonly Tensor[], hook: MultiGradHook): RemovableHandle {
  // An in-place op may give a tensor another node, and this hook stays with the gradient of what it is now.
  const nodes = tensors.map((x) => nodeOf(x));
  let pass = -1;
  let missing = 0;
  let grads: (Tensor | null)[] = [];
  const handles = tensors.map((x, i) =>
    registerListener(x, (grad) => {
      if (pass !== backwardPassId()) {
        pass = backwardPassId();
        grads = tensors.map(() => null);
        missing = nodes.filter((node) => participates(node)).length;
      }
      grads[i] = grad;
      if (--missing === 0) hook(grads);
    }),
  );
  return {
    remove() {
      for (const handle of handles) handle.remove();
    },
  };
}
