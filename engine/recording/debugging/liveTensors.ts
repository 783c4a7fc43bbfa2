import type { Gradients, Node } from "../../autograd/node.ts";
import type { Tensor } from "../../autograd/tensor.ts";

type Operands = readonly (Tensor | number | null)[];

/** The tensors that an event is about, while it is being told of. */
export class LiveTensors {
  static readonly none = new LiveTensors([], [], null, null);
  readonly inputs: Operands;
  readonly outputs: Operands;
  /** The list from which backward takes the gradients that a node hands on. */
  readonly gradients: Gradients | null;
  /** The graph node that an op made. */
  readonly node: Node | null;

  constructor(inputs: Operands, outputs: Operands, gradients: Gradients | null, node: Node | null) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.gradients = gradients;
    this.node = node;
  }

  /** Whether an output was there before: an op wrote to one of its inputs. */
  get isInPlace(): boolean {
    return !this.overwritten().next().done;
  }

  /** The outputs that are inputs, too. */
  *overwritten(): Generator<Tensor> {
    for (const x of tensorsIn(this.outputs)) if (this.inputs.includes(x)) yield x;
  }

  *all(): Iterable<Tensor> {
    yield* tensorsIn(this.inputs);
    yield* tensorsIn(this.outputs);
  }

  /** Those that have a gradient of their own. */
  *leaves(): Iterable<Tensor> {
    for (const x of tensorsIn(this.inputs)) if (x.ownGrad !== null) yield x;
  }
}

function* tensorsIn(operands: Operands): Iterable<Tensor> {
  for (const x of operands) if (x !== null && x !== undefined && typeof x !== "number") yield x;
}
