import { AccumulateGrad } from "../../autograd/accumulate.ts";
import { isRecording, recording } from "../../autograd/modes.ts";
import type { Node } from "../../autograd/node.ts";
import { nodesBehind } from "../../autograd/nodesBehind.ts";
import { Tensor } from "../../autograd/tensor.ts";
import { AutogradError } from "../../base/errors.ts";
import { gradients, transposed } from "../functionGradients.ts";
import { unitGradients } from "../jacobian.ts";
import { leavesOf, mapTree, withLeaves } from "./trees.ts";

/** A call of a function, recorded so that it can be differentiated for some of its arguments. */
export class Recorded {
  /** What the function gave, in the graph. */
  readonly result: unknown;
  /** What is differentiated for: arguments, or a list of them. */
  private readonly wanted: readonly unknown[];
  private readonly name: string;
  /** The tensors in those arguments as the function saw them. */
  private readonly inputs: readonly Tensor[];
  /** Leaves that nobody else knows: what leads only to them is a constant to the outside. */
  private readonly own: Set<Tensor>;
  /** Whether what comes out may have a graph. */
  private readonly recording = isRecording();

  constructor(
    name: string,
    fn: (...args: never[]) => unknown,
    args: readonly unknown[],
    places: readonly number[] = [...args.keys()],
  ) {
    this.name = name;
    this.wanted = places.map((place) => args[place]);
    const given = leavesOf(this.wanted).map((leaf) => this.tensor(leaf));
    this.inputs = recording(() => given.map((x) => this.fresh(x)));
    this.own = new Set(this.inputs.filter((x) => x.isLeaf));
    const inside = withLeaves(this.wanted, this.inputs) as unknown[];
    const changed = [...args];
    places.forEach((place, i) => {
      changed[place] = inside[i];
    });
    const nodes = this.inputs.map((x) => x.gradFn);
    this.result = recording(() => fn(...(changed as never[])));
    this.checkUnchanged(nodes);
  }

  /** What of the function's results the outside sees: with a graph only where that leads to something of the outside. */
  settled<T>(tree: T): T {
    return mapTree(tree, (leaf) => (leaf instanceof Tensor ? this.left(leaf) : leaf)) as T;
  }

  /** Vectors times the Jacobian: what belongs to the arguments. */
  pulled(outputs: readonly Tensor[], vectors: readonly Tensor[]): unknown[] {
    return this.inPlaces(this.gradients(outputs, this.inputs, vectors, this.isDifferentiable(outputs, vectors)));
  }

  /** The Jacobian of one output times a vector for each tensor of the arguments. */
  pushed(outputs: readonly Tensor[], tangents: readonly Tensor[]): Tensor[] {
    const { vectors, products } = this.transposed(outputs);
    const pushed = this.gradients(products, vectors, tangents, this.isDifferentiable(outputs, tangents));
    return pushed.map((x) => this.left(x));
  }

  /** The Jacobian of one output, by rows: [...output, ...input] for each tensor of the arguments. */
  rows(output: Tensor, chunk: number): unknown[] {
    const rows = unitGradients(output, this.inputs, this.isDifferentiable([output]), false, chunk);
    return this.inPlaces(rows.map((row, i) => row.reshape([...output.shape, ...this.inputs[i].shape])));
  }

  /** The same by columns, each a derivative of v ↦ vᵀJ: of all outputs at once, a list for each. */
  columns(outputs: readonly Tensor[], chunk: number): unknown[][] {
    const { vectors, products } = this.transposed(outputs);
    const createGraph = this.isDifferentiable(outputs);
    const blocks = products.map((x, i) =>
      unitGradients(x, vectors, createGraph, false, chunk).map((columns) =>
        columns.movedim(0, -1).reshape([...columns.shape.slice(1), ...this.inputs[i].shape]),
      ),
    );
    return outputs.map((_, o) => this.inPlaces(blocks.map((ofInput) => ofInput[o])));
  }

  /** v ↦ vᵀJ with its v. */
  private transposed(outputs: readonly Tensor[]): ReturnType<typeof transposed> {
    const made = recording(() => transposed(this.name, outputs, this.inputs, false));
    for (const vector of made.vectors) this.own.add(vector);
    return made;
  }

  private gradients(
    outputs: readonly Tensor[],
    inputs: readonly Tensor[],
    vectors: readonly Tensor[],
    createGraph: boolean,
  ): Tensor[] {
    return gradients(this.name, outputs, inputs, vectors, createGraph, false);
  }

  /** Tensors as the outside sees them, in the places of the inputs. */
  private inPlaces(tensors: readonly Tensor[]): unknown[] {
    return withLeaves(
      this.wanted,
      tensors.map((x) => this.left(x)),
    ) as unknown[];
  }

  private tensor(leaf: unknown): Tensor {
    if (leaf instanceof Tensor) return leaf;
    throw new AutogradError(`${this.name}(): Thing passed to transform API must be Tensor, got ${typeof leaf}`);
  }

  /** An input of its own, with a way to where `x` came from. */
  private fresh(x: Tensor): Tensor {
    if (this.recording && x.requiresGrad) return x.reshape(x.shape);
    return (x.isInference ? x.clone() : x.detach()).requiresGrad_();
  }

  /** An argument with a history would take a write that a leaf refuses, and be differentiated for as it is afterwards. */
  private checkUnchanged(nodes: readonly (Node | null)[]): void {
    if (this.inputs.every((x, i) => x.gradFn === nodes[i])) return;
    throw new AutogradError(
      `${this.name}(): a leaf Variable that requires grad is being used in an in-place operation: the function writes to its argument. Clone it first.`,
      this.name,
    );
  }

  private left(x: Tensor): Tensor {
    if (!x.requiresGrad) return x;
    return this.recording && this.leadsOutside(x) ? x : x.detach();
  }

  /** Whether gradients of these outputs are to have a graph. */
  private isDifferentiable(outs: readonly Tensor[], vectors: readonly Tensor[] = []): boolean {
    if (!this.recording || !isRecording()) return false;
    return vectors.some((v) => v.requiresGrad) || outs.some((out) => this.leadsOutside(out));
  }

  private leadsOutside(x: Tensor): boolean {
    if (x.isLeaf) return x.leafRequiresGrad && !this.own.has(x);
    for (const node of nodesBehind([x.gradFn]))
      if (node instanceof AccumulateGrad && !this.own.has(node.variable)) return true;
    return false;
  }
}
