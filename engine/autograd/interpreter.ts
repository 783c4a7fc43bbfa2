import type { BinaryOp, GeneralOp, UnaryOp, ViewOp } from "../ops/op.ts";
import type { Gradients, Node } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/** Runs ops, and nodes in backward, in another way than one call of their code. */
export interface Interpreter {
  unary<A>(op: UnaryOp<A>, x: Tensor, attrs: A): Tensor;
  binary<A>(op: BinaryOp<A>, a: Tensor | number, b: Tensor | number, attrs: A): Tensor;
  view<A>(op: ViewOp<A>, x: Tensor, attrs: A): Tensor;
  general<A>(op: GeneralOp<A>, inputs: readonly (Tensor | null)[], attrs: A): readonly Tensor[];
  node(node: Node, grads: Gradients, needed: (input: number) => boolean): Gradients;
}

/** Who interprets ops now; null nearly always. */
export const interpreting: { by: Interpreter | null } = { by: null };

export function interpreted<R>(by: Interpreter | null, run: () => R): R {
  const outer = interpreting.by;
  interpreting.by = by;
  try {
    return run();
  } finally {
    interpreting.by = outer;
  }
}
