import { noGrad } from "../autograd/modes.ts";
import { Tensor } from "../autograd/tensor.ts";
import { checkOptions, GradlensError } from "../base/errors.ts";
import { sameShape, showShape } from "../base/shape.ts";
import type { Module } from "./module.ts";
import { ownState } from "./own.ts";
import { setData } from "./setData.ts";
import { collect } from "./tree.ts";
import { isUninitialized, materialize } from "./uninitialized.ts";

/** Tensors by path. */
export type StateDict = { [path: string]: Tensor };

/** Options of `stateDict`. */
export interface StateDictOptions {
  /** What paths begin with. */
  readonly prefix?: string | undefined;
  /** Give the tensors themselves, with their graph. */
  readonly keepVars?: boolean | undefined;
}

/** Options of `loadStateDict`. */
export interface LoadOptions {
  /** Throw when keys are missing or unexpected. Default true. */
  readonly strict?: boolean | undefined;
  /** Take the tensors over instead of copying their values: dtype included. */
  readonly assign?: boolean | undefined;
}

/** Keys on one side only. */
export interface IncompatibleKeys {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
}

export function saveState(root: Module, options: StateDictOptions): StateDict {
  checkOptions("stateDict", options, ["prefix", "keepVars"]);
  const { prefix = "", keepVars = false } = options;
  const all = collect(root, ownState, { removeDuplicate: false });
  return Object.fromEntries(all.map(([path, tensor]) => [prefix + path, keepVars ? tensor : tensor.detach()]));
}

/** Checks everything first, so that a refused dict has changed nothing. */
export function loadState(root: Module, dict: StateDict, options: LoadOptions): IncompatibleKeys {
  checkOptions("loadStateDict", options, ["strict", "assign"]);
  const { strict = true, assign = false } = options;
  const own = collect(root, ownState, { removeDuplicate: false });
  const known = new Set(own.map(([path]) => path));
  const missingKeys = own.filter(([path]) => !Object.hasOwn(dict, path)).map(([path]) => path);
  const unexpectedKeys = Object.keys(dict).filter((path) => !known.has(path));
  const problems = own.flatMap(([path, tensor]) => (Object.hasOwn(dict, path) ? misfit(path, tensor, dict[path]) : []));
  if (strict && unexpectedKeys.length > 0)
    problems.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpectedKeys)}.`);
  if (strict && missingKeys.length > 0) problems.unshift(`Missing key(s) in state_dict: ${quoted(missingKeys)}.`);
  if (problems.length > 0) {
    throw new GradlensError(
      `Error(s) in loading state_dict for ${root.constructor.name}:\n\t${problems.join("\n\t")}`,
      "loadStateDict",
    );
  }
  noGrad(() => {
    for (const [path, tensor] of own) if (Object.hasOwn(dict, path)) load(tensor, dict[path], assign);
  });
  return { missingKeys, unexpectedKeys };
}

function misfit(path: string, tensor: Tensor, value: unknown): string[] {
  if (!(value instanceof Tensor))
    return [`the value of "${path}" is not a tensor, but ${value === null ? "null" : typeof value}.`];
  if (isUninitialized(tensor) || sameShape(tensor.shape, value.shape)) return [];
  return [
    `size mismatch for ${path}: copying a param with shape ${showShape(value.shape)} from checkpoint, the shape in current model is ${showShape(tensor.shape)}.`,
  ];
}

function load(tensor: Tensor, value: Tensor, assign: boolean): void {
  if (value.elements > 0) materialize(tensor, value.shape); // of a lazy module that was not called yet
  if (assign) setData(tensor, value.detach());
  else tensor.copy_(value.detach());
}

const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(", ");
