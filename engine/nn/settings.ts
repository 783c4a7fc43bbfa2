import { empty } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { withDefaults } from "../base/options.ts";
import type { Shape } from "../base/shape.ts";
import { Parameter } from "./parameter.ts";

/**
 * What a constructor's optional arguments say, given in the order of `defaults`, by name in a trailing options object, or
 * both.
 */
export function settings<O extends object>(op: string, args: readonly unknown[], defaults: O): O {
  const names = Object.keys(defaults) as (keyof O & string)[];
  return withDefaults(op, readArguments<Partial<O>>(op, args, names), defaults);
}

/**
 * A parameter of zeros, for an initialisation to fill.
 *
 * @throws ArgumentError where a size is no whole number: the layer was not told it, or in the wrong place.
 */
export function newParameter(shape: Shape, dtype: DType): Parameter {
  for (const size of Array.isArray(shape) ? shape : [shape]) {
    if (Number.isInteger(size) && size >= 0) continue;
    const got = typeof size === "number" ? String(size) : (JSON.stringify(size) ?? "nothing");
    throw new ArgumentError(
      "Module",
      `sizes of a layer are whole numbers, but got ${got}: they come first, one by one, and options after them, as in new nn.Linear(2, 3, { bias: false })`,
    );
  }
  return new Parameter(empty(shape, dtype));
}
