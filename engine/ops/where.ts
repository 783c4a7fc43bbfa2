import { apply } from "../autograd/dispatch.ts";
import { empty, Tensor } from "../autograd/tensor.ts";
import type { DType } from "../base/dtype.ts";
import { broadcastShapes, type Shape } from "../base/shape.ts";
import * as kernels from "../kernels/choice.ts";
import { broadcasting } from "./batching.ts";
import { general } from "./define.ts";
import { checkMask, checkOperand, checkTensor, type Operand, resultType } from "./promotion.ts";

interface Choice {
  /** The operands that are plain numbers or booleans. */
  readonly x: number | null;
  readonly y: number | null;
  readonly dtype: DType;
}

const whereOp = general<Choice>()({
  name: "where",
  summary: "Elements of one tensor where a condition holds, else of another.",
  inputs: ["condition", "x", "y"],
  saves: ["condition"],
  forward: ([condition, x, y], attrs) => {
    const left = attrs.x ?? (x as Tensor);
    const right = attrs.y ?? (y as Tensor);
    const shape = shapeOf("where", [condition as Tensor, left, right]);
    const out = empty(shape, attrs.dtype);
    kernels.where(condition as Tensor, left, right, out);
    return out;
  },
  onBatch: broadcasting,
  backward: {
    condition: null,
    x: ({ grad, condition }) => where(condition, grad, 0),
    y: ({ grad, condition }) => where(condition, 0, grad),
  },
});

/** The shape that all operands broadcast to. */
export function shapeOf(op: string, operands: readonly (Tensor | number)[]): Shape {
  let shape: Shape = [];
  for (const operand of operands) if (typeof operand !== "number") shape = broadcastShapes(op, shape, operand.shape);
  return shape;
}

/**
 * The elements of `x` where the condition holds, else those of `y`; all three broadcast. Gradients flow to the chosen
 * elements only, but a NaN made on the way to the others comes back through them.
 */
export function where(condition: Tensor, x: Operand, y: Operand): Tensor;
/** Where the condition holds: one index vector per dimension. */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, x?: Operand, y?: Operand): Tensor | Tensor[] {
  if (x === undefined && y === undefined) {
    checkTensor("where", "condition", condition);
    return condition.nonzero({ asTuple: true });
  }
  checkMask("where", "condition", condition);
  checkOperand("where", "x", x);
  checkOperand("where", "y", y);
  const common = resultType(x, y);
  const dtype = x instanceof Tensor || y instanceof Tensor || common === "bool" ? common : "float32";
  const operand = (value: Operand): Tensor | null => (value instanceof Tensor ? value.to(dtype) : null);
  const number = (value: Operand): number | null => (value instanceof Tensor ? null : Number(value));
  return apply(whereOp, [condition, operand(x), operand(y)], { x: number(x), y: number(y), dtype });
}
