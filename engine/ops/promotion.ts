import { empty, Tensor } from "../autograd/tensor.ts";
import { checkDType, type DType, isFloat, promote } from "../base/dtype.ts";
import { ArgumentError, DTypeError } from "../base/errors.ts";

/** What an op of two takes: tensors, and in place of one of them a number or a boolean. */
export type Operand = Tensor | number | boolean;

/**
 * The dtype that operands meet in: tensors with dimensions decide, unless a 0-d tensor is of a higher category (bool <
 * integer < float), or a plain number or boolean is.
 */
export function resultType(...operands: readonly Operand[]): DType {
  const tiers: (DType | null)[] = [null, null, null];
  for (const operand of operands) {
    const tier = typeof operand !== "object" ? 2 : operand.ndim === 0 ? 1 : 0;
    const dtype = typeof operand !== "object" ? typeOfScalar(operand) : operand.dtype;
    const before = tiers[tier];
    tiers[tier] = before === null ? dtype : promote(before, dtype);
  }
  const [dimensioned, zeroDim, scalar] = tiers;
  return combine(dimensioned, combine(zeroDim, scalar)) ?? "float32";
}

const typeOfScalar = (value: number | boolean): DType =>
  typeof value === "boolean" ? "bool" : Number.isInteger(value) ? "int64" : "float32";
const category = (dtype: DType): number => (dtype === "bool" ? 0 : isFloat(dtype) ? 2 : 1);

function combine(stronger: DType | null, weaker: DType | null): DType | null {
  if (stronger === null || weaker === null) return stronger ?? weaker;
  return category(weaker) > category(stronger) ? weaker : stronger;
}

/**
 * A boolean as arithmetic takes it: 0 or 1; but beside a mask a mask without dimensions, because a number would raise the
 * dtype, and a boolean never does.
 */
export function asOperand(value: Operand, beside: Operand): Tensor | number {
  if (typeof value !== "boolean") return value;
  if (!(beside instanceof Tensor && beside.dtype === "bool")) return Number(value);
  const mask = empty([], "bool");
  mask.storage.values[0] = Number(value);
  return mask;
}

/** The number as the tensor's arithmetic sees it: float32 tensors compute with float32 numbers. */
export function inPrecisionOf(x: Tensor, value: number): number {
  return x.dtype === "float32" || (x.dtype !== "float64" && !Number.isInteger(value)) ? Math.fround(value) : value;
}

/** Checks that a user gave a tensor. */
export function checkTensor(op: string, name: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    throw new ArgumentError(
      op,
      `argument '${name}' must be a Tensor, but got ${shown(value)}. Wrap it with tensor(…).`,
    );
  }
}

/** Checks that a user gave a tensor, a number or a boolean. */
export function checkOperand(op: string, name: string, value: unknown): asserts value is Operand {
  if (typeof value !== "number" && typeof value !== "boolean" && !(value instanceof Tensor)) {
    throw new ArgumentError(op, `argument '${name}' must be a Tensor or a number, but got ${shown(value)}`);
  }
}

const shown = (value: unknown): string =>
  value === null ? "null" : typeof value === "string" ? `'${value}'` : Array.isArray(value) ? "an array" : typeof value;

/** Checks that a mask is one. */
export function checkMask(op: string, name: string, mask: unknown): asserts mask is Tensor {
  checkTensor(op, name, mask);
  if (mask.dtype !== "bool") {
    throw new DTypeError(op, `expected ${name} to be a boolean tensor, but got a tensor with dtype ${mask.dtype}`);
  }
}

/** The dtype of what an op makes of two dtypes. */
export const promoteTypes = (a: DType, b: DType): DType =>
  promote(checkDType("promoteTypes", a), checkDType("promoteTypes", b));

/** Whether a value of one dtype may be written into a tensor of another: floats not into integers, numbers not into masks. */
export const canCast = (from: DType, to: DType): boolean =>
  rank(checkDType("canCast", from)) <= rank(checkDType("canCast", to));

const rank = (dtype: DType): number => (dtype === "bool" ? 0 : isFloat(dtype) ? 2 : 1);
