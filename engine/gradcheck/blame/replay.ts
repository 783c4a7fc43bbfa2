import { applyAll, applyBinary, applyUnary, applyView } from "../../autograd/dispatch.ts";
import { fromBuffer, Tensor } from "../../autograd/tensor.ts";
import { isFloat } from "../../base/dtype.ts";
import type { BinaryOp, GeneralOp, UnaryOp, ViewOp } from "../../ops/op.ts";
import type { Checked } from "../jacobian.ts";
import type { TapedOp } from "./tape.ts";

/** An op of a tape as a function of those of its inputs that get a gradient. */
export interface Replay {
  readonly fn: Checked;
  /** The recorded values in double precision, requiring grad. */
  readonly inputs: readonly Tensor[];
  /** Which argument of the op each input is. */
  readonly positions: readonly number[];
}

/** Null when the op cannot be run again as it was: something it read is gone, or nobody knows how it is called. */
export function replayOf({ event, operands }: TapedOp): Replay | null {
  const { node, inputs } = event;
  if (node === null || inputs.some((x, i) => x instanceof Tensor && operands[i] === null)) return null;
  const positions: number[] = [];
  const leaves: Tensor[] = [];
  const fixed = operands.map((operand, i): unknown => {
    if (operand === null) return event.call === undefined ? inputs[i] : event.call.args[i];
    const { values, shape, dtype } = operand;
    if (!isFloat(dtype)) return fromBuffer(values.slice(), shape, "float64").to(dtype);
    const double = fromBuffer(values.slice(), shape, "float64");
    if ((node.next[i] ?? null) === null) return double;
    positions.push(i);
    leaves.push(double.requiresGrad_());
    return double;
  });
  if (leaves.length === 0) return null;
  const run = runner(event);
  if (run === null) return null;
  const fn: Checked = (...xs) => {
    const args = [...fixed];
    positions.forEach((at, i) => {
      args[at] = xs[i];
    });
    return run(args);
  };
  return { fn, inputs: leaves, positions };
}

type Run = (args: unknown[]) => Tensor | readonly Tensor[];

function runner({ op, call, attrs }: TapedOp["event"]): Run | null {
  if (call !== undefined) return (args) => call.forward(...args) as Tensor | readonly Tensor[];
  if (op === null) return null;
  if ("geometry" in op) return ([x]) => applyView(op as ViewOp, x as Tensor, attrs);
  if (!("dtype" in op)) return (args) => applyAll(op as GeneralOp, args as (Tensor | null)[], attrs);
  return op.inputs.length === 1
    ? ([x]) => applyUnary(op as UnaryOp, x as Tensor, attrs)
    : ([a, b]) => applyBinary(op as BinaryOp, a as Tensor | number, b as Tensor | number, attrs);
}
