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
  /** Asked before something that cannot be done in another way: throws, so that all is done once more in the plain one. */
  giveUp(): never;
  /** The same where `x` is of the interpreter's own kind. */
  refuse(x: Tensor): void;
  /** The same where it also has a graph elsewhere, of which `x` itself cannot tell; else false. */
  tracks(x: Tensor): boolean;
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
