import { Tensor } from "../autograd/tensor.ts";
import { AutogradError } from "../base/errors.ts";
import { Buffer, isBuffer } from "./buffer.ts";
import type { Module } from "./module.ts";
import { isModule, type Own, own } from "./own.ts";
import { Parameter } from "./parameter.ts";
import { copyStateHooks } from "./stateHooks.ts";
import { isUninitialized, uninitialize } from "./uninitialized.ts";

/**
 * A deep copy, as by Python's `copy.deepcopy`: modules, parameters and buffers of its own with the same values; what is
 * shared stays shared. Functions are shared with the original.
 */
export function deepcopy<M extends Module>(module: M): M {
  return copyValue(module, new Map()) as M;
}

type Copies = Map<object, unknown>;

function copyValue(value: unknown, copies: Copies): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (value instanceof Tensor) return remember(copies, value, copyTensor(value));
  if (isModule(value)) return copyModule(value, copies);
  if (Array.isArray(value)) {
    const list: unknown[] = remember(copies, value, []);
    for (const item of value) list.push(copyValue(item, copies));
    return list;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return copyProperties(value, remember(copies, value, {}), copies);
}

function copyModule(module: Module, copies: Copies): Module {
  const copy = remember(copies, module, Object.create(Object.getPrototypeOf(module)) as Module);
  const { buffers, parameterNames, hooks, stateHooks } = module[own];
  const owned: Own = {
    buffers: new Map(buffers),
    parameterNames: new Set(parameterNames),
    standIns: new Set(),
    hooks:
      hooks === null
        ? null
        : {
            forwardPre: [...hooks.forwardPre],
            forward: [...hooks.forward],
            backwardPre: [...hooks.backwardPre],
            backward: [...hooks.backward],
          },
    stateHooks: copyStateHooks(stateHooks),
    name: null,
  };
  Object.defineProperty(copy, own, { value: owned });
  return copyProperties(module, copy, copies);
}

function copyProperties<T extends object>(from: object, to: T, copies: Copies): T {
  for (const [name, value] of Object.entries(from)) {
    Object.defineProperty(to, name, {
      value: copyValue(value, copies),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return to;
}

function copyTensor(x: Tensor): Tensor {
  if (!x.isLeaf) {
    throw new AutogradError(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment: a module holds the result of an op as a property. Detach it first.",
    );
  }
  const values = x.detach().clone();
  const copy = sameKind(x, values.requiresGrad_(x.requiresGrad));
  if (isUninitialized(x)) uninitialize(copy);
  copy.name = x.name;
  copy.grad = x.grad?.detach().clone() ?? null;
  return copy;
}

/** The values as what the original is: a parameter, a buffer or neither. */
function sameKind(original: Tensor, values: Tensor): Tensor {
  if (original.isParameter) return new Parameter(values, { requiresGrad: original.requiresGrad });
  return isBuffer(original) ? new Buffer(values, { persistent: original.persistent }) : values;
}

function remember<T>(copies: Copies, original: object, copy: T): T {
  copies.set(original, copy);
  return copy;
}
