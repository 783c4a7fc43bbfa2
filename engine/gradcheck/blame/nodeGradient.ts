import { conform } from "../../autograd/backward.ts";
import { withGrad } from "../../autograd/modes.ts";
import type { Gradients, Node } from "../../autograd/node.ts";
import { fromBuffer } from "../../autograd/tensor.ts";
import type { Located } from "./backwardSites.ts";
import { locating } from "./backwardSites.ts";

/** Gradients for a node's outputs, of the shape and type it expects; zeros where nothing is given. */
export function outputGradients(node: Node, given: ReadonlyMap<number, Float64Array>): Gradients {
  return Array.from(node.outputs, (meta, i) => {
    if (meta === undefined) return null;
    const n = meta.shape.reduce((product, size) => product * size, 1);
    const values = given.get(i) ?? new Float64Array(n);
    return fromBuffer(values.slice(), meta.shape, "float64").to(meta.dtype);
  });
}

/** Runs one step of backward by itself, without its hooks. */
export function runNode(node: Node, gradOutputs: Gradients): Located {
  return withGrad(false, () => locating(() => node.run(gradOutputs, () => true)));
}

/** The gradient that a node hands to its input number `i`, as backward would; zeros for none. */
export function handedOn(node: Node, { gradients }: Located, i: number): Float64Array {
  const target = node.next[i];
  const gradient = gradients[i];
  const meta = target?.outputs[node.nextIndex[i]];
  if (meta === undefined) return new Float64Array(0);
  if (gradient === null || gradient === undefined)
    return new Float64Array(meta.shape.reduce((product, size) => product * size, 1));
  return Float64Array.from(conform(gradient, meta, node, i).toArray());
}
