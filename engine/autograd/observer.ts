import type { Shape } from "../base/shape.ts";
import type { Op } from "../ops/op.ts";
import type { Gradients, Node } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The one seam between the engine and whoever watches it. Every method is told after the fact, sees live objects and
 * must not change them. Times are milliseconds of `performance.now()`.
 */
export interface Observer {
  /** An op ran. In-place ops give their first input as output. `node` is null when no graph was recorded. */
  op(event: OpEvent): void;
  /** A backward pass begins; `roots` are where gradients start, null for an edge whose tensor is gone. */
  backwardStart(roots: readonly (Tensor | null)[], gradients: Gradients, request: BackwardRequest): void;
  /** `captured` are the gradients that `grad` returns, those of `request.inputs` in their order; `backward` returns none. */
  backwardEnd(error: unknown, captured: Gradients): void;
  /** A backward pass did not begin: its roots have no graph, or no gradient to start from. */
  refused?(roots: readonly (Tensor | null)[], error: unknown): void;
  /** A node of backward threw. What it saved is still as the node found it. */
  failed?(node: Node, error: unknown): void;
  /** A node of backward ran. */
  node(node: Node, gradOutputs: Gradients, gradInputs: Gradients, start: number, end: number): void;
  /** A gradient reached a leaf (or a tensor that retains its gradient) and is now in its `.grad`. */
  accumulate(tensor: Tensor, incoming: Tensor): void;
  /** A hook ran; `after` is null when it changed nothing. */
  hook(kind: string, target: Node | Tensor, before: Tensor | null, after: Tensor | null): void;
  /** `optimizer.step()` begins or ends. */
  optimizerStart(optimizer: object, name: string): void;
  optimizerEnd(optimizer: object): void;
  zeroGrad(owner: object): void;
  /** Gradients were clipped to a limit; `norm` is their total norm before, or null when elements were clipped one by one. */
  clip?(gradients: readonly Tensor[], limit: number, norm: number | null): void;
  /** Elements left the graph as plain numbers, or (`copy`) as a tensor made from them. */
  read?(source: Tensor, how: ReadManner, copy: Tensor | null): void;
  /** `setGradEnabled(flag)` switched recording on or off from here on. */
  gradMode?(enabled: boolean): void;
  /** A module's forward, or `recordFunction(name, …)`, begins or ends. */
  scopeStart(owner: object | null, name: string): void;
  scopeEnd(): void;
  /** A gradcheck begins: one that never comes to its end is known by this alone. */
  gradcheckStart?(name: string, site: number): void;
  /** A gradcheck came to its result. */
  gradcheck(report: GradcheckReport): void;
}

/** How elements were read: by a method of that name, or as data of `tensor()`; `grad` of a non-leaf that has none. */
export type ReadManner = "item" | "tolist" | "toArray" | "data" | "tensor" | "grad";

/** What a backward pass was asked for. */
export interface BackwardRequest {
  /** The tensors whose gradients are wanted, null for an edge whose tensor is gone; null for all leaves. */
  readonly inputs: readonly (Tensor | null)[] | null;
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
}

/** What is wrong with a gradient; the last three are no fault of its formula. */
export type GradcheckCause =
  | "sign"
  | "transposed"
  | "factor"
  | "missing-sum"
  | "missing-term"
  | "undefined-grad"
  | "nondeterministic"
  | "kink"
  | "float32"
  | "step-size";

/** What a gradcheck found. */
export interface GradcheckReport {
  /** `gradcheck` or `gradgradcheck`, and the function's name where it has one. */
  readonly name: string;
  /** The call expression that asked for it. */
  readonly site: number;
  readonly passed: boolean;
  /** Largest |analytical − numerical| over all Jacobians. */
  readonly maxAbsError: number;
  /** Largest |analytical − numerical| / |numerical|. */
  readonly maxRelError: number;
  /** The entry farthest beyond the tolerance, or null when none is. */
  readonly worst: JacobianEntry | null;
  /** What failed, in words, a sentence about the cause first; null when it passed. */
  readonly diagnosis: string | null;
  /** What to do about the cause, as a sentence that the diagnosis holds; null where nothing can be advised. */
  readonly advice: string | null;
  /** Null when it passed, or when the cause is not known. */
  readonly cause: GradcheckCause | null;
  readonly blame: GradcheckBlame | null;
  /** Step of the finite differences, and what they may differ by: |a − n| ≤ atol + rtol·|n|. */
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  readonly pairs: readonly JacobianPair[];
}

/** The op, custom Function or hook whose backward is wrong. */
export interface GradcheckBlame {
  readonly op: string;
  /** The call expression that computes the wrong gradient, else the one that ran the op forward. */
  readonly site: number;
}

/** One entry of a Jacobian: row counts elements of the input, col those of the output. */
export interface JacobianEntry {
  readonly output: number;
  readonly input: number;
  readonly row: number;
  readonly col: number;
  readonly analytical: number;
  readonly numerical: number;
}

/** Both Jacobians of one output with respect to one input, row-major [elements of input, elements of output]. */
export interface JacobianPair {
  readonly output: number;
  readonly input: number;
  readonly rows: number;
  readonly cols: number;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly analytical: Float64Array;
  readonly numerical: Float64Array;
  /** Measured only when the check failed. */
  readonly slopes: PairSlopes | null;
}

/** Slopes at several steps, each row-major like the Jacobians; NaN in rows that were not measured. */
export interface PairSlopes {
  /** Ascending; the middle one is the check's own. */
  readonly steps: readonly number[];
  /** Central differences, one per step. */
  readonly central: readonly Float64Array[];
  /** One-sided differences at the check's own step: (f(x+ε) − f(x)) / ε and (f(x) − f(x−ε)) / ε. */
  readonly above: Float64Array;
  readonly below: Float64Array;
  /** The same at the smallest step. */
  readonly closeAbove: Float64Array;
  readonly closeBelow: Float64Array;
}

/** A call of a custom Function, as it can be made again. */
export interface FunctionCall {
  readonly forward: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
}

export interface OpEvent {
  /** Null for a custom Function. */
  readonly op: Op | null;
  /** Public name, with a trailing underscore when in place. */
  readonly name: string;
  /** What a drawing writes for it: `×`. */
  readonly symbol: string;
  readonly inputs: readonly (Tensor | number | null)[];
  readonly outputs: readonly Tensor[];
  readonly attrs: unknown;
  /** Of a custom Function. */
  readonly call?: FunctionCall;
  readonly node: Node | null;
  readonly start: number;
  readonly end: number;
}

/** Who watches, or null. Silenced inside backward's own formulas, which are reported as nodes. */
export const watch: { observer: Observer | null } = { observer: null };

/** Runs code of the engine of which nobody is to hear. */
export function unseen<R>(work: () => R): R {
  const { observer } = watch;
  watch.observer = null;
  try {
    return work();
  } finally {
    watch.observer = observer;
  }
}

/** Sets who watches the engine; null ends watching. Returns who watched before. */
export function observe(observer: Observer | null): Observer | null {
  const before = watch.observer;
  watch.observer = observer;
  return before;
}
