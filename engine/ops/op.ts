import type { Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Operand } from "../kernels/operand.ts";
import type { Hazard } from "./hazards.ts";
import type { Sample } from "./samples.ts";

/** What every op tells about itself. Dispatch, graph, gradcheck sweep, profiler, alerts and `docs/ops.md` all read it. */
export interface Op {
  /** Public name: `mul`. */
  readonly name: string;
  /** Name of its node in the graph: `MulBackward0`. */
  readonly node: string;
  /** One sentence. */
  readonly summary: string;
  /** What a drawing writes in its pill: `×`. */
  readonly symbol: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of the inputs and outputs that backward may see. */
  readonly saves: readonly string[];
  /** Position in `inputs`, or -1 - position in `outputs`, of each saved name. */
  readonly savedAt: readonly number[];
  /** Per input: a bit for each saved name that its formula reads; null when every formula may read all. */
  readonly slotsRead: readonly number[] | null;
  /** Per input: its derivative formula, or null where it is not differentiable. */
  readonly formulas: readonly (Formula | null)[];
  /** Whether any input has a formula. */
  readonly differentiable: boolean;
  /** Makes what formulas see: getters for the saved names over a node. */
  readonly context: new (
    node: SavedSource,
    grads: readonly (Tensor | null)[],
    needed: (input: number) => boolean,
  ) => BaseContext;
  /** Floating-point operations of one call, roughly: an exponential counts as one, moving numbers as none. */
  readonly flops: Flops;
  /** Where it makes NaN or Inf. */
  readonly hazards: readonly Hazard[];
  readonly accepts: readonly Sample[];
  readonly rejects: readonly Sample[];
}

/** Element by element, one input. */
export interface UnaryOp<A = unknown> extends Op {
  /** Of the result: as the input's, float32 for integers, or always bool. */
  readonly dtype: "same" | "float" | "bool";
  readonly forward: (x: Operand, out: Operand, attrs: A) => void;
}

/** Element by element, two inputs that broadcast; either may be a plain number. */
export interface BinaryOp<A = unknown> extends Op {
  /** Of the result: the promoted type, float32 when that is an integer, or always bool. */
  readonly dtype: "same" | "float" | "bool";
  readonly forward: (a: Operand | number, b: Operand | number, out: Operand, attrs: A) => void;
}

/** Another window on the same storage. */
export interface ViewOp<A = unknown> extends Op {
  readonly geometry: (x: Tensor, attrs: A) => Geometry;
}

export const isViewOp = (op: Op): op is ViewOp => "geometry" in op;

/** Anything else: checks its inputs, makes its outputs, fills them. */
export interface GeneralOp<A = unknown> extends Op {
  readonly forward: (inputs: readonly (Tensor | null)[], attrs: A) => Tensor | readonly Tensor[];
  /** How it runs on many inputs at once; null when it runs on each. */
  readonly onBatch: BatchingRule<A> | null;
}

/**
 * One call instead of many: inputs that the batch `has` come with one more dimension in front, of its size, and so go all
 * outputs. Written in differentiable ops, since a graph may be wanted of it. Null where these inputs need many calls.
 */
export type BatchingRule<A> = (
  inputs: readonly (Tensor | null)[],
  attrs: A,
  batch: Batch<A>,
) => Tensor | readonly Tensor[] | null;

export interface Batch<A> {
  readonly size: number;
  has(input: number): boolean;
  /** The op itself. */
  run(inputs: readonly (Tensor | null)[], attrs: A): readonly Tensor[];
}

export interface Geometry {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A node as formulas need it. */
export interface SavedSource {
  readonly attrs: unknown;
  inputMeta(input: number): { readonly shape: Shape; readonly dtype: DType };
  /** Whether the gradient of an input goes anywhere. */
  leadsOn(input: number): boolean;
  unpack(slot: number): Tensor | number | null;
  /** Whether hooks unpack it. */
  isPacked(slot: number): boolean;
}

/** What every formula may read. */
export interface BaseContext {
  /** Gradient of the (first) output. */
  readonly grad: Tensor;
  /** Gradients of all outputs; null where nothing flowed back. */
  readonly grads: readonly (Tensor | null)[];
  readonly attrs: unknown;
  /** Shape and dtype of input `i`, for inputs whose gradient is asked for. */
  input(i: number): { readonly shape: Shape; readonly dtype: DType };
}

/**
 * The derivative of one input: its gradient, given those of the outputs. Written in differentiable ops. `input` tells
 * apart the inputs of an op that takes any number of them: those past the last formula share it.
 */
export type Formula = (context: BaseContext, input: number) => Tensor | null;

/** From what an op took and made to its floating-point operations. */
export type Flops = (inputs: readonly (Tensor | number | null)[], outputs: readonly Tensor[]) => number;

/** All ops by public name (and overload: `pow.scalar`), in order of definition. */
export const ops = new Map<string, Op>();
