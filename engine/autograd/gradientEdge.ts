import { ArgumentError, AutogradError } from "../base/errors.ts";
import { AccumulateGrad, accumulatorOf } from "./accumulate.ts";
import type { Node, OutputMeta } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A place in the graph that a gradient comes through: output number `outputNr` of the op behind `node`. `backward` and `grad`
 * take it in place of the tensor, whose values it does not keep in memory. It compares by its two fields.
 */
export class GradientEdge {
  readonly node: Node;
  readonly outputNr: number;
  /** The tensor it was asked of, as long as somebody else holds that. */
  readonly #tensor: WeakRef<Tensor> | null;

  /** The edges that lead on from a node are `node.nextFunctions`. */
  constructor(node: Node, outputNr = 0, tensor: Tensor | null = null) {
    const count = node.outputs.length;
    if (!Number.isInteger(outputNr) || outputNr < 0 || outputNr >= count) {
      throw new ArgumentError("GradientEdge", `${node.name} has ${count} output(s), so there is no output ${outputNr}`);
    }
    this.node = node;
    this.outputNr = outputNr;
    this.#tensor = tensor === null ? null : new WeakRef(tensor);
  }

  /** The tensor whose gradient comes through here: always known of a leaf, else while somebody holds it. For the engine. */
  get tensor(): Tensor | null {
    return this.node instanceof AccumulateGrad ? this.node.variable : (this.#tensor?.deref() ?? null);
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
  return edgeOf(x);
}

/** The same of an edge itself, and of what need not require gradients. */
export function edgeOf(x: Tensor | GradientEdge): GradientEdge {
  if (x instanceof GradientEdge) return x;
  const node = x.gradFn;
  return node === null ? new GradientEdge(accumulatorOf(x), 0, x) : new GradientEdge(node, x.outputIndex, x);
}
