import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { anomaly, rememberOrigin } from "./anomaly.ts";
import { site } from "./sites.ts";
import type { Tensor } from "./tensor.ts";

/** Gradients by output or input number; null is an undefined gradient, which counts as zero. */
export type Gradients = (Tensor | null)[];

/** May replace the gradients that arrive at a node; null or undefined leaves them. */
export type NodePreHook = (gradOutputs: Gradients) => Gradients | null | undefined | void;
/** May replace the gradients that a node hands on. */
export type NodeHook = (gradInputs: Gradients, gradOutputs: Gradients) => Gradients | null | undefined | void;

/** Removes what was registered. */
export interface RemovableHandle {
  remove(): void;
}

/** Shape and dtype that a gradient for one output must have. */
export interface OutputMeta {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Hooks of a node; most nodes have none. */
export interface NodeHooks {
  /** On the tensor that is output `index`; they run first, in order of registration, also when no gradient arrived. */
  readonly tensor: { readonly index: number; readonly run: (grad: Tensor | null) => Tensor | null }[];
  /** Tensors whose `.grad` keeps what arrives, after all tensor hooks. */
  readonly retain: { readonly owner: Tensor; readonly index: number; readonly keep: (grad: Tensor) => void }[];
  readonly before: NodePreHook[];
  readonly after: NodeHook[];
}

let nextSequence = 1;

/**
 * One step of backward: takes the gradients of its outputs, gives those of its inputs. Edges lead from here toward the
 * leaves. A node is always younger than every node it leads to, so higher sequence numbers run first.
 */
export abstract class Node {
  // What a constructor writes is only declared, here and in other small classes: JavaScript would write it twice otherwise. And V8 does not inline
  // the constructor of a base class that has fields with values.
  /** `MulBackward0` */
  declare readonly name: string;
  /** Order of creation. */
  declare readonly sequence: number;
  /** The call expression that made it. */
  declare readonly site: number;
  /** Per input: the node its gradient goes to, or null when it needs none. */
  declare readonly next: (Node | null)[];
  /** Per input: which output of that node it is. */
  declare readonly nextIndex: number[];
  /** Per output of the forward op: what its gradient looks like. */
  declare outputs: OutputMeta[];
  /** What was registered on it; null for most nodes. */
  declare hooks: NodeHooks | null;
  /** Free for users: PyTorch's `metadata` dict. */
  declare metadata: Record<string, unknown> | null;
  /** What the running backward keeps about this node; a stack, because backward can run inside backward. */
  declare state: NodeState | null;

  constructor(name: string, next: (Node | null)[], nextIndex: number[], outputs: OutputMeta[] = []) {
    this.name = name;
    this.sequence = nextSequence++;
    this.site = site.current;
    this.next = next;
    this.nextIndex = nextIndex;
    this.outputs = outputs;
    this.hooks = null;
    this.metadata = null;
    this.state = null;
    if (anomaly.enabled) rememberOrigin(this);
  }

  /** The gradients of the inputs. `needed(i)` is false where there is an edge and nobody asks. Never changes its argument. */
  abstract run(gradOutputs: Gradients, needed: (input: number) => boolean): Gradients;

  /** Whether it runs even when no gradient arrived: a custom Function sees zeros then. */
  get runsOnNothing(): boolean {
    return false;
  }

  /** What it keeps for `run`: tensors, and whatever hooks made of them. */
  get kept(): readonly unknown[] {
    return [];
  }

  /** Per kept tensor: the version of its storage when it was kept. */
  get keptVersions(): readonly number[] {
    return [];
  }

  /** What the user may call a kept tensor: as the op names it. */
  keptName(index: number): string {
    return `savedTensors[${index}]`;
  }

  /** Forgets saved tensors, after which running it again is an error if it had any. */
  release(): void {}

  /** As in PyTorch: pairs of a node and the number of its output. */
  get nextFunctions(): [Node | null, number][] {
    return this.next.map((node, i) => [node, this.nextIndex[i]]);
  }

  /** Runs before the node, with the gradients of its outputs; what it returns replaces them. */
  registerPrehook(hook: NodePreHook): RemovableHandle {
    return register(hooksOf(this).before, hook);
  }

  /** Runs after the node, with the gradients of inputs and outputs; what it returns replaces the first. */
  registerHook(hook: NodeHook): RemovableHandle {
    return register(hooksOf(this).after, hook);
  }

  /** `<MulBackward0>` */
  toString(): string {
    return `<${this.name}>`;
  }
}

/** What one backward pass keeps about a node. */
export interface NodeState {
  readonly pass: number;
  /** Consumers that have not run yet. */
  waiting: number;
  grads: Gradients;
  /** Whether a gradient that somebody asked for lies this way. */
  needed: boolean;
  /** Where to leave the gradient when the node is one of `inputs`. */
  capture: { readonly index: number; readonly slot: number }[] | null;
  readonly outer: NodeState | null;
}

/** A list of `n` equal values; most ops have one to three inputs, and a literal is the cheapest list there is. */
export function filled<T>(value: T, n: number): T[] {
  if (n === 1) return [value];
  if (n === 2) return [value, value];
  return n === 3 ? [value, value, value] : new Array<T>(n).fill(value);
}

export function hooksOf(node: Node): NodeHooks {
  node.hooks ??= { tensor: [], retain: [], before: [], after: [] };
  return node.hooks;
}

/** Adds to a list and gives the handle that takes it out again. */
export function register<T>(list: T[], entry: T, first = false): RemovableHandle {
  if (first) list.unshift(entry);
  else list.push(entry);
  return {
    remove() {
      const at = list.indexOf(entry);
      if (at !== -1) list.splice(at, 1);
    },
  };
}
