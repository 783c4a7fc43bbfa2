import { Tensor } from "../autograd/tensor.ts";
import { ArgumentError } from "../base/errors.ts";
import { isBuffer } from "./buffer.ts";
import type { ModuleHooks } from "./hooks.ts";
import type { Module } from "./module.ts";
import { isParameter, type Parameter } from "./parameter.ts";
import type { StateHooks } from "./stateHooks.ts";

/** What a module knows about itself besides its properties, which belong to the user. */
export interface Own {
  /** Buffers by name, and whether they belong to the state dict. */
  readonly buffers: Map<string, boolean>;
  /** Names that have held a parameter. */
  readonly parameterNames: Set<string>;
  /** Those of them under which a functional call has put a tensor that need not be a parameter. */
  readonly standIns: Set<string>;
  hooks: ModuleHooks | null;
  stateHooks: StateHooks | null;
  /** The property of the parent that holds it, as last seen. */
  name: string | null;
}

/** Where a module keeps it: a symbol is in nobody's way. */
export const own = Symbol("module");

export const nothingOwned = (): Own => ({
  buffers: new Map(),
  parameterNames: new Set(),
  standIns: new Set(),
  hooks: null,
  stateHooks: null,
  name: null,
});

/** Whether a value is a module. */
export const isModule = (value: unknown): value is Module =>
  typeof value === "object" && value !== null && own in value;

/** `[name, thing]`, in the order in which the properties were set. */
export type Named<T> = [name: string, value: T];

/** The modules among the properties, also those that are there twice. */
export function ownModules(module: Module): Named<Module>[] {
  return Object.entries(module).filter((entry): entry is Named<Module> => isModule(entry[1]));
}

/** Throws when a plain tensor stands where a parameter was. */
export function checkParameters(module: Module): void {
  const { parameterNames: known, standIns } = module[own];
  for (const name of known) {
    const value = propertyOf(module, name);
    if (value instanceof Tensor && !value.isParameter && !standIns.has(name)) throw notAParameter(module, name);
  }
}

/** The parameters among the properties. */
export function ownParameters(module: Module): Named<Parameter>[] {
  const { parameterNames: known, standIns } = module[own];
  const found: Named<Parameter>[] = [];
  for (const [name, value] of Object.entries(module)) {
    if (isParameter(value) || (value instanceof Tensor && standIns.has(name))) {
      known.add(name);
      found.push([name, value as Parameter]);
    } else if (known.has(name) && value instanceof Tensor) throw notAParameter(module, name);
  }
  return found;
}

function notAParameter(module: Module, name: string): ArgumentError {
  return new ArgumentError(
    module.constructor.name,
    `cannot assign 'Tensor' as parameter '${name}' (Parameter or null expected): an optimizer holds the parameter that was there before. Change it in place inside noGrad(() => …), or assign new nn.Parameter(…).`,
  );
}

/** The buffers that are there: those that were registered, and those of `nn.Buffer` among the properties. */
export function ownBuffers(module: Module): Named<Tensor>[] {
  learnBuffers(module);
  const found: Named<Tensor>[] = [];
  for (const name of module[own].buffers.keys()) {
    const buffer = propertyOf(module, name);
    if (buffer instanceof Tensor) found.push([name, buffer]);
  }
  return found;
}

/** A name that once held an `nn.Buffer` stays that of a buffer. */
function learnBuffers(module: Module): void {
  for (const [name, value] of Object.entries(module)) {
    if (isBuffer(value)) module[own].buffers.set(name, value.persistent);
  }
}

/** What a state dict holds of a module itself: parameters, then persistent buffers. */
export function ownState(module: Module): Named<Tensor>[] {
  const { buffers } = module[own];
  return [...ownParameters(module), ...ownBuffers(module).filter(([name]) => buffers.get(name))];
}

/** A property by a name that is only known when the program runs. */
export const propertyOf = (module: Module, name: string): unknown =>
  (module as unknown as { [name: string]: unknown })[name];

export function setProperty(module: Module, name: string, value: unknown): void {
  Object.defineProperty(module, name, { value, writable: true, enumerable: true, configurable: true });
}
