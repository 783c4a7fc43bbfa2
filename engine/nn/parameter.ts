import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError, checkOptions } from "../base/errors.ts";

/** A tensor that a module finds among its properties and an optimizer changes. */
export interface Parameter extends Tensor {
  readonly isParameter: true;
}

/** Options of `nn.Parameter`. */
export interface ParameterOptions {
  /** Default true. */
  readonly requiresGrad?: boolean | undefined;
}

interface ParameterConstructor {
  /** A leaf on the elements of `data`, outside the graph `data` may be in. The storage is shared. */
  new (data: Tensor, options?: ParameterOptions): Parameter;
  readonly prototype: Tensor;
}

/**
 * Makes parameters. They are plain tensors with a mark, so that ops meet one kind of object only; `instanceof
 * nn.Parameter` asks for the mark.
 */
export const Parameter: ParameterConstructor = Object.defineProperties(makeParameter, {
  name: { value: "Parameter" },
  prototype: { value: Tensor.prototype },
  [Symbol.hasInstance]: { value: isParameter },
}) as unknown as ParameterConstructor;

function makeParameter(data: Tensor, options: ParameterOptions = {}): Parameter {
  if (!(data instanceof Tensor))
    throw new ArgumentError("Parameter", `expected a tensor, but got ${data === null ? "null" : typeof data}`);
  checkOptions("Parameter", options, ["requiresGrad"]);
  const parameter = new Tensor(data.storage, data.shape, data.strides, data.offset, data.dtype, data.dense);
  parameter.isParameter = true;
  if (options.requiresGrad ?? true) parameter.requiresGrad_();
  return parameter as Parameter;
}

/** Whether a value is a parameter. */
export function isParameter(value: unknown): value is Parameter {
  return value instanceof Tensor && value.isParameter;
}
