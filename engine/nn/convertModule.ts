import type { Tensor } from "../autograd/tensor.ts";
import { checkDType, type DType, isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Module } from "./module.ts";
import { ownBuffers, ownParameters, setProperty } from "./own.ts";
import { setData } from "./setData.ts";
import { isUninitialized, uninitialize } from "./uninitialized.ts";

/** A dtype, in an options object or not, or a device, of which there is one. */
export type Target = DType | "cpu" | { readonly dtype?: DType | undefined; readonly device?: string | undefined };

/** The dtype that is asked for, or null for none. */
export function targetOf(target: Target): DType | null {
  if (typeof target === "object") {
    if (target.device !== undefined) checkDevice(target.device);
    return target.dtype === undefined ? null : targetOf(target.dtype);
  }
  if (/^(cpu|cuda|mps|xpu)(:\d+)?$/.test(target)) {
    checkDevice(target);
    return null;
  }
  const dtype = checkDType("to", target);
  if (!isFloat(dtype)) {
    throw new ArgumentError("to", `nn.Module.to only accepts floating point dtypes, but got desired dtype=${dtype}`);
  }
  return dtype;
}

function checkDevice(device: string): void {
  if (device !== "cpu") throw new ArgumentError("to", `there is no device '${device}': everything runs on the CPU`);
}

/** Converts parameters and buffers of floating point. */
export function convert(module: Module, dtype: DType): void {
  for (const [, parameter] of ownParameters(module)) convertParameter(parameter, dtype);
  for (const [name, buffer] of ownBuffers(module)) {
    if (!isFloat(buffer.dtype)) continue;
    const converted = buffer.detach().to(dtype);
    if (isUninitialized(buffer)) uninitialize(converted);
    setProperty(module, name, converted);
  }
}

function convertParameter(parameter: Tensor, dtype: DType): void {
  if (!isFloat(parameter.dtype) || parameter.dtype === dtype) return;
  const { grad } = parameter;
  parameter.grad = null;
  setData(parameter, parameter.detach().to(dtype));
  if (grad !== null) parameter.grad = grad.detach().to(dtype);
}
