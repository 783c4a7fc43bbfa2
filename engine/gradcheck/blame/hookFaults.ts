import { withGrad } from "../../autograd/modes.ts";
import type { Gradients, Node } from "../../autograd/node.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { pseudoRandom } from "../pseudoRandom.ts";
import { locating } from "./backwardSites.ts";
import { outputGradients } from "./nodeGradient.ts";

/** A hook that changes the gradients that pass it. */
export interface HookFault {
  /** The call expression inside the hook, else the op whose gradient it sees. */
  readonly site: number;
}

/** Whether one of a node's hooks changes gradients; finite differences know nothing of hooks. */
export function hookFault(node: Node): HookFault | null {
  const { hooks } = node;
  if (hooks === null || node.outputs.length === 0) return null;
  const grads = randomGradients(node);
  const sees = (run: () => Gradients, before: Gradients): HookFault | null => {
    const located = withGrad(false, () => locating(run));
    const changed = located.gradients.findIndex((g, i) => differs(g, before[i]));
    if (changed === -1) return null;
    const made = located.siteOf(located.gradients[changed]);
    return { site: made === 0 ? node.site : made };
  };
  for (const { index, run } of hooks.tensor) {
    const before = grads[index];
    if (before === null || before === undefined) continue;
    const fault = sees(() => [run(before)], [before]);
    if (fault !== null) return fault;
  }
  for (const hook of hooks.before) {
    const fault = sees(() => hook(grads) ?? grads, grads);
    if (fault !== null) return fault;
  }
  const inputs = inputGradients(node);
  for (const hook of hooks.after) {
    const fault = sees(() => hook(inputs, grads) ?? inputs, inputs);
    if (fault !== null) return fault;
  }
  return null;
}

function randomGradients(node: Node): Gradients {
  const given = node.outputs.map((meta, i): [number, Float64Array] => {
    const n = meta?.shape.reduce((product, size) => product * size, 1) ?? 0;
    return [i, pseudoRandom(n, 30 + i)];
  });
  return outputGradients(node, new Map(given));
}

/** Some gradient for each input of a node. */
function inputGradients(node: Node): Gradients {
  return node.next.map((target, i) => (target === null ? null : (randomGradients(target)[node.nextIndex[i]] ?? null)));
}

function differs(after: Tensor | null | undefined, before: Tensor | null | undefined): boolean {
  if (after === null || after === undefined || before === null || before === undefined || after === before)
    return false;
  const x = after.toArray();
  const y = before.toArray();
  return x.length !== y.length || Array.from(x).some((value, i) => Math.abs(value - y[i]) > 1e-12 * Math.abs(value));
}
