import type { BinaryOp, GeneralOp, UnaryOp, ViewOp } from "../ops/op.ts";
import type { Gradients, Node } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/** Runs ops and nodes in another way than one call of their code; null leaves a call to those who always do it. */
export interface Interpreter {
  unary<A>(op: UnaryOp<A>, x: Tensor, attrs: A): Tensor | null;
  binary<A>(op: BinaryOp<A>, a: Tensor | number, b: Tensor | number, attrs: A): Tensor | null;
  view<A>(op: ViewOp<A>, x: Tensor, attrs: A): Tensor | null;
  general<A>(op: GeneralOp<A>, inputs: readonly (Tensor | null)[], attrs: A): readonly Tensor[] | null;
  /** What a node hands on in backward. */
  node(node: Node, grads: Gradients, needed: (input: number) => boolean): Gradients;
}

/** Who interprets ops now; null nearly always. */
export const interpreting: { by: Interpreter | null } = { by: null };
