import { sameShape } from "../base/shape.ts";
import { isGradEnabled } from "./modes.ts";
import { type Gradients, Node } from "./node.ts";
import { SHARED } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** Called with a leaf once its gradient has been accumulated. Must return nothing. */
export type PostAccumulateHook = (leaf: Tensor) => void;

/** The end of an edge at a leaf: adds what arrives to `.grad`. */
export class AccumulateGrad extends Node {
  readonly variable: Tensor;
  readonly postHooks: PostAccumulateHook[];

  constructor(variable: Tensor, postHooks: PostAccumulateHook[] = []) {
    super("AccumulateGrad", [], [], [{ shape: variable.shape, dtype: variable.dtype }]);
    this.variable = variable;
    this.postHooks = postHooks;
  }

  /** Nothing: a backward pass keeps what arrives until every node has run, and accumulates then. */
  run(): Gradients {
    return [];
  }
}

/** The node that fills a leaf's `.grad`, made on first use. */
export function accumulatorOf(leaf: Tensor): AccumulateGrad {
  leaf.accumulator ??= new AccumulateGrad(leaf);
  return leaf.accumulator;
}

/**
 * After a leaf was given another shape or dtype: what takes gradients of the new kind from now on, with the hooks of what took
 * those of the old one, where graphs of before still lead.
 */
export function renewAccumulator(leaf: Tensor): void {
  const before = leaf.accumulator;
  if (before === null) return;
  const [{ shape, dtype }] = before.outputs;
  if (dtype === leaf.dtype && sameShape(shape, leaf.shape)) return;
  leaf.accumulator = new AccumulateGrad(leaf, before.postHooks);
  leaf.accumulator.hooks = before.hooks;
}

/**
 * Adds a gradient to `.grad`: the first one is taken over when nobody else holds it and copied otherwise; later ones are
 * added in place, so that the `.grad` object stays the same; with a graph of the gradient (createGraph) out of place.
 */
export function accumulate(x: Tensor, grad: Tensor): void {
  const before = x.ownGrad;
  if (before === null) x.ownGrad = isGradEnabled() ? grad.clone() : ownCopy(grad);
  else if (isGradEnabled()) x.ownGrad = before.add(grad);
  else before.add_(grad);
}

/** A tensor that nobody else holds. */
function ownCopy(grad: Tensor): Tensor {
  const { storage } = grad;
  const alone = storage.handed <= 1 && grad.dense && storage.values.length === grad.elements && grad.viewOf === null;
  if (!alone) return grad.clone();
  storage.handed = SHARED;
  return grad;
}
