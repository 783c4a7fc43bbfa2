import { AccumulateGrad } from "../../autograd/accumulate.ts";
import { type Interpreter, interpreting } from "../../autograd/interpreter.ts";
import { isRecording, recording } from "../../autograd/modes.ts";
import { nodesBehind } from "../../autograd/nodesBehind.ts";
import { Tensor } from "../../autograd/tensor.ts";
import { AutogradError } from "../../base/errors.ts";
import { gradients } from "../functionGradients.ts";
import { unitGradients } from "../jacobian.ts";
import { grounded, lifted, onGround } from "../vmap.ts";
import { leavesOf, mapTree, withLeaves } from "./trees.ts";

// What the transforms have in common. Inside of vmap a batched tensor has no graph; that of all elements lies on the ground,
// the physical tensors, and since elements do not mix, what is differentiated there is differentiated for each of them.

/** A call of a function, recorded so that it can be differentiated for some of its arguments. */
export class Recorded {
  /** What the function gave, in the graph. */
  readonly result: unknown;
  /** What is differentiated for: arguments, or a list of them. */
  private readonly wanted: readonly unknown[];
  private readonly name: string;
  /** The tensors in those arguments as the function saw them, on the ground. */
  private readonly inputs: readonly Tensor[];
  /** Leaves that nobody else knows: what leads only to them is a constant to the outside. */
  private readonly own: Set<Tensor>;
  /** Whether what comes out may have a graph. */
  private readonly recording = isRecording();
  /** Who was at work when it was recorded. */
  private readonly by: Interpreter | null = interpreting.by;

  constructor(
    name: string,
    fn: (...args: never[]) => unknown,
    args: readonly unknown[],
    places: readonly number[] = [...args.keys()],
  ) {
    this.name = name;
    this.wanted = places.map((place) => args[place]);
    const given = leavesOf(this.wanted).map((leaf) => grounded(this.tensor(leaf)));
    this.inputs = onGround(() => recording(() => given.map((x) => this.fresh(x))));
    this.own = new Set(this.inputs.filter((x) => x.isLeaf));
    const inside = withLeaves(this.wanted, this.inputs.map(lifted)) as unknown[];
    const changed = [...args];
    places.forEach((place, i) => {
      changed[place] = inside[i];
    });
    this.result = recording(() => fn(...(changed as never[])));
  }

  /** What of the function's results the outside sees: with a graph only where that leads to something of the outside. */
  settled<T>(tree: T): T {
    return mapTree(tree, (leaf) => (leaf instanceof Tensor ? this.left(leaf) : leaf)) as T;
  }

  /** Vectors times the Jacobian: what belongs to the arguments. */
  pulled(outputs: readonly Tensor[], vectors: readonly Tensor[]): unknown[] {
    if (interpreting.by === this.by) {
      const [outs, vs] = [outputs.map(grounded), vectors.map(grounded)];
      return this.handedOut(onGround(() => this.gradients(outs, this.inputs, vs, this.isDifferentiable(outs, vs))));
    }
    // Batched vectors for a graph of before: backward itself is what is run for all at once.
    if (this.by !== null) interpreting.by?.giveUp();
    const createGraph = this.isDifferentiable(outputs, vectors.map(grounded));
    return withLeaves(
      this.wanted,
      this.gradients(outputs, this.inputs, vectors, createGraph).map((x) => this.left(x)),
    ) as unknown[];
  }

  /** The Jacobian of one output times a vector for each tensor of the arguments. */
  pushed(outputs: readonly Tensor[], tangents: readonly Tensor[]): Tensor[] {
    const [outs, vs] = [outputs.map(grounded), tangents.map(grounded)];
    const products = onGround(() => {
      const { back, dummies } = this.backwards(outs);
      return this.gradients(back, dummies, vs, this.isDifferentiable(outs, vs));
    });
    return products.map((x) => this.left(lifted(x)));
  }

  /** The Jacobian of one output, by rows: [...output, ...input] for each tensor of the arguments. */
  rows(output: Tensor, chunk: number): unknown[] {
    const out = grounded(output);
    const lead = out.ndim - output.ndim;
    const batch = out.shape.slice(0, lead);
    const blocks = onGround(() =>
      unitGradients(out, this.inputs, this.isDifferentiable([out]), false, { lead, chunk }).map((rows, i) =>
        behind(rows, lead).reshape([...batch, ...output.shape, ...this.inputs[i].shape.slice(lead)]),
      ),
    );
    return this.handedOut(blocks);
  }

  /** The same by columns, each a derivative of v ↦ vᵀJ: of all outputs at once, a list for each. */
  columns(outputs: readonly Tensor[], chunk: number): unknown[][] {
    const outs = outputs.map(grounded);
    const blocks = onGround(() => {
      const { back, dummies } = this.backwards(outs);
      const createGraph = this.isDifferentiable(outs);
      return back.map((x, i) => {
        const lead = outs[0].ndim - outputs[0].ndim;
        const shape = this.inputs[i].shape.slice(lead);
        return unitGradients(x, dummies, createGraph, false, { lead, chunk }).map((columns) =>
          columns.movedim(0, -1).reshape([...columns.shape.slice(1), ...shape]),
        );
      });
    });
    return outputs.map((_, o) => this.handedOut(blocks.map((ofInput) => ofInput[o])));
  }

  /** v ↦ vᵀJ, and where its v is. */
  private backwards(outs: readonly Tensor[]): { back: Tensor[]; dummies: Tensor[] } {
    return recording(() => {
      const dummies = outs.map((out) => out.detach().zerosLike().requiresGrad_());
      for (const dummy of dummies) this.own.add(dummy);
      return { back: this.gradients(outs, this.inputs, dummies, true), dummies };
    });
  }

  private gradients(
    outputs: readonly Tensor[],
    inputs: readonly Tensor[],
    vectors: readonly Tensor[],
    createGraph: boolean,
  ): Tensor[] {
    return gradients(this.name, outputs, inputs, vectors, createGraph, false);
  }

  /** Tensors of the ground as the outside sees them, in the places of the inputs. */
  private handedOut(tensors: readonly Tensor[]): unknown[] {
    return withLeaves(
      this.wanted,
      tensors.map((x) => this.left(lifted(x))),
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

  private left(x: Tensor): Tensor {
    const ground = grounded(x);
    if (!ground.requiresGrad) return x;
    return this.recording && this.leadsOutside(ground) ? x : x.detach();
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

/** The first dimension behind `lead` others. */
const behind = (x: Tensor, lead: number): Tensor => (lead === 0 ? x : x.movedim(0, lead));
