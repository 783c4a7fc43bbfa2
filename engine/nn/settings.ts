import { empty } from "../autograd/tensor.ts";
import { readArguments } from "../base/arguments.ts";
import type { DType } from "../base/dtype.ts";
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

/** A parameter of zeros, for an initialisation to fill. */
export const newParameter = (shape: Shape, dtype: DType): Parameter => new Parameter(empty(shape, dtype));
