import { ArgumentError, AutogradError } from "../base/errors.ts";
import { AccumulateGrad, accumulatorOf } from "./accumulate.ts";
import type { Node, OutputMeta } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A place in the graph that a gradient comes through: output number `outputNr` of the op behind `node`. `backward` and `grad`
 * take it in place of the tensor, whose values it does not keep in memory. It compares by its two fields.
 */
export class GradientEdge {
  /** The node that the gradient goes into. */
  readonly node: Node;
  /** Which output of the node's op it is the gradient of, counted from 0. */
  readonly outputNr: number;
  /** The tensor it was asked of; where a user holds the edge, only as long as somebody else holds that. */
  readonly #tensor: Tensor | WeakRef<Tensor> | null;

  /** The edges that lead on from a node are `node.nextFunctions`. */
  constructor(node: Node, outputNr = 0, tensor: Tensor | WeakRef<Tensor> | null = null) {
    const count = node.outputs.length;
    if (!Number.isInteger(outputNr) || outputNr < 0 || outputNr >= count) {
      throw new ArgumentError("GradientEdge", `${node.name} has ${count} output(s), so there is no output ${outputNr}`);
    }
    this.node = node;
    this.outputNr = outputNr;
    this.#tensor = tensor;
  }

  /** The tensor whose gradient comes through here: always known of a leaf, else while somebody holds it. For the engine. */
  get tensor(): Tensor | null {
    if (this.node instanceof AccumulateGrad) return this.node.variable;
    return this.#tensor instanceof WeakRef ? (this.#tensor.deref() ?? null) : this.#tensor;
  }

  /** What the gradient looks like. For the engine. */
  get meta(): OutputMeta {
    return this.node.outputs[this.outputNr];
  }
}

/** Where the gradient of a tensor comes through. */
export function getGradientEdge(x: Tensor): GradientEdge {
  if (!x.requiresGrad) {
    throw new AutogradError("It is not possible to get the gradient edge for a Tensor that does not require gradients");
  }
  return edgeOn(x, new WeakRef(x));
}

/**
 * The same of an edge itself, and of what need not require gradients, for one pass of backward. It holds the tensor: what a WeakRef was
 * made of lives until the event loop turns, and a training loop may never let it.
 */
export function edgeOf(x: Tensor | GradientEdge): GradientEdge {
  return x instanceof GradientEdge ? x : edgeOn(x, x);
}

function edgeOn(x: Tensor, held: Tensor | WeakRef<Tensor>): GradientEdge {
  const node = x.gradFn;
  return node === null ? new GradientEdge(accumulatorOf(x), 0, held) : new GradientEdge(node, x.outputIndex, held);
}
