import { now } from "../base/clock.ts";
import { freeDeadBuffers } from "../base/deadBuffers.ts";
import { ArgumentError, AutogradError, checkOptions } from "../base/errors.ts";
import { expandsTo, type Shape, sameShape, showShape } from "../base/shape.ts";
import { AccumulateGrad, accumulate } from "./accumulate.ts";
import { anomaly, traced } from "./anomaly.ts";
import {
  type BackwardCall,
  type BackwardOptions,
  type Differentiable,
  edgesTo,
  type GradOptions,
  listOf,
  named,
  readCall,
  startingGradients,
} from "./backwardArguments.ts";
import { checkFinite } from "./finite.ts";
import { edgeOf, GradientEdge } from "./gradientEdge.ts";
import { replacements, retainGrad } from "./hooks.ts";
import { interpreting } from "./interpreter.ts";
import { withGrad } from "./modes.ts";
import {
  filled,
  type Gradients,
  type Node,
  type NodeHook,
  type NodeHooks,
  type NodePreHook,
  type NodeState,
  type OutputMeta,
} from "./node.ts";
import { type BackwardRequest, unseen, watch } from "./observer.ts";
import { OpNode } from "./opNode.ts";
import { ReadyQueue } from "./readyQueue.ts";
import { dropUnused, nursery, recycle } from "./recycling.ts";
import { site } from "./sites.ts";
import { SHARED } from "./storage.ts";
import type { Tensor } from "./tensor.ts";
import { warn } from "./warnings.ts";

/**
 * Adds d(sum of <output, gradient>)/d(leaf) to `.grad` of every leaf that the outputs depend on.
 *
 * @throws AutogradError when an output needs a gradient vector and has none, does not require grad, or its graph was freed.
 */
export function backward(
  outputs: Differentiable | readonly Differentiable[],
  gradTensors?: Tensor | readonly (Tensor | null)[] | null,
  options?: BackwardOptions,
): void;
export function backward(outputs: Differentiable | readonly Differentiable[], options: BackwardCall): void;
export function backward(
  outputs: Differentiable | readonly Differentiable[],
  second?: Tensor | readonly (Tensor | null)[] | BackwardCall | null,
  third: BackwardOptions = {},
): void {
  const [gradients, options] = readCall(second, third, "gradTensors");
  const roots = listOf(outputs);
  const inputs = options.inputs === undefined ? null : listOf(options.inputs);
  if (inputs?.length === 0) throw new AutogradError("'inputs' argument to backward() cannot be empty.");
  const createGraph = options.createGraph ?? false;
  if (createGraph) {
    warn(
      "Using backward() with createGraph: true will create a reference cycle between the parameter and its gradient. Use autograd.grad instead, or set .grad to null afterwards.",
    );
  }
  const pass = new BackwardPass(
    roots,
    startingGradients(roots, gradients, createGraph),
    options.retainGraph ?? createGraph,
    createGraph,
  );
  if (inputs === null) {
    pass.run();
    return;
  }
  const wanted = edgesTo(inputs);
  for (const input of inputs) if (!(input instanceof GradientEdge)) retainGrad(input);
  pass.accumulateInto(wanted);
}

/** One result per input: `[g]` for one tensor, `[g, h]` for `[x, w]`. */
export type PerInput<Inputs, Result> = Inputs extends readonly unknown[]
  ? { -readonly [K in keyof Inputs]: Result }
  : [Result];

/**
 * The gradients of the sum of `outputs` (each times its vector in `gradOutputs`) for each of `inputs`, in their shapes.
 * Never touches `.grad`. Only with `allowUnused` can one of them be null.
 *
 * @throws AutogradError when an input does not require grad, or was not used and `allowUnused` is not set.
 */
export function grad<const Inputs extends Differentiable | readonly Differentiable[]>(
  outputs: Differentiable | readonly Differentiable[],
  inputs: Inputs,
  options?: GradOptions & ({ readonly allowUnused?: false | undefined } | { readonly materializeGrads: true }),
): PerInput<Inputs, Tensor>;
export function grad<const Inputs extends Differentiable | readonly Differentiable[]>(
  outputs: Differentiable | readonly Differentiable[],
  inputs: Inputs,
  options?: GradOptions,
): PerInput<Inputs, Tensor | null>;
export function grad(
  outputs: Differentiable | readonly Differentiable[],
  inputs: Differentiable | readonly Differentiable[],
  options: GradOptions = {},
): unknown {
  checkOptions("grad", options, KNOWN);
  const roots = listOf(outputs);
  const given = listOf(inputs);
  if (given.length === 0) throw new ArgumentError("grad", "grad requires non-empty inputs.");
  const { materializeGrads = false, allowUnused = materializeGrads, createGraph = false } = options;
  if (materializeGrads && !allowUnused)
    throw new ArgumentError("grad", "Expected allowUnused to be true or not passed when materializeGrads is true.");
  const pass = new BackwardPass(
    roots,
    startingGradients(roots, options.gradOutputs, createGraph),
    options.retainGraph ?? createGraph,
    createGraph,
  );
  const wanted = edgesTo(given);
  return pass.capture(wanted).map((g, i) => {
    if (g !== null) return g;
    if (materializeGrads) return zerosFor(given[i], createGraph);
    if (allowUnused) return null;
    throw new AutogradError(
      `One of the differentiated Tensors appears to not have been used in the graph${named(wanted[i].tensor)}. Set allowUnused: true to get null for it.`,
    );
  });
}

/** Of `autograd.grad`; many vectors at once are its caller's business. */
const KNOWN = ["gradOutputs", "retainGraph", "createGraph", "allowUnused", "materializeGrads", "isGradsBatched"];

function zerosFor(input: Differentiable, requiresGrad: boolean): Tensor {
  if (input instanceof GradientEdge)
    throw new ArgumentError("grad", "materializeGrads cannot be used when the given input is a GradientEdge");
  return input.zerosLike().requiresGrad_(requiresGrad);
}

/** Of a node that has run, or that nothing has reached. */
const NONE: Gradients = [];

function put(gradient: Tensor, state: NodeState, node: Node, index: number): void {
  if (state.grads !== NONE) state.grads[index] = gradient;
  else if (node.outputs.length === 1) state.grads = [gradient];
  else {
    state.grads = filled(null, node.outputs.length);
    state.grads[index] = gradient;
  }
}

let nextPass = 1;

/** The innermost backward that is running; null when none is. */
let running: BackwardPass | null = null;

/** Tells one backward from another; 0 outside of any. */
export const backwardPassId = (): number => running?.id ?? 0;

/** Whether gradients come through a node in the running backward. */
export function participates({ state }: Node): boolean {
  return state !== null && state.pass === running?.id && isAsked(state);
}

/** Whether somebody asks for a node's own gradient, or for one behind it. */
const isAsked = ({ needed, capture }: NodeState): boolean => needed || capture !== null;

/** One run of backward. */
class BackwardPass implements BackwardRequest {
  readonly id = nextPass++;
  private readonly roots: readonly GradientEdge[];
  private readonly gradients: Gradients;
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  private readonly ready = new ReadyQueue();
  /** Every node with a state of this pass, to take the states off again. */
  private readonly touched: Node[] = [];
  private captured: Gradients = [];
  /** Whose gradients are captured; null for all leaves. */
  private wanted: readonly GradientEdge[] | null = null;
  /** The node that runs. */
  private asking: Node | null = null;
  private stateOfAsking: NodeState | null = null;
  private readonly needed = (input: number): boolean =>
    this.asking !== null && this.stateOfAsking !== null && this.isNeeded(this.asking, input, this.stateOfAsking);
  /** Leaves' gradients wait here until every node has run, so that a failing backward changes none of them. */
  private readonly arrived: { readonly node: AccumulateGrad; readonly grad: Tensor }[] = [];

  constructor(roots: readonly Differentiable[], gradients: Gradients, retainGraph: boolean, createGraph: boolean) {
    this.roots = roots.map(edgeOf);
    this.gradients = gradients;
    this.retainGraph = retainGraph;
    this.createGraph = createGraph;
  }

  /** Accumulates into every leaf. */
  run(): void {
    this.guarded(() => {
      this.countConsumers(true);
      this.execute();
      this.commitAll();
    });
  }

  /** Accumulates into the given leaves and into tensors that retain their gradient, and runs no node that none of `inputs` needs. */
  accumulateInto(inputs: readonly GradientEdge[]): void {
    this.wanted = inputs;
    this.guarded(() => {
      this.countConsumers(false);
      this.markNeeded(new Set(inputs.map(({ node }) => node)));
      this.execute();
      this.commitAll();
    });
  }

  /** The gradients that arrive at the given tensors. */
  capture(inputs: readonly GradientEdge[]): Gradients {
    this.wanted = inputs;
    return this.guarded(() => {
      this.captured = new Array(inputs.length).fill(null);
      this.countConsumers(false);
      inputs.forEach(({ node, outputNr }, slot) => {
        const state = this.stateOf(node);
        if (state === null) return;
        state.capture ??= [];
        state.capture.push({ index: outputNr, slot });
      });
      this.markNeeded(NOBODY);
      this.execute();
      return this.captured;
    });
  }

  get inputs(): readonly (Tensor | null)[] | null {
    return this.wanted?.map(tensorOf) ?? null;
  }

  private guarded<R>(body: () => R): R {
    const { observer } = watch;
    observer?.backwardStart(this.roots.map(tensorOf), this.gradients, this);
    const outer = running;
    if (outer === null) {
      dropUnused();
      freeDeadBuffers();
    }
    running = this;
    const asked = site.current; // hooks and custom Functions have call sites of their own
    let failure: unknown = null;
    try {
      return withGrad(this.createGraph, body);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      running = outer;
      site.current = asked;
      watch.observer = observer;
      for (const node of this.touched) node.state = (node.state as NodeState).outer;
      observer?.backwardEnd(failure, this.captured);
    }
  }

  private stateOf(node: Node): NodeState | null {
    return node.state !== null && node.state.pass === this.id ? node.state : null;
  }

  private enter(node: Node, needed: boolean): NodeState {
    const state: NodeState = {
      pass: this.id,
      waiting: 0,
      grads: NONE,
      needed,
      capture: null,
      outer: node.state,
    };
    node.state = state;
    this.touched.push(node);
    return state;
  }

  /** Visits every node that backward can reach and counts, per node, the edges that lead to it. */
  private countConsumers(needed: boolean): void {
    const stack: Node[] = [];
    for (const { node } of this.roots) {
      if (this.stateOf(node) === null) {
        this.enter(node, needed);
        stack.push(node);
      }
    }
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { next } = node;
      for (let i = 0; i < next.length; i++) {
        const target = next[i];
        if (target === null) continue;
        let state = this.stateOf(target);
        if (state === null) {
          state = this.enter(target, needed);
          stack.push(target);
        }
        state.waiting++;
      }
    }
  }

  /** Marks the nodes that must run: the given ones, and those from which one of them or a captured gradient can be reached. */
  private markNeeded(asked: ReadonlySet<Node>): void {
    // Edges lead to older nodes (an accumulator counts as oldest), so one pass from old to young sees every target first.
    const age = (node: Node): number => (node instanceof AccumulateGrad ? 0 : node.sequence);
    for (const node of [...this.touched].sort((a, b) => age(a) - age(b))) {
      const state = node.state as NodeState;
      const leadsOn = node.next.some((target) => {
        const found = target === null ? null : this.stateOf(target);
        return found !== null && isAsked(found);
      });
      state.needed = leadsOn || asked.has(node);
    }
  }

  private execute(): void {
    this.roots.forEach(({ node, outputNr }, i) => {
      this.deliver(this.gradients[i] as Tensor, node, outputNr);
    });
    const started = new Set<Node>();
    for (const { node } of this.roots) {
      if ((node.state as NodeState).waiting === 0 && !started.has(node)) {
        started.add(node);
        this.ready.push(node);
      }
    }
    while (!this.ready.isEmpty) {
      const node = this.ready.pop();
      if (anomaly.enabled) traced(node, () => this.step(node));
      else this.step(node);
    }
  }

  private step(node: Node): void {
    const state = node.state as NodeState;
    let grads = state.grads === NONE ? filled(null, node.outputs.length) : state.grads;
    state.grads = NONE; // so that gradients live no longer than they are needed
    if (!isAsked(state)) return;
    const { hooks } = node;
    if (hooks !== null) grads = runTensorHooks(hooks, grads);
    if (state.capture !== null) for (const { index, slot } of state.capture) this.captured[slot] = shared(grads[index]);
    if (!state.needed) return; // nothing behind it is, or it would be needed itself
    if (hooks !== null) for (const hook of hooks.before) grads = hooked("prehook", node, hook, grads, hook(grads));
    if (node instanceof AccumulateGrad) this.leafReached(node, grads[0]);
    else if (this.isUnseen(node, grads)) this.finishUnseen(node, grads, state);
    else {
      const isRun = node.runsOnNothing || grads.some((g) => g !== null);
      this.finish(node, isRun ? this.evaluate(node, grads, state) : null);
    }
  }

  /** Whether a node runs formulas of the engine alone, and nobody is told of it or keeps what they give. */
  private isUnseen(node: Node, grads: Gradients): node is OpNode {
    if (this.createGraph || watch.observer !== null || anomaly.enabled || node.hooks !== null) return false;
    if (interpreting.by !== null) return false;
    return node instanceof OpNode && (grads[0] !== null || grads.some((g) => g !== null));
  }

  private finish(node: Node, results: Gradients | null): void {
    if (!this.retainGraph) node.release();
    this.pass(node, results);
  }

  /** Runs a node of which nobody but this pass hears: what it leaves over can be used again. */
  private finishUnseen(node: OpNode, grads: Gradients, state: NodeState): void {
    const { young } = nursery;
    nursery.pass = this.id;
    try {
      const results = node.run(grads, this.neededBy(node, state));
      conformAll(results, node);
      this.finish(node, results);
      for (let i = 0; i < young.length; i++) if (young[i].handed === 0) recycle(young[i]);
    } finally {
      nursery.pass = 0;
      if (young.length > 0) young.length = 0;
    }
    for (let i = 0; i < grads.length; i++) this.letGo(grads[i]);
  }

  /** One edge less holds a gradient. */
  private letGo(gradient: Tensor | null | undefined): void {
    if (gradient === null || gradient === undefined) return;
    const { storage } = gradient;
    if (--storage.handed === 0 && storage.pass === this.id && storage.values.length >= nursery.least) recycle(storage);
  }

  private evaluate(node: Node, grads: Gradients, state: NodeState): Gradients {
    const { observer } = watch;
    const start = observer === null ? 0 : now();
    const quiet = !this.createGraph && node instanceof OpNode;
    if (quiet) watch.observer = null;
    let results: Gradients;
    try {
      const needed = this.neededBy(node, state);
      results = interpreting.by === null ? node.run(grads, needed) : interpreting.by.node(node, grads, needed);
    } catch (error) {
      observer?.failed?.(node, error);
      throw error;
    } finally {
      if (quiet) watch.observer = observer;
    }
    // Sums over what was broadcast are part of a formula: nobody called for them.
    if (this.createGraph) conformAll(results, node);
    else unseen(() => conformAll(results, node));
    if (node.hooks !== null)
      for (const hook of node.hooks.after) results = hooked("node", node, hook, results, hook(results, grads));
    checkFinite(node, results);
    observer?.node(node, grads, results, start, now());
    return results;
  }

  /** Tells a node which gradients are asked for. One function serves all nodes of the pass, which run one after another. */
  private neededBy(node: Node, state: NodeState): (input: number) => boolean {
    if (this.wanted === null) return everything;
    this.asking = node;
    this.stateOfAsking = state;
    return this.needed;
  }

  private isNeeded(node: Node, input: number, state: NodeState): boolean {
    const target = node.next[input];
    if (target === null || target === undefined) return false;
    const found = this.stateOf(target);
    return found !== null && state.needed && isAsked(found);
  }

  /** Hands results to the next nodes; null results only count as arrived. */
  private pass(node: Node, results: Gradients | null): void {
    const { next, nextIndex } = node;
    for (let i = 0; i < next.length; i++) {
      const target = next[i];
      if (target === null) continue;
      const state = this.stateOf(target) as NodeState;
      const gradient = results === null ? null : results[i];
      if (gradient !== null && gradient !== undefined) this.deliver(gradient, target, nextIndex[i]);
      if (--state.waiting === 0) this.ready.push(target);
    }
  }

  private deliver(gradient: Tensor, node: Node, index: number): void {
    const state = node.state as NodeState;
    const before = state.grads === NONE ? null : state.grads[index];
    if (before === null || before === undefined) {
      gradient.storage.handed++;
      put(gradient, state, node, index);
      return;
    }
    const { observer } = watch;
    if (!this.createGraph) watch.observer = null;
    const sum = before.add(gradient);
    watch.observer = observer;
    sum.storage.handed++;
    state.grads[index] = sum;
    this.letGo(before);
  }

  private leafReached(node: AccumulateGrad, gradient: Tensor | null): void {
    if (gradient === null) return;
    if (node.postHooks.length > 0 || (node.hooks !== null && node.hooks.after.length > 0)) this.commit(node, gradient);
    else this.arrived.push({ node, grad: gradient });
  }

  private commitAll(): void {
    for (const { node, grad } of this.arrived) {
      this.commit(node, grad);
      this.letGo(grad);
    }
  }

  private commit(node: AccumulateGrad, gradient: Tensor): void {
    if (node.variable.leafRequiresGrad) this.accumulated(node, gradient); // it may have been frozen since
    if (node.hooks !== null) {
      for (const hook of node.hooks.after) {
        const given = hook([], [gradient]);
        if (given !== null && given !== undefined) replacements(hook, given, []);
        watch.observer?.hook("node", node, gradient, null);
      }
    }
  }

  private accumulated({ variable, postHooks }: AccumulateGrad, gradient: Tensor): void {
    this.add(variable, gradient);
    for (const hook of postHooks) {
      const before = variable.ownGrad;
      if (hook(variable) !== undefined) throw new AutogradError("hooks should return nothing.");
      const after = variable.ownGrad;
      watch.observer?.hook("postAccumulate", variable, before, after === before ? null : after);
    }
  }

  /** Adds to `.grad`; the observer hears of it as one accumulation, not as an op. */
  private add(x: Tensor, gradient: Tensor): void {
    const { observer } = watch;
    watch.observer = null;
    try {
      accumulate(x, gradient);
    } finally {
      watch.observer = observer;
    }
    observer?.accumulate(x, gradient);
  }
}

const NOBODY: ReadonlySet<Node> = new Set();

const tensorOf = (edge: GradientEdge): Tensor | null => edge.tensor;

/** A gradient that is given away. */
function shared(gradient: Tensor | null): Tensor | null {
  if (gradient !== null && gradient !== undefined) gradient.storage.handed = SHARED;
  return gradient;
}

/** What a node's hook leaves of gradients; it may keep what it sees or gives. */
function hooked(
  kind: "prehook" | "node",
  node: Node,
  hook: NodePreHook | NodeHook,
  before: Gradients,
  given: Gradients | null | undefined | void,
): Gradients {
  const after = given === null || given === undefined ? before : replacements(hook, given, before);
  for (const gradient of after) shared(gradient);
  if (watch.observer !== null) tellHook(kind, node, before, after);
  return after;
}

/** Of each gradient that a hook changed; of one that changed none, once. */
function tellHook(kind: "prehook" | "node", node: Node, before: Gradients, after: Gradients): void {
  const changed = after.flatMap((gradient, i) => (gradient === before[i] ? [] : [i]));
  for (const i of changed) watch.observer?.hook(kind, node, before[i] ?? null, after[i] ?? null);
  if (changed.length === 0)
    watch.observer?.hook(kind, node, before.find((gradient) => gradient !== null) ?? null, null);
}

/** Tensor hooks in order of registration, then the tensors that retain their gradient. */
function runTensorHooks(hooks: NodeHooks, arrived: Gradients): Gradients {
  const grads = arrived.slice();
  for (const { index, run } of hooks.tensor) {
    const gradient = shared(grads[index]);
    grads[index] = shared(run(gradient)) ?? gradient;
  }
  for (const { index, keep } of hooks.retain) {
    const gradient = grads[index];
    if (gradient === null || gradient === undefined) continue;
    keep(gradient);
  }
  return grads;
}

/** Of a backward for all leaves: whatever has an edge leads to one of them. */
const everything = (): boolean => true;

/** Makes gradients, in their list, fit the tensors that they belong to. */
export function conformAll(results: Gradients, node: Node): Gradients {
  const { next, nextIndex } = node;
  for (let i = 0; i < next.length; i++) {
    const result = results[i];
    const target = next[i];
    if (result === null || result === undefined || target === null) continue;
    const meta = target.outputs[nextIndex[i]];
    if (result.shape !== meta.shape || result.dtype !== meta.dtype) results[i] = conform(result, meta, node, i);
  }
  return results;
}

/** Sums a gradient over what was broadcast and converts its dtype, so that it fits the tensor it belongs to. */
export function conform(gradient: Tensor, meta: OutputMeta, node: Pick<Node, "name">, input: number): Tensor {
  let result = gradient;
  if (!sameShape(gradient.shape, meta.shape)) {
    if (!expandsTo(meta.shape, gradient.shape)) {
      throw new AutogradError(
        `Function ${node.name} returned an invalid gradient at index ${input} - got ${showShape(gradient.shape)} but expected shape compatible with ${showShape(meta.shape)}`,
      );
    }
    result = sumTo(gradient, meta.shape);
  }
  return result.dtype === meta.dtype ? result : result.to(meta.dtype);
}

function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.ndim - shape.length;
  const dims: number[] = [];
  for (let d = 0; d < x.ndim; d++) if (d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)) dims.push(d);
  const summed = dims.length === 0 ? x : x.sum({ dim: dims, keepdim: true });
  return lead === 0 ? summed : summed.reshape(shape);
}
