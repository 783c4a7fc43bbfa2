import { apply, applyBinary } from "../autograd/dispatch.ts";
import { empty, type Tensor } from "../autograd/tensor.ts";
import { type DType, isFloat } from "../base/dtype.ts";
import { checkOptions, DTypeError } from "../base/errors.ts";
import * as kernels from "../kernels/choice.ts";
import { binary, general } from "./define.ts";
import { notImplementedFor } from "./notImplemented.ts";
import { asOperand, checkOperand, checkTensor, type Operand, resultType } from "./promotion.ts";
import { normal, positive } from "./samples.ts";
import { shapeOf } from "./where.ts";

const lerpOp = binary<{ readonly weight: number }>()({
  name: "lerp",
  summary: "Point between two tensors' elements, by a number.",
  forward: (a, b, out, { weight }) => kernels.lerp(a, b, weight, out),
  backward: { a: ({ grad, attrs }) => grad.mul(1 - attrs.weight), b: ({ grad, attrs }) => grad.mul(attrs.weight) },
  accepts: [
    normal([[2, 3], [3]], 0.3),
    normal(
      [
        [2, 3],
        [2, 3],
      ],
      0.8,
    ),
  ],
  rejects: [
    normal(
      [
        [2, 3],
        [2, 4],
      ],
      0.3,
    ),
  ],
});

const lerpTensorOp = general()({
  name: "lerp",
  overload: "tensor",
  node: "LerpBackward1",
  summary: "Point between two tensors' elements, by a third one's.",
  inputs: ["a", "b", "weight"],
  saves: { a: ["weight"], b: ["weight"], weight: ["a", "b"] },
  forward: ([a, b, weight]) => three("lerp", kernels.lerp, a, b, weight),
  backward: {
    a: ({ grad, weight }) => grad.mul(weight.neg().add(1)),
    b: ({ grad, weight }) => grad.mul(weight),
    weight: ({ grad, a, b }) => grad.mul(b.sub(a)),
  },
  accepts: [normal([[2, 3], [3], [2, 1]])],
  rejects: [normal([[2, 3], [2, 3], [2]])],
});

function three(
  op: string,
  kernel: typeof kernels.lerp,
  a: Tensor | null,
  b: Tensor | null,
  c: Tensor | null,
  factor = 1,
): Tensor {
  const operands = [a as Tensor, b as Tensor, c as Tensor] as const;
  const out = empty(shapeOf(op, operands), operands[0].dtype);
  kernel(...operands, out, factor);
  return out;
}

/** self + weight · (end − self): from `self` at 0 to `end` at 1. */
export const lerp: (self: Tensor, end: Tensor, weight: Operand) => Tensor = (self, end, by) => {
  checkTensor("lerp", "end", end);
  checkOperand("lerp", "weight", by);
  checkSame("end", end, self);
  if (!isFloat(self.dtype)) throw notImplementedFor("lerp", self.dtype);
  if (typeof by === "object") checkSame("weight", by, self);
  const weight = asOperand(by, self);
  if (typeof weight === "number") return applyBinary(lerpOp, self, end, { weight });
  return apply(lerpTensorOp, together("lerp", self, end, weight), undefined);
};

function checkSame(name: string, operand: Tensor, { dtype }: Tensor): void {
  if (operand.dtype === dtype) return;
  throw new DTypeError(
    "lerp",
    `expected dtype ${dtype} for \`${name}\` but got dtype ${operand.dtype}. Convert it with .to("${dtype}").`,
  );
}

/** Options of `addcmul` and `addcdiv`. */
export interface ValueOptions {
  /** Factor of the product or quotient. Default 1. */
  readonly value?: number;
}

interface Factor {
  readonly value: number;
}

const addcmulOp = general<Factor>()({
  name: "addcmul",
  summary: "Sum of a tensor and the product of two others.",
  inputs: ["self", "a", "b"],
  saves: { a: ["b"], b: ["a"] },
  forward: ([self, a, b], { value }) => three("addcmul", kernels.addcmul, self, a, b, value),
  backward: {
    self: ({ grad }) => grad,
    a: ({ grad, b, attrs }) => grad.mul(b.mul(attrs.value)),
    b: ({ grad, a, attrs }) => grad.mul(a.mul(attrs.value)),
  },
  accepts: [normal([[2, 3], [2, 1], [3]]), normal([[2], [2], [2]], { value: -0.7 })],
  rejects: [normal([[2, 3], [2, 3], [2]])],
});

/** self + value · a · b */
export const addcmul: (self: Tensor, a: Tensor, b: Tensor, options?: ValueOptions) => Tensor = (
  self,
  a,
  b,
  options,
) => {
  const operands = together("addcmul", self, a, b);
  const [{ dtype }] = operands;
  if (dtype === "bool") throw notImplementedFor("addcmul", dtype);
  return apply(addcmulOp, operands, factor("addcmul", dtype, options));
};

const addcdivOp = general<Factor>()({
  name: "addcdiv",
  summary: "Sum of a tensor and the quotient of two others.",
  inputs: ["self", "a", "b"],
  saves: { a: ["b"], b: ["a", "b"] },
  forward: ([self, a, b], { value }) => three("addcdiv", kernels.addcdiv, self, a, b, value),
  backward: {
    self: ({ grad }) => grad,
    a: ({ grad, b, attrs }) => grad.mul(attrs.value).div(b),
    b: ({ grad, a, b, attrs }) => grad.neg().mul(a.mul(attrs.value).div(b.mul(b))),
  },
  accepts: [positive([[2, 3], [2, 1], [3]]), positive([[2], [2], [2]], { value: -0.7 })],
  rejects: [normal([[2, 3], [2, 3], [2]])],
});

/** self + value · a / b */
export const addcdiv: (self: Tensor, a: Tensor, b: Tensor, options?: ValueOptions) => Tensor = (
  self,
  a,
  b,
  options,
) => {
  const operands = together("addcdiv", self, a, b);
  if (!isFloat(operands[0].dtype) || (!isFloat(a.dtype) && !isFloat(b.dtype))) {
    throw new DTypeError("addcdiv", "integer division with addcdiv is not supported. Convert to float32 first.");
  }
  return apply(addcdivOp, operands, factor("addcdiv", operands[0].dtype, options));
};

function factor(op: string, dtype: DType, options: ValueOptions | undefined): Factor {
  checkOptions(op, options, ["value"]);
  const value = options?.value ?? 1;
  return { value: isFloat(dtype) ? value : Math.trunc(value) };
}

/** The operands in the dtype they meet in. */
function together(op: string, ...operands: readonly [Tensor, Tensor, Tensor]): Tensor[] {
  operands.forEach((operand, i) => {
    checkTensor(op, ["self", "first operand", "second operand"][i], operand);
  });
  const dtype = resultType(...operands);
  return operands.map((operand) => operand.to(dtype));
}
